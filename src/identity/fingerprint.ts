import { isKeyRefusal, type KeyRefusal, keyRefusal } from './key-refusal.ts';
import type { Keys } from './keys.ts';

/** The part of a store that remembers which keys it was written with. */
export interface Settings {
  setting(name: string): Promise<string | null>;
  putSetting(name: string, value: string): Promise<void>;
}

function settingName(site: string): string {
  return `key-fingerprint:${site}`;
}

/**
 * Makes sure that a store is used with the keys it was written with, and remembers the keys of new sites. To be run
 * before any work, for every site of the run. A site that the store knows never gets a new key.
 * @returns null when all is well, else the first refusal: then roll back, nothing may be read or written
 */
export async function checkFingerprints(
  tx: Settings,
  keys: Keys,
  sites: readonly string[],
): Promise<KeyRefusal | null> {
  for (const site of sites) {
    const remembered = await tx.setting(settingName(site));
    const found = remembered === null ? await keys.of(site) : await keys.existing(site);
    if (found === null) return keyRefusal('key-missing', site);
    if (isKeyRefusal(found)) return found;
    if (remembered === null) await tx.putSetting(settingName(site), found.fingerprint);
    else if (remembered !== found.fingerprint) return keyRefusal('key-mismatch', site);
  }
  return null;
}
