/** What a person decided about a patient, signed; rows are added, never changed. */
export interface DecisionRow {
  /** Unique over all sites. */
  id: string;
  site: string;
  /** Patient id of that site. */
  patient: string;
  /** Instant of the signature (ISO 8601, UTC). */
  at: string;
  kind: string;
  /** JSON of the decision; opaque to the store. */
  body: string;
}

/** What a research resource was made from; kept at the hospital, since it names a hospital resource. */
export interface LineageRow {
  /** `Type/<pseudonymous id>` of the research resource. */
  research: string;
  subject: string;
  site: string;
  /** `Type/<hospital id>` of the resource it was made from. */
  source: string;
  /** meta.versionId of the source as sent. */
  versionId: string | null;
  /** SHA-256 (hex) of the source in canonical JSON. */
  hash: string;
  /** Canonical of the map it went through. */
  map: string;
  studyVersion: string;
  /** Instant of the mapping (ISO 8601, UTC). */
  at: string;
}

/** A resource that may not pass to the study side as it is. */
export interface HeldRow {
  subject: string;
  /** `Type/<hospital id>`. */
  source: string;
  /** Stable code. */
  reason: string;
  expression: string | null;
  message: string;
}

/** Something the study team at the hospital is to do; the newest version. */
export interface TaskRow {
  id: string;
  site: string;
  /** Patient id of that site. */
  patient: string;
  subject: string;
  open: boolean;
  version: number;
  lastUpdated: string;
  /** JSON of the Task; names hospital resources. */
  body: string;
}

/** Left of a person who was purged: enough to know the same person again, not to say who it was. */
export interface TombstoneRow {
  site: string;
  /** Keyed hash of the Patient id. */
  hash: string;
  /** Instant of the purge (ISO 8601, UTC). */
  at: string;
  reason: string;
}

/** How many rows a purge deleted, by what they were. */
export interface PurgeCounts {
  records: number;
  aliases: number;
  links: number;
  unmapped: number;
  pseudonyms: number;
  enrolments: number;
  moves: number;
  decisions: number;
  lineage: number;
  held: number;
  tasks: number;
  quarantined: number;
}

/** A participant number, for ever: a voided one stays in the ledger. */
export interface NumberRow {
  group: string;
  /** 1, 2, 3 … within the group, over all sites. */
  number: number;
  subject: string;
  /** Instant it was given (ISO 8601, UTC). */
  at: string;
  voided: { reason: string; at: string } | null;
}

/** One version of a pseudonymous resource of the research record. */
export interface ResearchRow {
  type: string;
  id: string;
  subject: string;
  version: number;
  lastUpdated: string;
  deleted: boolean;
  /** JSON of the resource. */
  body: string;
}
