import { createActivity } from '../../src/operations/activity.ts';

test('busy while something goes on, and for a moment after the last of it', () => {
  let now = 1_000;
  const activity = createActivity(() => now);
  expect(activity.busy()).toBe(false);
  const [first, second] = [activity.begin(), activity.begin()];
  first();
  now += 60_000;
  expect(activity.busy()).toBe(true);
  second();
  now += 9;
  expect(activity.busy()).toBe(true);
  now += 1;
  expect(activity.busy()).toBe(false);
});
