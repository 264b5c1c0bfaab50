import { close, closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Says when what was committed is on the disk. */
export interface Durability {
  /** Something was committed. */
  committed(): void;
  /**
   * Resolves once everything committed so far survives a loss of power. Rejects from then on when the disk refuses:
   * what of the file is written is then not known.
   */
  reached(): Promise<void>;
  /** @throws when the disk has refused: nothing more is to be written then */
  check(): void;
  close(): Promise<void>;
}

/** For a store in memory, which survives nothing. */
export const NOT_DURABLE: Durability = {
  committed() {},
  reached: () => Promise.resolve(),
  check() {},
  close: () => Promise.resolve(),
};

/**
 * Brings the write-ahead log to the disk while the program goes on (SQLite, "Write-Ahead Logging": with synchronous
 * NORMAL a commit appends to the log and does not wait). The log is written in order, so one call covers all commits
 * before it: those made while a call runs share the next.
 * @param file of the database; its log is `<file>-wal`
 * @param sync brings a file to the disk; another one for tests
 */
export function walDurability(file: string, sync: (fd: number) => Promise<void> = promisify(fdatasync)): Durability {
  let fd: number | null = null;
  /** Commits made, and how many of them are on the disk. */
  let [made, safe] = [0, 0];
  let running: Promise<void> | null = null;
  let following: Promise<void> | null = null;
  let failure: { error: unknown } | null = null;

  async function run(): Promise<void> {
    const upTo = made;
    try {
      fd ??= openLog(file);
      await sync(fd);
      safe = upTo;
    } catch (error) {
      // A later call may succeed although pages were lost, so none is made.
      failure ??= { error };
      throw error;
    } finally {
      running = null;
    }
  }

  function reached(): Promise<void> {
    if (failure) return Promise.reject(failure.error);
    if (safe === made) return Promise.resolve();
    if (running === null) {
      running = run();
      return running;
    }
    following ??= running.then(() => {
      following = null;
      return reached();
    });
    return following;
  }

  return {
    committed() {
      made++;
    },
    reached,
    check() {
      if (failure) throw failure.error;
    },
    async close() {
      await (following ?? running)?.catch(() => {});
      if (fd !== null) await promisify(close)(fd);
      fd = null;
    },
  };
}

/** The log itself, and its name in the folder. */
function openLog(file: string): number {
  const fd = openSync(`${file}-wal`, 'r+');
  // Windows has no folders to be opened, and keeps names by itself.
  if (process.platform === 'win32') return fd;
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return fd;
}
