import { createBreaker } from '../../src/jobs/breaker.ts';

let now: number;
const made = () => {
  now = 1_000_000;
  return createBreaker(
    () => now,
    () => 1,
  );
};

test('opens at the fifth failure in a row; then one alone may ask', () => {
  const breaker = made();
  for (let n = 0; n < 4; n++) breaker.failed(null);
  breaker.worked();
  for (let n = 0; n < 4; n++) breaker.failed(null);
  expect(breaker.mayAsk()).toBe(true);
  breaker.failed(null);
  expect(breaker.mayAsk()).toBe(false);
  now += 1_999;
  expect(breaker.mayAsk()).toBe(false);
  now += 1;
  expect([breaker.mayAsk(), breaker.mayAsk()]).toEqual([true, false]);
  breaker.worked();
  expect([breaker.mayAsk(), breaker.mayAsk()]).toEqual([true, true]);
});

test('a try that fails keeps it open twice as long; one that asked nothing leaves its turn to another', () => {
  const breaker = made();
  breaker.down(null);
  now += 2_000;
  expect([breaker.mayAsk(), breaker.mayAsk()]).toEqual([true, false]);
  breaker.idle();
  expect(breaker.mayAsk()).toBe(true);
  breaker.failed(null);
  now += 3_999;
  expect(breaker.mayAsk()).toBe(false);
  now += 1;
  expect(breaker.mayAsk()).toBe(true);
});

test('what was under way when it opened does not keep it open longer', () => {
  const breaker = made();
  for (let n = 0; n < 9; n++) breaker.failed(null);
  now += 2_000;
  expect(breaker.mayAsk()).toBe(true);
});

test('Retry-After opens it at once, for as long as it says', () => {
  const breaker = made();
  breaker.failed(120_000);
  now += 119_999;
  expect(breaker.mayAsk()).toBe(false);
  now += 1;
  expect(breaker.mayAsk()).toBe(true);
});
