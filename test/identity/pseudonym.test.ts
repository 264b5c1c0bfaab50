import { identifierAlias, idHash } from '../../src/identity/alias.ts';
import { pseudonymFor } from '../../src/identity/pseudonym.ts';

const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(32, 8);

describe('pseudonymFor', () => {
  test('exact values', () => {
    expect(pseudonymFor(KEY, 'patient', 'ya-p-000001')).toBe('jv3uoqk6rwckdabeuyhdmtewvf');
    expect(pseudonymFor(KEY, 'subject', 'ya-p-000001')).toBe('llqh4maodva75fepubeul5vff5');
  });

  test('another key, kind or id gives another pseudonym', () => {
    const all = [KEY, OTHER_KEY].flatMap((key) =>
      (['patient', 'subject'] as const).flatMap((kind) => ['a', 'b', 'A', ''].map((id) => pseudonymFor(key, kind, id))),
    );
    expect(new Set(all).size).toBe(16);
  });

  test('26 characters, every one of the 32 used at every place about as often', () => {
    const people = 4_096;
    const counts = Array.from({ length: 26 }, () => new Map<string, number>());
    const seen = new Set<string>();
    for (let n = 0; n < people; n += 1) {
      const pseudonym = pseudonymFor(KEY, 'patient', `p${n}`);
      expect(pseudonym).toMatch(/^[a-z2-7]{26}$/);
      seen.add(pseudonym);
      for (const [place, character] of [...pseudonym].entries()) {
        const at = counts[place]!;
        at.set(character, (at.get(character) ?? 0) + 1);
      }
    }
    expect(seen.size).toBe(people);
    for (const at of counts) {
      expect(at.size).toBe(32);
      // 128 are expected, with a standard deviation of 11.
      expect(Math.min(...at.values())).toBeGreaterThan(128 - 66);
      expect(Math.max(...at.values())).toBeLessThan(128 + 66);
    }
  });
});

describe('identifierAlias', () => {
  const SYSTEM = 'https://ya.example.cn/sid/mrn';

  test('exact value', () => {
    expect(identifierAlias(KEY, SYSTEM, 'MRN-0001')).toBe('u6e2wy4ukmaz7v3qkl7v3kngv5');
  });

  test('width and outer spaces make no difference', () => {
    for (const same of [' MRN-0001', 'MRN-0001\u3000', 'ＭＲＮ－０００１', '\tMRN-0001\n']) {
      expect(identifierAlias(KEY, ` ${SYSTEM}`, same)).toBe('u6e2wy4ukmaz7v3qkl7v3kngv5');
    }
  });

  test('case, inner spaces, system, key and the cut between system and value do', () => {
    const all = [
      identifierAlias(KEY, SYSTEM, 'MRN-0001'),
      identifierAlias(KEY, SYSTEM, 'mrn-0001'),
      identifierAlias(KEY, SYSTEM, 'MRN- 0001'),
      identifierAlias(KEY, `${SYSTEM}2`, 'MRN-0001'),
      identifierAlias(KEY, `${SYSTEM}M`, 'RN-0001'),
      identifierAlias(OTHER_KEY, SYSTEM, 'MRN-0001'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('idHash', () => {
  test('exact value', () => {
    expect(idHash(KEY, 'Claim', 'c1')).toBe('vcutxvyhbzmec6xo7prh6il5um');
  });

  test('is of no family with aliases and pseudonyms', () => {
    const all = [
      idHash(KEY, 'Claim', 'c1'),
      idHash(KEY, 'Claimc', '1'),
      idHash(KEY, 'claim', 'c1'),
      identifierAlias(KEY, 'Claim', 'c1'),
      pseudonymFor(KEY, 'patient', 'c1'),
      pseudonymFor(KEY, 'subject', 'c1'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
