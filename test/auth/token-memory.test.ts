import { createTokenMemory } from '../../src/auth/token-memory.ts';

const NOON = Date.parse('2025-06-01T12:00:00Z');
const seconds = NOON / 1_000;
const claims = { sub: 'ya-ehr', exp: seconds + 300 };

test('a token is known again until the second it expires, and no other is', () => {
  let now = NOON;
  const memory = createTokenMemory(() => now);
  expect(memory.recall('a.b.c')).toBeNull();
  memory.keep('a.b.c', claims);
  expect(memory.recall('a.b.c')).toEqual(claims);
  expect([memory.recall('a.b.d'), memory.recall('a.b.'), memory.recall('')]).toEqual([null, null, null]);
  now += 299_999;
  expect(memory.recall('a.b.c')).toEqual(claims);
  now += 1;
  expect(memory.recall('a.b.c')).toBeNull();
  now = NOON;
  expect(memory.recall('a.b.c')).toBeNull();
});

test('a token that does not say when it ends is never known', () => {
  const memory = createTokenMemory(() => NOON);
  memory.keep('a.b.c', { sub: 'ya-ehr' });
  expect(memory.recall('a.b.c')).toBeNull();
});

test('the oldest is forgotten for the newest', () => {
  const memory = createTokenMemory(() => NOON, 2);
  for (const token of ['one', 'two', 'three']) memory.keep(token, claims);
  expect(['one', 'two', 'three'].map((token) => memory.recall(token) !== null)).toEqual([false, true, true]);
});
