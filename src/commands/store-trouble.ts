import type { Store } from '../store/store.ts';

/** Results of SQLite that say the disk does not take what is written: READONLY, IOERR, CORRUPT, FULL, CANTOPEN. */
const RESULTS: ReadonlySet<number> = new Set([8, 10, 11, 13, 14]);
const SYSTEM: ReadonlySet<unknown> = new Set(['EIO', 'ENOSPC', 'EDQUOT', 'EROFS']);
const TOLD_MILLISECONDS = 10_000;

/** A store, and why nothing can be written to it just now, as a stable code; null when nothing is known against it. */
export interface WatchedStore {
  store: Store;
  trouble(): string | null;
}

/**
 * The same store; that the disk refused a write is told for ten seconds, since a full disk may take the next small one.
 * @param clock milliseconds, never going back
 */
export function watchedStore(store: Store, clock = () => performance.now()): WatchedStore {
  let refused: number | null = null;
  return {
    trouble: () => (refused !== null && clock() - refused < TOLD_MILLISECONDS ? 'disk-refuses' : null),
    store: {
      async withTransaction(work) {
        try {
          return await store.withTransaction(work);
        } catch (error) {
          if (isOfDisk(error)) refused = clock();
          throw error;
        }
      },
      read: (...given) => store.read(...given),
      settled: (...given) => store.settled(...given),
      close: () => store.close(),
    },
  };
}

function isOfDisk(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errcode, cause } = error as { code?: unknown; errcode?: unknown; cause?: unknown };
  if (code === 'ERR_SQLITE_ERROR') return RESULTS.has(Number(errcode) & 0xff);
  return SYSTEM.has(code) || isOfDisk(cause);
}
