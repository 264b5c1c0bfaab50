import type { Target } from '../delivery/target.ts';
import type { r4 } from '../fhir/resource.ts';
import type { ShapeCheck } from '../fhir/shape/check.ts';
import { isKeyRefusal, type KeyRefusal } from '../identity/key-refusal.ts';
import type { Keys, SiteKeys } from '../identity/keys.ts';
import type { Deriver } from '../research/derive/derive.ts';
import type { Screener } from '../screening/assess.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { LoadedStudy } from '../study/load.ts';
import type { Site } from '../study/site.ts';
import { localNumbers, type NumberAuthority } from './number-authority.ts';

/** Maps and profiles of the study side, with a mark that changes when any of them does. */
export interface ResearchDesk {
  deriver: Deriver;
  version: string;
}

/** Everything the write path is made of. */
export interface Gateway {
  store: Store;
  loaded: LoadedStudy;
  sites: ReadonlyMap<string, Site>;
  screener: Screener;
  shape: ShapeCheck;
  keys: Keys;
  /** The study's forms by canonical url; without them responses are passed over. */
  forms?: ReadonlyMap<string, r4.Questionnaire>;
  /** What makes research resources, read when the first consenting person needs it; without it none are made. */
  research?: () => Promise<ResearchDesk>;
  /** Gives participant numbers; the store's own counter unless another authority is named. */
  numbers?: (tx: Transaction) => NumberAuthority;
  /** FHIR servers that get what concerns them; what changes is noted for them in its transaction. */
  targets?: readonly Target[];
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

/** The number authority of a transaction. */
export function numbersOf(gateway: Pick<Gateway, 'numbers'>, tx: Transaction): NumberAuthority {
  return (gateway.numbers ?? localNumbers)(tx);
}

/** The keys of a site, made at first use. */
export async function keysOf(gateway: Pick<Gateway, 'keys'>, site: string): Promise<SiteKeys> {
  const keys = await gateway.keys.of(site);
  if (isKeyRefusal(keys)) throw new KeysUnavailable(keys);
  return keys;
}
