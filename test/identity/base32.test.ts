import { base32 } from '../../src/identity/base32.ts';

describe('base32', () => {
  test.each([
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
  ])('RFC 4648 section 10: %s', (plain, expected) => {
    const whole = Math.floor((plain.length * 8) / 5);
    expect(base32(Buffer.from(plain), whole)).toBe(expected.slice(0, whole));
  });

  test('all bits set, and none', () => {
    expect(base32(Buffer.alloc(17, 0xff), 26)).toBe('7'.repeat(26));
    expect(base32(Buffer.alloc(17), 26)).toBe('a'.repeat(26));
  });

  test('refuses to make up bits', () => {
    expect(() => base32(Buffer.alloc(16), 26)).toThrow(RangeError);
  });
});
