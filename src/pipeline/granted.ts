import type { Granted } from '../release/lens.ts';
import type { GrantedRow } from '../store/release-rows.ts';
import type { Transaction } from '../store/store.ts';
import type { Passage } from './research-gate.ts';

/**
 * The purposes a person's consent covers at the present, each with the instant until which it does so by what is known
 * now: all that the study side learns of the Consents beside what it is given.
 */
export function grantedNow({ grants, present, study }: Passage): Record<string, string | null> {
  const granted: Record<string, string | null> = {};
  for (const purpose of [...study.purposes.codes].sort()) {
    if (grants.may(purpose, present) !== 'yes') continue;
    const span = grants.intervals(purpose).find(({ start, end }) => start <= present.start && present.end <= end);
    if (span) granted[purpose] = Number.isFinite(span.end) ? new Date(span.end).toISOString() : null;
  }
  return granted;
}

/**
 * Writes what a subject has granted, when it has changed; somebody who never granted anything has no row. A purpose that
 * was granted and is not any more stays as `false`: a registry that was shown something is told that it is gone.
 * @param at the instant of the change, as that of everything else of the transaction
 */
export async function keepGranted(
  { study }: Transaction,
  subject: string,
  granted: Readonly<Record<string, string | null>>,
  at: string,
): Promise<void> {
  const before = await study.grantedOf(subject);
  const lost = Object.keys(JSON.parse(before?.purposes ?? '{}')).map((purpose) => [purpose, false] as const);
  const all = { ...Object.fromEntries(lost), ...granted };
  const purposes = JSON.stringify(Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))));
  if ((before?.purposes ?? '{}') !== purposes) await study.putGranted({ subject, purposes }, at);
}

/** What every subject has granted, for lenses; what was granted once, and is not any more, ended before any time. */
export async function readGranted({ study }: Transaction): Promise<ReadonlyMap<string, Granted>> {
  return grantedIn(await study.granted());
}

/** The same as it was at an instant (ISO 8601, UTC). */
export async function readGrantedAt({ study }: Transaction, at: string): Promise<ReadonlyMap<string, Granted>> {
  return grantedIn(await study.grantedAt(at));
}

function grantedIn(rows: readonly GrantedRow[]): ReadonlyMap<string, Granted> {
  return new Map(
    rows.map(({ subject, purposes }) => {
      const until = Object.entries(JSON.parse(purposes) as Record<string, string | null | false>);
      return [subject, new Map(until.map(([purpose, end]) => [purpose, millisecondsOf(end)]))];
    }),
  );
}

function millisecondsOf(end: string | null | false): number {
  if (end === false) return -Infinity;
  return end === null ? Infinity : Date.parse(end);
}
