import { type Entry, nextStep } from '../delivery/step.ts';
import type { Target } from '../delivery/target.ts';
import type { DeliveryRow } from '../store/outbox-rows.ts';
import type { Transaction } from '../store/store.ts';
import { standingsOf } from './outbox-wanted.ts';

/** What is to be sent next under a claim, with the rows it is about in the same order. */
export interface ClaimStep {
  entries: readonly Entry[];
  rows: readonly DeliveryRow[];
}

/** How an entry ended. */
export type Ending = { entry: Entry; row: DeliveryRow } & (
  | { done: true; remote: string | null }
  | { done: false; code: string }
);

/**
 * The next transaction for whom a claim is about, from the store as it is now: what has changed since the claim, a
 * withdrawal say, is in it. What needs no sending is settled. From here on what is sent counts as released.
 * @param at instant now
 * @param until instant up to which the claim is renewed
 */
export async function stepOf(
  tx: Transaction,
  target: Target,
  claim: string,
  { limit, at, until }: { limit: number; at: string; until: string },
): Promise<ClaimStep> {
  const rows = new Map((await tx.study.renewClaim(claim, until)).map((row) => [`${row.type}/${row.id}`, row]));
  const standings = await standingsOf(tx, target, [...rows.values()]);
  const { asItIs, entries } = nextStep(standings, limit, target.study);
  for (const { type, id, wanted, remote, hash, loose } of asItIs) {
    const row = rows.get(`${type}/${id}`)!;
    const settled = { state: 'done' as const, remote: wanted ? remote : null, hash, loose };
    await tx.study.settleDelivery(row, claim, row.changes, settled, at);
  }
  for (const { type, id, method } of entries)
    if (method === 'PUT') await tx.study.markReleased({ target: target.id, type, id }, at);
  return { entries, rows: entries.map(({ type, id }) => rows.get(`${type}/${id}`)!) };
}

/**
 * Writes down how entries ended. What was delivered under a new id makes those wait again who name it: with another id
 * before, everything of the person; with none, what was sent without it.
 */
export async function settleStep(
  tx: Transaction,
  claim: string,
  endings: readonly Ending[],
  at: string,
): Promise<void> {
  const there = new Set(endings.flatMap(({ done, entry }) => (done ? [`${entry.type}/${entry.id}`] : [])));
  for (const { entry, row, ...ending } of endings) {
    const loose = entry.loose || entry.beside.some((name) => !there.has(name));
    const { hash } = entry;
    const settled = ending.done
      ? { state: 'done' as const, remote: ending.remote, hash, loose }
      : { state: 'failed' as const, code: ending.code };
    await tx.study.settleDelivery(row, claim, row.changes, settled, at);
  }
  // Afterwards: what was in the same transaction may name the old id as well.
  for (const { row, ...ending } of endings) {
    if (!ending.done || ending.remote === null || ending.remote === row.remote) continue;
    await tx.study.relink(row.target, row.subject, at, row.remote === null ? 'loose' : 'all');
  }
}
