import { importJWK, type JSONWebKeySet, type JWK } from 'jose';
import { type AuthRefusal, authRefusal } from './refusal.ts';

const MIN_RSA_BITS = 2048;
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'];

/** The algorithms of SMART Backend Services, each with the kind of its keys. */
export const ALGORITHMS = { RS384: 'RSA', ES384: 'EC' } as const;
export type Algorithm = keyof typeof ALGORITHMS;

/**
 * Reads a JSON Web Key Set (RFC 7517). One private, symmetric or weak key in it refuses the whole set: whoever
 * publishes that must hear of it.
 * @returns the keys that can sign assertions, each with a kid; others (for encryption, say) are left out
 */
export async function readKeySet(value: unknown): Promise<JSONWebKeySet | AuthRefusal> {
  const keys = keysOf(value);
  if (keys === null) return authRefusal('jwks-malformed');
  if (keys.some((key) => key.kty === 'oct' || 'k' in key)) return authRefusal('jwks-symmetric');
  if (keys.some((key) => PRIVATE.some((member) => member in key))) return authRefusal('jwks-private');
  if (keys.some((key) => key.kty === 'RSA' && bits(key.n) < MIN_RSA_BITS)) return authRefusal('jwks-weak');
  const usable = keys.filter((key) => algorithmOf(key) !== null);
  if (usable.length === 0) return authRefusal('jwks-empty');
  const names = usable.map((key) => JSON.stringify([key.kty, key.kid]));
  if (new Set(names).size !== names.length) return authRefusal('jwks-kid');
  for (const key of usable) {
    const imported = await importJWK(key, algorithmOf(key)!).catch(() => null);
    if (imported === null) return authRefusal('jwks-malformed');
  }
  return { keys: usable };
}

function keysOf(value: unknown): JWK[] | null {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) return null;
  const keys: unknown[] = value.keys;
  return keys.every((key) => typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string')
    ? (keys as JWK[])
    : null;
}

/** The algorithm for which a key can verify assertions, else null. */
function algorithmOf(key: JWK): Algorithm | null {
  const alg = key.kty === 'RSA' ? 'RS384' : key.kty === 'EC' && key.crv === 'P-384' ? 'ES384' : null;
  if (alg === null || typeof key.kid !== 'string' || key.kid === '') return null;
  if (key.use !== undefined && key.use !== 'sig') return null;
  return key.alg === undefined || key.alg === alg ? alg : null;
}

function bits(modulus: unknown): number {
  if (typeof modulus !== 'string') return 0;
  const hex = Buffer.from(modulus, 'base64url').toString('hex').replace(/^0+/, '');
  return hex === '' ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}
