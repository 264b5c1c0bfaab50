import fc from 'fast-check';
import { compareRank } from '../../src/store/rank.ts';
import type { VersionRank } from '../../src/store/store.ts';

const at = fc.constantFrom(null, '2024-01-01T00:00:00.000000000Z', '2024-01-01T00:00:00.000000001Z');
const ranks: fc.Arbitrary<VersionRank> = fc.record({
  at,
  number: fc.option(fc.nat({ max: 12 }), { nil: null }),
  hash: fc.constantFrom('0a', '0b', 'ff'),
});

function rank(at: string | null, number: number | null, hash: string): VersionRank {
  return { at, number, hash };
}

describe('compareRank', () => {
  test('undated, then no number, then the number as a number, then the hash', () => {
    const early = '2024-01-01T00:00:00.000000000Z';
    const late = '2024-01-01T00:00:00.000000001Z';
    const ascending = [
      rank(null, null, 'aa'),
      rank(null, null, 'bb'),
      rank(null, 0, 'aa'),
      rank(null, 9, 'aa'),
      rank(null, 10, 'aa'),
      rank(early, null, 'ff'),
      rank(early, 2, '00'),
      rank(early, 11, '00'),
      rank(late, null, '00'),
      rank(late, 1, '00'),
    ];
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) expect(Math.sign(compareRank(a, b))).toBe(Math.sign(i - j));
    }
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(ranks, ranks, ranks, (a, b, c) => {
        expect(Math.sign(compareRank(a, b)) + Math.sign(compareRank(b, a))).toBe(0);
        expect(compareRank(a, b) === 0).toBe(a.at === b.at && a.number === b.number && a.hash === b.hash);
        if (compareRank(a, b) <= 0 && compareRank(b, c) <= 0) expect(compareRank(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('sorting gives the same list from any order', () => {
    fc.assert(
      fc.property(fc.array(ranks), fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list
          .map((value) => ({ value, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ value }) => value);
        expect(shuffled.sort(compareRank)).toEqual([...list].sort(compareRank));
      }),
    );
  });
});
