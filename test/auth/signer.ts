import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Algorithm } from '../../src/auth/key-set.ts';

/** A key pair of a client, made for one test file. */
export interface Signer {
  alg: Algorithm;
  kid: string;
  privateKey: CryptoKey;
  /** Public, with kid. */
  jwk: JWK;
}

export async function newSigner(alg: Algorithm, kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

export interface AssertionGiven {
  client: string;
  audience: string;
  /** Seconds since 1970; the assertion expires five minutes later. */
  now: number;
  /** Replace or (undefined) remove claims and header parameters. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
}

/** A client_assertion as SMART Backend Services wants it, but for what is replaced. */
export async function assertionOf(signer: Signer, given: AssertionGiven): Promise<string> {
  const { client, audience, now } = given;
  const claims = { iss: client, sub: client, aud: audience, exp: now + 300, jti: randomUUID(), ...given.claims };
  const header = { alg: signer.alg, kid: signer.kid, typ: 'JWT', ...given.header };
  return new SignJWT(defined(claims)).setProtectedHeader(defined(header) as never).sign(signer.privateKey);
}

function defined(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
