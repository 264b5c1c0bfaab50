/** Why the content of what was set aside is not there. */
export type Withheld =
  /** Bytes that could not be read as text to their end. */
  | 'not-readable'
  /** Nobody's key could seal it. */
  | 'site-unknown'
  | 'too-large'
  /** Its time was over. */
  | 'aged'
  /** It was taken in. */
  | 'resolved';

/** Something refused at the door: one row however often it arrives. */
export interface QuarantineRow {
  /** Keyed hash of site and content; of the place where there is no content. */
  id: string;
  /** Null when it is not known from which hospital it comes. */
  site: string | null;
  /** Instant at which it last arrived (ISO 8601, UTC). */
  at: string;
  /** File as it was named, or the id of a request; line from 1, entry of a Bundle from 0. */
  file: string;
  line: number | null;
  entry: number | null;
  reason: string;
  expression: string | null;
  message: string;
  /** Sealed; opaque to the store. */
  content: string | null;
  /** Null while there is content. */
  withheld: Withheld | null;
  state: 'open' | 'resolved';
  resolvedAt: string | null;
  /** How often it arrived or was tried again, up to the last refusal. */
  attempts: number;
}

/** A refusal to be kept. */
export interface NewQuarantineRow extends Omit<QuarantineRow, 'state' | 'resolvedAt' | 'attempts'> {
  /** Patient ids or `?alias`es of the site that the content may concern; without content none. */
  persons: readonly string[];
}

/** A row as lists show it. */
export type QuarantineListed = Omit<QuarantineRow, 'content'>;

/** What was set aside at a hospital, to be tried again. */
export interface QuarantineTables {
  /** Adds a row, or where the id is known counts an attempt, replaces the rest, and opens the row again. */
  putQuarantined(row: NewQuarantineRow): Promise<void>;
  quarantined(id: string): Promise<QuarantineRow | null>;
  /** Open rows, ordered by time of arrival, then id. */
  openQuarantine(of: { site?: string | undefined; reason?: string | undefined }): Promise<QuarantineListed[]>;
  /** Closes an open row and forgets its content; another stays as it is. */
  resolveQuarantined(id: string, at: string): Promise<void>;
  /** Counts an attempt of an open row and says why it failed; its time of arrival stays. */
  refuseQuarantined(id: string, refusal: Pick<QuarantineRow, 'reason' | 'expression' | 'message'>): Promise<void>;
  /**
   * Forgets the content of what last arrived before an instant; the rows stay.
   * @param site one hospital; all when null
   * @returns how many contents went
   */
  ageQuarantine(site: string | null, before: string): Promise<number>;
}
