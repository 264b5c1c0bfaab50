import type { ResearchRow } from './research-rows.ts';

/**
 * The version of a resource that stood at an instant: the newest whose `lastUpdated` is not later. ResearchSubjects are
 * rows too (type and subject are then `ResearchSubject` and its own id); one of whom nothing else stands on the study
 * side at that instant, for want of consent, counts as deleted.
 */
export interface StandingRow extends ResearchRow {
  /** Deleted by now, whatever it was then. */
  gone: boolean;
}

/** Where a walk through changes goes on: behind this row. */
export interface ChangeMark {
  lastUpdated: string;
  id: string;
}

/** The study side as it stood at an instant. Instants are written as `Date.toISOString` does, so that text order is time order. */
export interface StandingTables {
  /** Null when there was none yet. */
  standing(type: string, id: string, at: string): Promise<StandingRow | null>;
  /** Those not deleted at that instant, ordered by id, after the given one; at most `limit`. */
  standingAfter(type: string, at: string, after: string, limit: number): Promise<StandingRow[]>;
  /** Those of one subject not deleted at that instant, without its ResearchSubject, ordered by type, id. */
  standingOf(subject: string, at: string): Promise<StandingRow[]>;
  /**
   * Versions that stood at `until` and were not written before `since` or at it, deletions too, ordered by
   * `lastUpdated`, id. Of ResearchSubjects all are given, ordered by id: what their standing rests on is not in their
   * versions.
   */
  changedAfter(
    type: string,
    span: { since: string; until: string },
    after: ChangeMark | null,
    limit: number,
  ): Promise<StandingRow[]>;
  /** Any version of any resource of that type of a subject, deleted ones too; null when there was never one. */
  anyOf(subject: string, type: string): Promise<ResearchRow | null>;
}
