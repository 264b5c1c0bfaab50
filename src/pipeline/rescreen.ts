import { clustersAround } from './clusters.ts';
import type { Gateway } from './gateway.ts';
import { noScreening, screenPersons } from './screen.ts';

/** A screening of everybody that is made step by step, so that others can work in between. */
export interface Rescreening {
  /** @returns how many rows of persons were looked at, and whether that was the last of them */
  step(gateway: Gateway, now: number, persons: number): Promise<{ persons: number; done: boolean }>;
}

/**
 * Begins at the first person the store knows. Everybody who was there when it began is screened once; those of a step
 * that fails are left pending, where one of them does not hold up the others.
 */
export function startRescreening(): Rescreening {
  let [site, person] = ['', ''];
  const seen = new Set<string>();
  return {
    async step(gateway, now, persons) {
      const { store } = gateway;
      const rows = await store.withTransaction(({ hospital }) => hospital.personsAfter(site, person, persons));
      const last = rows.at(-1);
      if (!last) return { persons: 0, done: true };
      try {
        await store.withTransaction((tx) =>
          screenPersons(gateway, tx, rows, { now, found: noScreening(), merges: clustersAround, seen }),
        );
      } catch {
        await store.withTransaction(async ({ hospital }) => {
          for (const row of rows) await hospital.markPending(row.site, [row.person]);
        });
      }
      [site, person] = [last.site, last.person];
      return { persons: rows.length, done: rows.length < persons };
    },
  };
}
