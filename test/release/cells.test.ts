import fc from 'fast-check';
import { cell, cells } from '../../src/release/cells.ts';

test('a single count', () => {
  expect([0, 1, 4, 5, 6].map((count) => cell(count, 5))).toEqual([0, '<5', '<5', 5, 6]);
});

test.each([
  [
    { a: 10, b: 7 },
    { a: 10, b: 7 },
  ],
  [
    { a: 10, b: 7, c: 2 },
    { a: 10, b: 'hidden', c: '<5' },
  ],
  [
    { a: 10, b: 3, c: 2 },
    { a: 10, b: '<5', c: '<5' },
  ],
  [
    { a: 10, b: 0, c: 2 },
    { a: 'hidden', b: 0, c: '<5' },
  ],
  [{ a: 2 }, { a: '<5' }],
])('of %j is told %j', (counts, expected) => {
  expect(cells(new Map(Object.entries(counts)), 5)).toEqual(expected);
});

test('no small count is told, nor can it be had from the sum', () => {
  const counts = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.nat(20), { maxKeys: 6 });
  fc.assert(
    fc.property(counts, fc.integer({ min: 2, max: 10 }), (given, smallest) => {
      const told = cells(new Map(Object.entries(given)), smallest);
      const open = Object.entries(told).filter(([, count]) => typeof count === 'number');
      for (const [name, count] of open) expect([name, count]).toEqual([name, given[name]]);
      expect(open.filter(([, count]) => Number(count) > 0 && Number(count) < smallest)).toEqual([]);
      const hidden = Object.keys(told).length - open.length;
      if (Object.values(given).filter((count) => count > 0).length > 1) expect(hidden).not.toBe(1);
    }),
  );
});
