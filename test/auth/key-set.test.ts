import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readKeySet } from '../../src/auth/key-set.ts';
import { isAuthRefusal } from '../../src/auth/refusal.ts';
import { newSigner, type Signer } from './signer.ts';

let rsa: Signer;
let ec: Signer;
beforeAll(async () => {
  [rsa, ec] = await Promise.all([newSigner('RS384', 'r1'), newSigner('ES384', 'e1')]);
});

/** The code of the refusal, or the kids of the keys that can be used. */
async function outcome(...keys: unknown[]): Promise<unknown> {
  const set = await readKeySet({ keys });
  return isAuthRefusal(set) ? set.code : set.keys.map((key) => key.kid);
}

const rsaOf = (bits: number): JWK => ({
  ...(generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' }) as JWK),
  kid: `r${bits}`,
});

test('RSA and EC P-384 keys with a kid can be used', async () => {
  expect(await outcome(rsa.jwk, ec.jwk)).toEqual(['r1', 'e1']);
  expect(await outcome({ ...rsa.jwk, use: 'sig', alg: 'RS384' }, { ...ec.jwk, alg: 'ES384' })).toEqual(['r1', 'e1']);
});

test('the same kid may name one key of each kind', async () => {
  expect(await outcome(rsa.jwk, { ...ec.jwk, kid: 'r1' })).toEqual(['r1', 'r1']);
  expect(await outcome(rsa.jwk, { ...rsa.jwk })).toBe('jwks-kid');
});

test('keys for something else are left out; none left is a refusal', async () => {
  const p256 = { ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid: 'p256' };
  const others = [{ ...rsa.jwk, kid: 'x', use: 'enc' }, { ...rsa.jwk, kid: 'y', alg: 'RS256' }, p256];
  expect(await outcome(...others, ec.jwk)).toEqual(['e1']);
  expect(await outcome(...others)).toBe('jwks-empty');
  const { kid: _, ...nameless } = ec.jwk;
  expect(await outcome(nameless)).toBe('jwks-empty');
  expect(await outcome()).toBe('jwks-empty');
});

test('a private key refuses the whole set', async () => {
  for (const signer of [rsa, ec]) {
    const whole = { ...(await exportJWK(signer.privateKey)), kid: 'p' };
    expect(await outcome(rsa.jwk, whole)).toBe('jwks-private');
  }
});

test('a symmetric key refuses the whole set', async () => {
  expect(await outcome(rsa.jwk, { kty: 'oct', k: 'c2VjcmV0', kid: 's' })).toBe('jwks-symmetric');
  expect(await outcome(rsa.jwk, { kty: 'oct', kid: 's' })).toBe('jwks-symmetric');
});

test('RSA under 2048 bits refuses the whole set', async () => {
  expect(await outcome(ec.jwk, rsaOf(2047))).toBe('jwks-weak');
  expect(await outcome(rsaOf(1024))).toBe('jwks-weak');
  expect(await outcome(rsaOf(2048))).toEqual(['r2048']);
  const padded = Buffer.concat([Buffer.alloc(200), Buffer.from(rsaOf(1024).n!, 'base64url')]).toString('base64url');
  expect(await outcome({ ...rsa.jwk, n: padded })).toBe('jwks-weak');
});

test('what is no key set, or holds broken keys', async () => {
  for (const value of [null, 7, 'x', [], {}, { keys: {} }, { keys: [null] }, { keys: [{}] }, { keys: [{ kty: 1 }] }]) {
    const set = await readKeySet(value);
    expect(isAuthRefusal(set) && set.code).toBe('jwks-malformed');
  }
  expect(await outcome({ ...ec.jwk, x: ec.jwk.y })).toBe('jwks-malformed');
  expect(await outcome({ kty: 'RSA', kid: 'a', n: 7, e: 'AQAB' })).toBe('jwks-weak');
});
