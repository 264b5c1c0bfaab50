import type { ResourceKey } from '../fhir/resource.ts';

/** A person whose changes are stored and whose screening has not been since. */
export interface PendingRow {
  site: string;
  /** As `RecordRow.person`: a Patient id, or `?` and an alias. */
  person: string;
  /** Sequence of the newest mark; rises with time over all persons. */
  upTo: number;
}

/** Who is still to be screened; written in the transaction that makes it so, and at the hospital, since it names people. */
export interface PendingTables {
  markPending(site: string, persons: readonly string[]): Promise<void>;
  /** Those who have waited longest, the first mark since they were last cleared first. Takes nothing away. */
  takePending(limit: number): Promise<PendingRow[]>;
  /** Clears the marks up to and including `upTo`: a person marked again since then stays, and waits from that mark. */
  clearPending(site: string, person: string, upTo: number): Promise<void>;
}

/** Whom else a change concerns. */
export interface ConcernTables {
  /** Merge links, whoever declared them, that name one of these as either end (a Patient id, or `?` and an alias). */
  linksNaming(site: string, ends: readonly string[]): Promise<{ from: string; to: string }[]>;
  /** Replaces the resources (`Type/id`) of other people that one resource names. */
  putMentions(key: ResourceKey, references: readonly string[]): Promise<void>;
  /** Persons of the records that name a resource. */
  mentioning(site: string, reference: string): Promise<string[]>;
}
