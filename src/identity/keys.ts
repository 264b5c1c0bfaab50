import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, makeSecret, permits, readSecret, SECRET_BYTES } from './key-file.ts';
import { isKeyRefusal, type KeyRefusal, keyRefusal } from './key-refusal.ts';

/** The keys of one site for one study (32 bytes each). */
export interface SiteKeys {
  pseudonym: Buffer;
  identifierHash: Buffer;
  vault: Buffer;
  /** 16 hexadecimal digits that tell these keys from others and give nothing of them away. */
  fingerprint: string;
}

export interface Keys {
  study: string;
  /** The keys of a site; its root secret is made at first use. */
  of(site: string): Promise<SiteKeys | KeyRefusal>;
  /** The keys of a site that has a root secret already, else null. */
  existing(site: string): Promise<SiteKeys | KeyRefusal | null>;
}

const SUFFIX = '.key';
// A site id becomes a file name: no separators, no leading dot.
const SITE = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

function derive(secret: Buffer, purpose: string, site: string, study: string): Buffer {
  // The purpose, site and study are framed as JSON, so that no two of them run together to the same info.
  const info = JSON.stringify(['study-gateway', 1, purpose, site, study]);
  return Buffer.from(hkdfSync('sha256', secret, '', info, SECRET_BYTES));
}

/**
 * The keys of a site from its root secret: HKDF-SHA-256 (RFC 5869) without salt, one info for each purpose, bound
 * to site and study.
 */
export function deriveSiteKeys(secret: Buffer, site: string, study: string): SiteKeys {
  const mark = derive(secret, 'fingerprint', site, study);
  return {
    pseudonym: derive(secret, 'pseudonym', site, study),
    identifierHash: derive(secret, 'identifier-hash', site, study),
    vault: derive(secret, 'vault', site, study),
    fingerprint: createHash('sha256').update(mark).digest('hex').slice(0, 16),
  };
}

/** Makes or checks a key folder, and checks every root secret in it. */
export async function openKeyFolder(dir: string): Promise<KeyRefusal | null> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const about = await stat(dir);
    if (permits(about.mode, 0o022)) return keyRefusal('key-folder-open', dir);
    for (const name of await readdir(dir)) {
      if (!name.endsWith(SUFFIX)) continue;
      const secret = await readSecret(join(dir, name));
      if (isKeyRefusal(secret)) return secret;
    }
    return null;
  } catch (error) {
    if (codeOf(error) !== null) return keyRefusal('key-folder-unusable', dir);
    throw error;
  }
}

/**
 * Opens the key folder, made at first use for its owner alone. It holds one root secret (32 random bytes) a site in
 * `<site>.key`; all of them are checked here, so that a bad one is met before any work.
 * @param study id of the study that all derived keys are bound to
 * @param random source of random bytes, fixed only by tests
 */
export async function openKeys(
  dir: string,
  study: string,
  random: (size: number) => Buffer = randomBytes,
): Promise<Keys | KeyRefusal> {
  const refusal = await openKeyFolder(dir);
  if (refusal !== null) return refusal;
  const known = new Map<string, SiteKeys>();

  async function existing(site: string): Promise<SiteKeys | KeyRefusal | null> {
    const before = known.get(site);
    if (before !== undefined) return before;
    if (!SITE.test(site)) return keyRefusal('key-site-name', dir);
    const secret = await readSecret(join(dir, site + SUFFIX));
    if (secret === null || isKeyRefusal(secret)) return secret;
    const keys = deriveSiteKeys(secret, site, study);
    known.set(site, keys);
    return keys;
  }

  async function of(site: string): Promise<SiteKeys | KeyRefusal> {
    const found = await existing(site);
    if (found !== null) return found;
    const path = join(dir, site + SUFFIX);
    const failed = await makeSecret(path, random);
    // Read back what is there: another process may have been first.
    return failed ?? (await existing(site)) ?? keyRefusal('key-unreadable', path);
  }

  return { study, of, existing };
}
