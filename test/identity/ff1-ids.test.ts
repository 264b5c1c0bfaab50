import fc from 'fast-check';
import { ff1 } from '../../src/identity/ff1.ts';
import { idPermutation } from '../../src/identity/ff1-ids.ts';

const OURS = 'abcdefghijklmnopqrstuvwxyz234567';
const keys = fc.constantFrom(16, 24, 32).chain((size) => fc.uint8Array({ minLength: size, maxLength: size }));
const id = fc.string({ unit: fc.constantFrom(...OURS), minLength: 26, maxLength: 26 });

test('many at once come out as each alone by FF1, in their order, and lead back', () => {
  fc.assert(
    fc.property(keys, fc.array(id, { maxLength: 40 }), (key, ids) => {
      const one = ff1(Buffer.from(key), OURS, 26);
      const many = idPermutation(Buffer.from(key));
      const given = many.encryptAll(ids);
      expect(given).toEqual(ids.map((text) => one.encrypt(text)));
      expect(ids.map((text) => many.encrypt(text))).toEqual(given);
      expect(given.map((text) => many.decrypt(text))).toEqual(ids);
    }),
  );
});

// Worked out with `ff1`, which gives the samples of NIST.
test.each([
  ['a'.repeat(26), 'qwushmmc3xp65dke2vjuoyxmvu'],
  ['7'.repeat(26), 'pwpzqyje47ud5ustqwe3v72rju'],
  [`${'a'.repeat(13)}${'7'.repeat(13)}`, 'c3fo2dshp3fj323r3yswiunjdl'],
])('%s', (text, other) => {
  expect(idPermutation(Buffer.alloc(32, 7)).encrypt(text)).toBe(other);
});

test('a text of another form is a mistake of the caller', () => {
  const permutation = idPermutation(Buffer.alloc(32, 7));
  for (const text of [
    '',
    'a'.repeat(25),
    'a'.repeat(27),
    `${'a'.repeat(25)}1`,
    `${'a'.repeat(25)}A`,
    `é${'a'.repeat(25)}`,
  ])
    expect(() => permutation.encryptAll(['a'.repeat(26), text])).toThrow(RangeError);
});
