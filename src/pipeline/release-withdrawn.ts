import type { ReleaseRow } from '../store/release-rows.ts';
import type { Transaction } from '../store/store.ts';
import { readGranted } from './granted.ts';

/** A release with when it was posted, and those people of it whose consent no longer covers the use of data. */
export interface ReleaseStanding extends ReleaseRow {
  /** Instants, in order. */
  pushed: string[];
  /** Participant numbers; before enrolment ids of ResearchSubjects. */
  withdrawn: string[];
}

/**
 * All releases, and whom of each the registry must be told of.
 * @param ofData the purpose that the use of data needs
 * @param now milliseconds
 */
export async function withdrawnOf(tx: Transaction, ofData: string, now: number): Promise<ReleaseStanding[]> {
  const granted = await readGranted(tx);
  const all: ReleaseStanding[] = [];
  for (const row of await tx.study.releases()) {
    const people = await tx.study.released(row.registry, row.number);
    const gone = people.filter(({ subject }) => (granted.get(subject)?.get(ofData) ?? -Infinity) <= now);
    const pushed = (await tx.study.pushed(row.registry, row.number)).map(({ at }) => at);
    all.push({ ...row, pushed, withdrawn: gone.map(({ subject, participant }) => participant ?? subject) });
  }
  return all;
}
