import type { SiteKeys } from '../../../identity/keys.ts';
import { type Made, Unmade } from '../../../pipeline/made.ts';
import type { PreparedChange } from '../../../pipeline/prepare.ts';
import type { Change } from '../../../record/change.ts';
import type { Entry } from '../entries.ts';

/** What a thread is told about a Bundle besides its bytes. */
export interface About {
  site: string;
  /** URL of the site's FHIR base here, without a slash at the end. */
  base: string;
  /** When the request came (ISO 8601): the time of deletions that say none. */
  at: string;
  /** Key of identifier hashes of the site, 32 bytes. */
  identifierHash: Uint8Array;
}

/** One entry of a Bundle as a thread read it: small where nothing of it is kept. */
export interface PlainEntry {
  method: Entry['method'];
  change: Omit<Change, 'body' | 'identifiers'>;
  /** Null where nothing is remembered of resources of the type. */
  idHash: string | null;
  identifiers: string[];
  /** Place of what is kept in `texts`; null when nothing is. */
  text: number | null;
}

/** A Bundle of which every entry is a change: no refusal, no condition, no form and no decision. */
export interface PlainBundle {
  type: string;
  entries: PlainEntry[];
  texts: string[];
}

/** A PlainBundle on its way between threads: a tree costs more to hand over than its JSON. */
export interface Packed {
  type: string;
  entries: string;
  texts: string[];
}

export function pack({ type, entries, texts }: PlainBundle): Packed {
  return { type, entries: JSON.stringify(entries), texts };
}

export function unpack({ type, entries, texts }: Packed): PlainBundle {
  return { type, entries: JSON.parse(entries) as PlainEntry[], texts };
}

/** The change of an entry, ready to be written. */
export function changeIn({ change, idHash, identifiers, text }: PlainEntry, texts: readonly string[], keys: SiteKeys) {
  const made: Made = { idHash, text: text === null ? null : texts[text]!, identifiers };
  const unmade = () => {
    throw new Unmade();
  };
  const prepared: PreparedChange = {
    kind: 'change',
    change: { ...change, body: unmade, identifiers: unmade },
    keys,
    made,
  };
  return prepared;
}
