import type { Store } from '../store/store.ts';
import { overlaid } from './overlay.ts';

/** Rings within this process when there are new notices at a site. */
export interface NoticeBell {
  ring(site: string): void;
  /** @returns ends the listening */
  listen(heard: (site: string) => void): () => void;
}

export function createNoticeBell(): NoticeBell {
  const listeners = new Set<(site: string) => void>();
  return {
    ring(site) {
      for (const heard of [...listeners]) heard(site);
    },
    listen(heard) {
      // Each listening ends alone, also when one function listens twice.
      const own = (site: string) => heard(site);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}

/** The same store; the bell rings once a transaction that added notices is durable. */
export function withNoticeBell(store: Store, bell: NoticeBell): Store {
  return {
    async withTransaction(work) {
      const sites = new Set<string>();
      const result = await store.withTransaction((tx) => {
        const addNotice: typeof tx.hospital.addNotice = (row) => {
          sites.add(row.site);
          return tx.hospital.addNotice(row);
        };
        return work(overlaid(tx, 'hospital', { addNotice }));
      });
      for (const site of sites) bell.ring(site);
      return result;
    },
    read: (...given) => store.read(...given),
    settled: (...given) => store.settled(...given),
    close: () => store.close(),
  };
}
