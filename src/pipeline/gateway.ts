import type { ShapeCheck } from '../fhir/shape/check.ts';
import { isKeyRefusal, type KeyRefusal } from '../identity/key-refusal.ts';
import type { Keys, SiteKeys } from '../identity/keys.ts';
import type { Screener } from '../screening/assess.ts';
import type { Store } from '../store/store.ts';
import type { LoadedStudy } from '../study/load.ts';
import type { Site } from '../study/site.ts';

/** Everything the write path is made of. */
export interface Gateway {
  store: Store;
  loaded: LoadedStudy;
  sites: ReadonlyMap<string, Site>;
  screener: Screener;
  shape: ShapeCheck;
  keys: Keys;
  /** Wall clock in milliseconds: when something was written. */
  clock: () => number;
  /** Who works, for the audit trail. */
  actor: string;
}

/** Keys that could not be opened stop the run; the message says what to do. */
export class KeysUnavailable extends Error {
  readonly refusal: KeyRefusal;
  constructor(refusal: KeyRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The keys of a site, made at first use. */
export async function keysOf(gateway: Gateway, site: string): Promise<SiteKeys> {
  const keys = await gateway.keys.of(site);
  if (isKeyRefusal(keys)) throw new KeysUnavailable(keys);
  return keys;
}
