import { join } from 'node:path';
import { readKeyFile } from './key-file.ts';
import { type KeyRefusal, keyRefusal } from './key-refusal.ts';

/** What is agreed with one hospital's server; it lies in the key folder, never in the store or beside site.yaml. */
export interface SiteSecrets {
  /** Secrets with which it signs notifications; empty when it does not sign. */
  notification: readonly Buffer[];
  /** Our private key as its client (SMART Backend Services), as JWK; null when it asks for no token. */
  clientKey: Readonly<Record<string, unknown>> | null;
}

const LEAST = 16;

/**
 * Reads `<site>.hmac` (text, one secret a line; several while one is being changed) and `<site>.jwk` (a private JWK).
 * Both must be closed to others (0600).
 */
export async function readSiteSecrets(dir: string, site: string): Promise<SiteSecrets | KeyRefusal> {
  const [hmacPath, jwkPath] = [join(dir, `${site}.hmac`), join(dir, `${site}.jwk`)];
  const hmac = await readKeyFile(hmacPath);
  if (hmac !== null && !Buffer.isBuffer(hmac)) return hmac;
  const lines = (hmac?.toString('utf8') ?? '').split(/\r?\n/).filter((line) => line !== '');
  if (hmac && (lines.length === 0 || lines.some((line) => line.length < LEAST)))
    return keyRefusal('secret-short', hmacPath);
  const jwk = await readKeyFile(jwkPath);
  if (jwk !== null && !Buffer.isBuffer(jwk)) return jwk;
  const clientKey = jwk ? privateJwk(jwk.toString('utf8')) : null;
  if (jwk && !clientKey) return keyRefusal('client-key-form', jwkPath);
  return { notification: lines.map((line) => Buffer.from(line, 'utf8')), clientKey };
}

/** A private JWK of a kind that signs client assertions; null when the text is none. */
export function privateJwk(text: string): Record<string, unknown> | null {
  try {
    const jwk: unknown = JSON.parse(text);
    if (typeof jwk !== 'object' || jwk === null) return null;
    const { kty, crv, d } = jwk as Record<string, unknown>;
    const known = kty === 'RSA' || (kty === 'EC' && crv === 'P-384');
    return known && typeof d === 'string' ? (jwk as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
