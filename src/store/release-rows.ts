/** The purposes of consent that a subject has granted as of the last screening. */
export interface GrantedRow {
  subject: string;
  /** JSON: code of the purpose → instant (ISO 8601, UTC) until which it is granted, null for no end; false for taken back. */
  purposes: string;
}

/** A release to a registry, for ever. */
export interface ReleaseRow {
  registry: string;
  /** 1, 2, 3 … for each registry. */
  number: number;
  /** Id of the agreement, and its hash. */
  agreement: string;
  agreementHash: string;
  /** Instant (ISO 8601, UTC). */
  at: string;
  contentHash: string;
  /** The manifest as it was signed, and the signature. */
  manifest: string;
  signature: string;
}

/** One person in one release. */
export interface ReleasedRow {
  registry: string;
  number: number;
  subject: string;
  /** Participant number at that time; null before enrolment. */
  participant: string | null;
  /** JSON: what was released of the person; opaque to the store. */
  resources: string;
}

/** A release that was posted, whole. */
export interface PushedRow {
  registry: string;
  number: number;
  at: string;
}

/** What was agreed to and released, on the study side. */
export interface ReleaseTables {
  /** Of all subjects, ordered by subject. */
  granted(): Promise<GrantedRow[]>;
  grantedOf(subject: string): Promise<GrantedRow | null>;
  /** As of an instant (ISO 8601, UTC), ordered by subject; who had not granted anything by then is not there. */
  grantedAt(at: string): Promise<GrantedRow[]>;
  /** @param at the instant from which on it is so; not before that of the row it replaces */
  putGranted(row: GrantedRow, at: string): Promise<void>;

  /** Adds a release with everybody in it. Throws when the number is not the next of the registry. */
  addRelease(row: ReleaseRow, people: readonly Omit<ReleasedRow, 'registry' | 'number'>[]): Promise<void>;
  /** Of one registry, or of all; ordered by registry, number. */
  releases(registry?: string): Promise<ReleaseRow[]>;
  /** Ordered by subject. */
  released(registry: string, number: number): Promise<ReleasedRow[]>;
  /** Rows of a subject or a participant number; ordered by registry, number. */
  releasesWith(who: string): Promise<ReleasedRow[]>;
  addPushed(row: PushedRow): Promise<void>;
  /** Ordered by `at`. */
  pushed(registry: string, number: number): Promise<PushedRow[]>;
}
