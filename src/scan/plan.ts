/** What the scan goes by, as plain data: it is handed to every thread. */
export interface ScanPlan {
  /** Types that are read in any case: people, consents, what may be a decision. */
  read: readonly string[];
  /** Types kept by their codes and texts. */
  coded: readonly string[];
  /** Types kept by other things (a date, a class): of candidates all of them are read. */
  others: readonly string[];
  /** All types of R4: what is none of them is read, and refused. */
  known: readonly string[];
  /** The hospital whose feed it is; null when `meta.source` says so. */
  site: string | null;
  sites: readonly { id: string; fhirBase: string }[];
}

/** A CodeableConcept, or a text, as it stands in a line of one type: the bytes of its UTF-8 as Latin-1. */
export interface Phrase {
  site: string;
  type: string;
  form: 'concept' | 'text';
  bytes: string;
}

/** What a phrase means for its line; bits of a number. */
export const MEANS = {
  /** Whoever the line names is a candidate. */
  evidence: 1,
  /** The line must be read: a local code that no map knows, or no JSON. */
  read: 2,
} as const;
