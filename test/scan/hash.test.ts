import fc from 'fast-check';
import { personAt, personHash, personSeed } from '../../src/scan/hash.ts';
import { HashSet } from '../../src/scan/hash-set.ts';

const LOW = 2 ** 32;
const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/);

test('a person has one hash, read out of a line or worked out of the id', () => {
  fc.assert(
    fc.property(id, fc.constantFrom('ya', 'nf'), (patient, site) => {
      const line = Buffer.from(`Patient/${patient}"}`);
      expect(personAt(line, 'Patient/'.length, personSeed(site))).toBe(personHash(site, patient));
      expect(Number.isSafeInteger(personHash(site, patient))).toBe(true);
    }),
    { seed: 1 },
  );
});

test.each(['', 'a b"', 'ä"', `${'a'.repeat(65)}"`, 'a', 'a/b"'])('what is no id has none: %j', (text) => {
  expect(personAt(Buffer.from(text), 0, personSeed('ya'))).toBe(-1);
});

test('two ids that share 32 bits are two persons', () => {
  const firstWith = new Map<number, string>();
  const pairs: [string, string][] = [];
  for (let number = 0; number < 200_000; number++) {
    const patient = [0x9e3779b1, 0x85ebca6b]
      .map((factor) => (Math.imul(number + factor, factor) >>> 0).toString(36))
      .join('-');
    const low = personHash('ya', patient) % LOW;
    const before = firstWith.get(low);
    if (before === undefined) firstWith.set(low, patient);
    else pairs.push([before, patient]);
  }
  expect(pairs.length).toBeGreaterThan(0);
  for (const [one, other] of pairs) {
    const known = new HashSet();
    known.add(personHash('ya', one));
    expect(known.has(personHash('ya', one))).toBe(true);
    expect(known.has(personHash('ya', other))).toBe(false);
  }
});

test('a set holds what was added, and nothing else, while it grows', () => {
  const set = new HashSet();
  const hashes = Array.from({ length: 5_000 }, (_, number) => personHash('ya', `p-${number}`));
  for (const hash of [...hashes, ...hashes]) set.add(hash);
  expect(set.size).toBe(5_000);
  expect(hashes.every((hash) => set.has(hash))).toBe(true);
  expect(set.has(personHash('nf', 'p-1'))).toBe(false);
});
