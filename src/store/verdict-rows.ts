/** How the criteria came out for a subject who consents, as of the last screening; without the sensitive ones. */
export interface VerdictRow {
  subject: string;
  /** 1, 2, 3 …: one more whenever anything in it changed. */
  version: number;
  /** JSON: id of the criterion → `{ verdict, since }`, the day since which it is so. */
  verdicts: string;
}

export interface VerdictTables {
  verdictsOf(subject: string): Promise<VerdictRow | null>;
  putVerdicts(row: VerdictRow): Promise<void>;
}
