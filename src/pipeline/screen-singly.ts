import type { PendingRow } from '../store/pending-rows.ts';
import { clustersAround } from './clusters.ts';
import type { Gateway } from './gateway.ts';
import { noScreening, screenPersons } from './screen.ts';

/**
 * Screens pending persons each in a transaction of their own, after a batch of them failed: who cannot be screened goes
 * to the end of the queue, still pending, and holds nobody else up.
 * @returns how many were screened, and the faults of the others
 */
export async function screenSingly(
  gateway: Gateway,
  now: number,
  limit: number,
): Promise<{ screened: number; faults: unknown[] }> {
  const pending = await gateway.store.withTransaction(({ hospital }) => hospital.takePending(limit));
  const faults: unknown[] = [];
  for (const one of pending) {
    try {
      await gateway.store.withTransaction(async (tx) => {
        const round = { now, found: noScreening(), merges: clustersAround, seen: new Set<string>() };
        await screenPersons(gateway, tx, [one], round);
        await tx.hospital.clearPending(one.site, one.person, one.upTo);
      });
    } catch (error) {
      faults.push(error);
      await last(gateway, one);
    }
  }
  return { screened: pending.length - faults.length, faults };
}

async function last(gateway: Gateway, { site, person, upTo }: PendingRow): Promise<void> {
  await gateway.store.withTransaction(async ({ hospital }) => {
    await hospital.clearPending(site, person, upTo);
    await hospital.markPending(site, [person]);
  });
}
