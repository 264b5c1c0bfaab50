import fc from 'fast-check';
import { open, seal, VaultError } from '../../src/identity/vault.ts';

const KEY = Buffer.alloc(32, 7);
const PLACE = 'ya|Patient|p1';
const fixed = (size: number) => Buffer.alloc(size, 9);
const SEALED = 'v1.CQkJCQkJCQkJCQkJzwcZtNKZtwTS0JrAwvYgtDVIfQG2FWlLnQ';

function failure(run: () => string): VaultError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(VaultError);
    return error as VaultError;
  }
  throw new Error('It opened.');
}

describe('vault', () => {
  test('exact value for a fixed nonce', () => {
    expect(seal(KEY, '肝 liver', PLACE, fixed)).toBe(SEALED);
    expect(open(KEY, SEALED, PLACE)).toBe('肝 liver');
  });

  test('opens to what was sealed', () => {
    const texts = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(texts, texts, (plain, context) => {
        expect(open(KEY, seal(KEY, plain, context), context)).toBe(plain);
      }),
    );
  });

  test('two seals of one text differ', () => {
    expect(seal(KEY, 'x', PLACE)).not.toBe(seal(KEY, 'x', PLACE));
  });

  test('another key or another place does not open it', () => {
    expect(failure(() => open(Buffer.alloc(32, 8), SEALED, PLACE)).code).toBe('vault-not-authentic');
    expect(failure(() => open(KEY, SEALED, 'ya|Patient|p2')).code).toBe('vault-not-authentic');
    expect(failure(() => open(KEY, SEALED, '')).code).toBe('vault-not-authentic');
  });

  test('no single changed character opens, and the error tells nothing', () => {
    for (let index = 0; index < SEALED.length; index += 1) {
      const other = SEALED[index] === 'A' ? 'B' : 'A';
      const error = failure(() => open(KEY, SEALED.slice(0, index) + other + SEALED.slice(index + 1), PLACE));
      expect(error.message).not.toMatch(/liver|肝|Patient|p1|CQkJ/);
      expect(error.cause).toBeUndefined();
    }
  });

  test.each([
    '',
    'v1.',
    'v1.AAAA',
    'v2.CQkJCQkJCQkJCQkJzwcZtNKZtwTS0JrAwvYgtDVIfQG2FWlLnQ',
    `${SEALED}=`,
    `${SEALED} `,
    SEALED.replace('v1.', ''),
  ])('not a sealed text: "%s"', (text) => {
    expect(failure(() => open(KEY, text, PLACE)).code).toBe('vault-form');
  });

  test('a cut text does not open', () => {
    const body = Buffer.from(SEALED.slice(3), 'base64url');
    for (let length = 0; length < body.length; length += 1) {
      const cut = `v1.${body.subarray(0, length).toString('base64url')}`;
      expect(failure(() => open(KEY, cut, PLACE)).code).toBe(length < 28 ? 'vault-form' : 'vault-not-authentic');
    }
  });
});
