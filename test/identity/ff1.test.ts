import fc from 'fast-check';
import { ff1 } from '../../src/identity/ff1.ts';

const DIGITS = '0123456789';
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const OURS = 'abcdefghijklmnopqrstuvwxyz234567';
const KEY_128 = '2b7e151628aed2a6abf7158809cf4f3c';
const KEY_192 = `${KEY_128}ef4359d8d580aa4f`;
const KEY_256 = `${KEY_192}7f036d6f04fc6a94`;
const LONG_TWEAK = '3737373770717273373737';

// The samples that NIST publishes with SP 800-38G.
test.each([
  [KEY_128, DIGITS, '', '0123456789', '2433477484'],
  [KEY_128, DIGITS, '39383736353433323130', '0123456789', '6124200773'],
  [KEY_128, LETTERS, LONG_TWEAK, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
  [KEY_192, DIGITS, '', '0123456789', '2830668132'],
  [KEY_192, DIGITS, '39383736353433323130', '0123456789', '2496655549'],
  [KEY_192, LETTERS, LONG_TWEAK, '0123456789abcdefghi', 'xbj3kv35jrawxv32ysr'],
  [KEY_256, DIGITS, '', '0123456789', '6657667009'],
  [KEY_256, DIGITS, '39383736353433323130', '0123456789', '1001623463'],
  [KEY_256, LETTERS, LONG_TWEAK, '0123456789abcdefghi', 'xs8a0azh2avyalyzuwd'],
])('sample of NIST: key %s, alphabet %s, tweak %s', (key, alphabet, tweak, plain, cipher) => {
  const permutation = ff1(Buffer.from(key, 'hex'), alphabet, plain.length, Buffer.from(tweak, 'hex'));
  expect(permutation.encrypt(plain)).toBe(cipher);
  expect(permutation.decrypt(cipher)).toBe(plain);
});

test('what comes out has the same form and leads back, whatever goes in', () => {
  const permutation = ff1(Buffer.alloc(32, 7), OURS, 26);
  const text = fc.string({ unit: fc.constantFrom(...OURS), minLength: 26, maxLength: 26 });
  fc.assert(
    fc.property(text, (id) => {
      const other = permutation.encrypt(id);
      expect(other).toMatch(/^[a-z2-7]{26}$/);
      expect(permutation.decrypt(other)).toBe(id);
    }),
  );
});

test('all texts of a small world come out once', () => {
  const permutation = ff1(Buffer.alloc(32, 7), DIGITS, 3);
  const all = Array.from({ length: 1000 }, (_, at) => permutation.encrypt(String(at).padStart(3, '0')));
  expect(new Set(all).size).toBe(1000);
});

test('a text of another form is a mistake of the caller', () => {
  const permutation = ff1(Buffer.alloc(32, 7), OURS, 26);
  expect(() => permutation.encrypt('a'.repeat(25))).toThrow(RangeError);
  expect(() => permutation.decrypt('1'.repeat(26))).toThrow(RangeError);
  expect(() => ff1(Buffer.alloc(32), OURS, 60)).toThrow(RangeError);
});
