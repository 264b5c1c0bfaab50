import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { makeKeyFile, readKeyFile } from './key-file.ts';
import { isKeyRefusal, type KeyRefusal, type KeyRefusalCode, keyRefusal } from './key-refusal.ts';
import { openKeyFolder } from './keys.ts';

const CURVE = 'prime256v1';

/**
 * The private key (P-256, PKCS #8) that access tokens are signed with, `access-token.pem` in the key folder, made at
 * first use. Losing it costs nothing but the tokens of the last minutes.
 */
export function openSigningKey(dir: string): Promise<KeyObject | KeyRefusal> {
  return openPrivateKey(join(dir, 'access-token.pem'), 'key-damaged');
}

/**
 * The private key (P-256, PKCS #8) that releases are signed with, `release.pem` in the key folder, made at first use.
 * Registries know its public half: when it is lost they must be given a new one.
 */
export function openReleaseKey(dir: string): Promise<KeyObject | KeyRefusal> {
  return openPrivateKey(join(dir, 'release.pem'), 'release-key-damaged');
}

async function openPrivateKey(path: string, damaged: KeyRefusalCode): Promise<KeyObject | KeyRefusal> {
  const dir = dirname(path);
  const refusal = await openKeyFolder(dir);
  if (refusal) return refusal;
  const found = await readKeyFile(path);
  if (found !== null) return isKeyRefusal(found) ? found : parse(found, path, damaged);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const failed = await makeKeyFile(path, Buffer.from(pem), randomBytes);
  if (failed) return failed;
  // Read back what is there: another process may have been first.
  const made = await readKeyFile(path);
  if (made === null) return keyRefusal('key-unreadable', path);
  return isKeyRefusal(made) ? made : parse(made, path, damaged);
}

function parse(pem: Buffer, path: string, damaged: KeyRefusalCode): KeyObject | KeyRefusal {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === CURVE ? key : keyRefusal(damaged, path);
  } catch {
    return keyRefusal(damaged, path);
  }
}
