import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type IdPermutation, idPermutation } from './ff1-ids.ts';
import { makeSecret, readSecret, SECRET_BYTES } from './key-file.ts';
import { isKeyRefusal, type KeyRefusal, keyRefusal } from './key-refusal.ts';
import { openKeyFolder } from './keys.ts';

/** What hides the study side's ids and dates from one registry, bound to registry and study. */
export interface RegistryKeys {
  /** Turns our ids of one resource type into the registry's, and back. */
  ids(type: string): IdPermutation;
  /** Keys (32 bytes) of keyed hashes: how far a person's dates move, and identifiers of the study. */
  shift: Buffer;
  identifier: Buffer;
  /** The same for some types as plain data, for a thread of this process; never to be written or sent. */
  plain(types: Iterable<string>): PlainKeys;
}

/** Keys of one registry as they pass to a thread. */
export interface PlainKeys {
  ids: ReadonlyMap<string, Uint8Array>;
  shift: Uint8Array;
  identifier: Uint8Array;
}

/** Keys of all registries. */
export interface RegistryKeyring {
  of(registry: string): RegistryKeys;
  /** 16 hexadecimal digits that tell the secret from others and give nothing of it away. */
  fingerprint: string;
}

/** The part of a store that remembers which secret it was used with. */
interface Settings {
  setting(name: string): Promise<string | null>;
  putSetting(name: string, value: string): Promise<void>;
}

/** Ids of the study side: 130 bits in base32. */
export const ID_FORM = /^[a-z2-7]{26}$/;
const NAME = 'registries.secret';
const FINGERPRINT = 'registry-key-fingerprint';

/**
 * Keys of registries from one root secret: HKDF-SHA-256 (RFC 5869) without salt, one info for each purpose, registry and
 * type. Ids are permuted by FF1 under a key of registry and type: without the key they tell nothing of ours nor of those
 * of another registry, and with it no table is needed to find the way back.
 * @param secret 32 bytes
 */
export function registryKeyring(secret: Buffer, study: string): RegistryKeyring {
  const known = new Map<string, RegistryKeys>();
  const derive = (...purpose: string[]) => {
    const info = JSON.stringify(['study-gateway', 1, 'registry', study, ...purpose]);
    return Buffer.from(hkdfSync('sha256', secret, '', info, SECRET_BYTES));
  };
  const make = (registry: string): RegistryKeys =>
    keysOf((type) => derive('id', registry, type), derive('shift', registry), derive('identifier', registry));
  return {
    of(registry) {
      const keys = known.get(registry) ?? make(registry);
      known.set(registry, keys);
      return keys;
    },
    fingerprint: createHash('sha256').update(derive('fingerprint')).digest('hex').slice(0, 16),
  };
}

/** Keys from what `plain` gave, for its types. */
export function registryKeysFrom({ ids, shift, identifier }: PlainKeys): RegistryKeys {
  const ofType = (type: string) => {
    const key = ids.get(type);
    if (!key) throw new Error('There is no key for ids of this type here.');
    return Buffer.from(key);
  };
  return keysOf(ofType, Buffer.from(shift), Buffer.from(identifier));
}

function keysOf(ofType: (type: string) => Buffer, shift: Buffer, identifier: Buffer): RegistryKeys {
  const types = new Map<string, IdPermutation>();
  return {
    ids(type) {
      const permutation = types.get(type) ?? idPermutation(ofType(type));
      types.set(type, permutation);
      return permutation;
    },
    shift,
    identifier,
    plain: (wanted) => ({ ids: new Map([...wanted].map((type) => [type, ofType(type)])), shift, identifier }),
  };
}

/**
 * Opens `registries.secret` in the key folder (32 random bytes, 0600), made at first use. A store that has used one is
 * never used with another: every registry would get new ids for the same people.
 * @param random source of random bytes, fixed only by tests
 */
export async function openRegistryKeyring(
  dir: string,
  study: string,
  settings: Settings,
  random: (size: number) => Buffer = randomBytes,
): Promise<RegistryKeyring | KeyRefusal> {
  const path = join(dir, NAME);
  const refusal = await openKeyFolder(dir);
  if (refusal) return refusal;
  const remembered = await settings.setting(FINGERPRINT);
  let secret = await readSecret(path);
  if (secret === null && remembered !== null) return keyRefusal('key-missing', path);
  if (secret === null) {
    const failed = await makeSecret(path, random);
    // Read back what is there: another process may have been first.
    secret = failed ?? (await readSecret(path)) ?? keyRefusal('key-unreadable', path);
  }
  if (isKeyRefusal(secret)) return secret;
  const keyring = registryKeyring(secret, study);
  if (remembered !== null && remembered !== keyring.fingerprint) return keyRefusal('key-mismatch', path);
  if (remembered === null) await settings.putSetting(FINGERPRINT, keyring.fingerprint);
  return keyring;
}
