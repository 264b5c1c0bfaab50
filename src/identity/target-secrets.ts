import { join } from 'node:path';
import { readKeyFile } from './key-file.ts';
import { isKeyRefusal, type KeyRefusal, keyRefusal } from './key-refusal.ts';
import { privateJwk } from './site-secrets.ts';

/** With what we show a delivery target who we are; it lies in the key folder, never in the store or beside the target. */
export interface TargetSecrets {
  /** `target-<id>.token`: a bearer token. */
  token: string | null;
  /** `target-<id>.secret`: a client secret. */
  secret: string | null;
  /** `target-<id>.jwk`: our private key as its client (SMART Backend Services). */
  clientKey: Readonly<Record<string, unknown>> | null;
}

/** Reads what there is; each file must be closed to others (0600), texts are one line. */
export async function readTargetSecrets(dir: string, target: string): Promise<TargetSecrets | KeyRefusal> {
  const read: Record<string, string | null> = {};
  for (const kind of ['token', 'secret', 'jwk']) {
    const path = join(dir, `target-${target}.${kind}`);
    const bytes = await readKeyFile(path);
    if (isKeyRefusal(bytes)) return bytes;
    const text = (bytes as Buffer | null)?.toString('utf8').trim() ?? null;
    if (kind !== 'jwk' && text !== null && !/^[\x21-\x7e]+$/.test(text)) return keyRefusal('secret-form', path);
    read[kind] = text;
  }
  const clientKey = read.jwk == null ? null : privateJwk(read.jwk);
  if (read.jwk != null && clientKey === null) return keyRefusal('client-key-form', join(dir, `target-${target}.jwk`));
  return { token: read.token ?? null, secret: read.secret ?? null, clientKey };
}
