import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, FlattenedSign, flattenedVerify, importJWK, type JWK } from 'jose';

const ALG = 'ES256';

/** The public half of a private key, as JWK with its thumbprint (RFC 7638) as `kid`. */
export async function publicJwk(key: KeyObject): Promise<JWK> {
  const jwk = await exportJWK(createPublicKey(key));
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALG, use: 'sig' };
}

/** Signs bytes: a flattened JWS without its payload (RFC 7515, sections 7.2.2 and appendix F), ES256, as JSON. */
export async function signDetached(key: KeyObject, payload: Buffer): Promise<string> {
  const { kid } = await publicJwk(key);
  const jws = await new FlattenedSign(payload).setProtectedHeader({ alg: ALG, kid: kid! }).sign(key);
  return `${JSON.stringify({ protected: jws.protected, signature: jws.signature })}\n`;
}

/** Whether a signature is by the key of a public JWK, over these bytes. */
export async function isSignedBy(jwk: JWK, payload: Buffer, signature: string): Promise<boolean> {
  try {
    const key = await importJWK({ ...jwk, alg: ALG }, ALG);
    const { protected: header, signature: signed } = JSON.parse(signature);
    await flattenedVerify({ protected: header, signature: signed, payload: payload.toString('base64url') }, key, {
      algorithms: [ALG],
    });
    return true;
  } catch {
    return false;
  }
}
