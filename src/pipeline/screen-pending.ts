import { clustersAround } from './clusters.ts';
import type { Gateway } from './gateway.ts';
import { BATCH, type Listening, noScreening, type Screening, screenPersons, toTell } from './screen.ts';

/** What a screening of pending persons found. */
export interface PendingScreening extends Screening {
  /** Marks that were dealt with; fewer than the limit when nobody is left. */
  taken: number;
}

/**
 * Screens those whom stored changes concern and who were not screened since, the longest waiting first. Each is
 * screened and cleared in one transaction, so nobody is lost when the program ends in between.
 * @param now the clock of the criteria, in milliseconds
 * @param limit persons to take at most; several may turn out to be one
 */
export async function screenPending(
  gateway: Gateway,
  now: number,
  limit: number,
  listening: Listening = {},
): Promise<PendingScreening> {
  const found: PendingScreening = { ...noScreening(), taken: 0 };
  const told = toTell(listening.subject);
  while (found.taken < limit) {
    const most = Math.min(BATCH, limit - found.taken);
    const batch = await gateway.store.withTransaction(async (tx) => {
      const pending = await tx.hospital.takePending(most);
      const screening = noScreening();
      // Merges may have changed since the last batch, and so may a person who was in it.
      const round = { now, found: screening, subject: told.hear, merges: clustersAround, seen: new Set<string>() };
      await screenPersons(gateway, tx, pending, round, listening.person);
      for (const { site, person, upTo } of pending) await tx.hospital.clearPending(site, person, upTo);
      return { taken: pending.length, screening };
    });
    told.tell();
    add(found, batch.screening);
    found.taken += batch.taken;
    if (batch.taken < most) break;
  }
  return found;
}

/** Counted only once it is durable. */
function add(found: Screening, { subjects, counted, unresolved }: Screening): void {
  found.subjects += subjects;
  for (const [as, count] of counted) found.counted.set(as, (found.counted.get(as) ?? 0) + count);
  found.unresolved += unresolved;
}
