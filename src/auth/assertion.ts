import {
  compactVerify,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose';
import { checkClaims, isShortText } from './claims.ts';
import { type Client, type ClientDesk, isClientId } from './client.ts';
import type { KeyCache } from './key-cache.ts';
import { ALGORITHMS } from './key-set.ts';
import { type AuthRefusal, authRefusal, isAuthRefusal } from './refusal.ts';

export interface AssertionParts {
  clients: ClientDesk;
  keyCache: KeyCache;
  /** The URL of the token route. */
  audience: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/**
 * The client that signed an assertion (SMART App Launch 2.2, "Client Authentication: Asymmetric"; RFC 7523 3). An
 * assertion is good once: its jti is noted here.
 */
export async function verifyAssertion(
  assertion: string,
  { clients, keyCache, audience, clock }: AssertionParts,
): Promise<Client | AuthRefusal> {
  const read = readAssertion(assertion);
  if (isAuthRefusal(read)) return read;
  const { kid, jku, issuer } = read;
  const client = isClientId(issuer) ? await clients.client(issuer) : null;
  if (!client) return authRefusal('client-unknown');
  const published = 'jwksUrl' in client.keys ? client.keys.jwksUrl : null;
  if (jku !== undefined && jku !== published) return authRefusal('assertion-jku');
  const set = 'jwksUrl' in client.keys ? await keyCache.keysAt(client.keys.jwksUrl, kid) : client.keys.jwks;
  if (isAuthRefusal(set)) return set;
  const bad = await checkSignature(assertion, set);
  if (bad) return bad;
  // Told only to whoever holds the key of the client.
  if (client.revokedAt !== null) return authRefusal('client-revoked');
  const checked = checkClaims(read.claims, audience, clock() / 1_000);
  if (isAuthRefusal(checked)) return checked;
  return (await clients.useJti(client.id, checked.jti, checked.until)) ? client : authRefusal('assertion-replayed');
}

interface Read {
  kid: string;
  jku: unknown;
  issuer: string;
  claims: JWTPayload;
}

/** What an assertion says of itself; nothing of it is proven yet. */
function readAssertion(assertion: string): Read | AuthRefusal {
  let header: ProtectedHeaderParameters;
  let claims: JWTPayload;
  try {
    header = decodeProtectedHeader(assertion);
    claims = decodeJwt(assertion);
  } catch {
    return authRefusal('assertion-malformed');
  }
  if (typeof header.alg !== 'string' || !Object.hasOwn(ALGORITHMS, header.alg)) return authRefusal('assertion-alg');
  if (header.typ !== 'JWT') return authRefusal('assertion-typ');
  if (!isShortText(header.kid)) return authRefusal('assertion-kid');
  const { iss, sub } = claims;
  if (typeof iss !== 'string' || iss !== sub) return authRefusal('assertion-issuer');
  return { kid: header.kid, jku: header.jku, issuer: iss, claims };
}

async function checkSignature(assertion: string, set: JSONWebKeySet): Promise<AuthRefusal | null> {
  try {
    await compactVerify(assertion, createLocalJWKSet(set), { algorithms: Object.keys(ALGORITHMS) });
    return null;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return authRefusal('key-unknown');
    if (error instanceof errors.JWSSignatureVerificationFailed) return authRefusal('assertion-signature');
    if (error instanceof errors.JWSInvalid || error instanceof errors.JOSENotSupported)
      return authRefusal('assertion-malformed');
    throw error;
  }
}
