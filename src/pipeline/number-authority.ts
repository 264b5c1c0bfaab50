import type { Transaction } from '../store/store.ts';

/**
 * Who gives participant numbers: one counter a group over all sites, no gap, no reuse (study protocol reading, "Groups,
 * strata, numbers"). Asked again for the same subject and group it answers the same, so that a site may ask a hub twice.
 * It is told pseudonyms and groups only.
 */
export interface NumberAuthority {
  take(group: string, subject: string, at: string): Promise<number>;
  /** The number goes into the ledger of void ones and is never given again. */
  void(group: string, number: number, reason: string, at: string): Promise<void>;
  /** The number a subject holds; null when it has none, or it was voided. */
  of(subject: string): Promise<{ group: string; number: number } | null>;
}

/** The authority of a place that is site and hub in one: the counter in the store, in the transaction of the decision. */
export function localNumbers({ study }: Transaction): NumberAuthority {
  return {
    take: (group, subject, at) => study.takeNumber(group, subject, at),
    void: (group, number, reason, at) => study.voidNumber(group, number, reason, at),
    of: (subject) => study.numberOf(subject),
  };
}
