import { type Day, dayOf } from '../fhir/time.ts';
import type { Allowed } from './elements.ts';

/** What was agreed with one registry: data, and all of it. What it does not name does not pass. */
export interface Agreement {
  /** The name of its file. */
  id: string;
  /** As its clients are added (`client add --registry`). */
  registry: string;
  who: string;
  /** Id of the person who approves releases. */
  approver: string;
  /** Codes of the study's consent purposes that everybody must have granted, in order; the use of data always. */
  purposes: readonly string[];
  abroad: boolean;
  legalBasis: { text: string; from: Day; until: Day };
  /** Site ids; null for all. */
  sites: ReadonlySet<string> | null;
  age: 'years' | 'decade' | 'none';
  dates: 'exact' | 'shifted' | 'year';
  /** With shifted dates: how many days at most they move back. */
  shiftDays: number;
  /** Identifiers of the study (participant numbers, kits): as they are, or under names of the registry's own. */
  identifiers: 'own' | 'exact';
  /** Counts below it are not told. */
  smallestCell: number;
  /** Where releases are posted to; null when they are handed over otherwise. */
  endpoint: string | null;
  resources: ReadonlyMap<string, ResourceTerms>;
  /** Ids of the criteria whose verdicts a release tells in its tables; never sensitive ones. */
  criteria: ReadonlySet<string>;
  /** Kinds of tables that a release holds beside the resources; made of what passes, and of nothing else. */
  tables: readonly string[];
  /** SHA-256 (hex) over the canonical JSON of the file. */
  hash: string;
}

/** What was agreed of one resource type. */
export interface ResourceTerms {
  elements: Allowed;
  /** Purposes needed beside those of the agreement. */
  purposes: readonly string[];
  /** Empty for all kinds; else only these pass, each with a purpose of its own. */
  kinds: readonly Kind[];
}

/** Resources with one of these codes in an element. */
export interface Kind {
  element: string;
  system: string;
  codes: ReadonlySet<string>;
  purpose: string;
}

/** Every purpose that decides about anything in an agreement. */
export function purposesOf({ purposes, resources }: Agreement): ReadonlySet<string> {
  const ofTypes = [...resources.values()].flatMap((terms) => [
    ...terms.purposes,
    ...terms.kinds.map(({ purpose }) => purpose),
  ]);
  return new Set([...purposes, ...ofTypes]);
}

/**
 * Whether an agreement holds at an instant: from the first day of its legal basis to the end of the last.
 * @param now milliseconds
 * @param zone that of the study
 */
export function isInForce({ legalBasis }: Agreement, now: number, zone: string): boolean {
  const today = dayOf(now, zone);
  return legalBasis.from <= today && today <= legalBasis.until;
}
