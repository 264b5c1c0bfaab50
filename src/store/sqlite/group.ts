import type { DatabaseSync } from 'node:sqlite';
import { type Durability, NOT_DURABLE } from './durability.ts';

/** How much one commit may hold: so many works, and none begins after so many milliseconds. */
export interface GroupLimits {
  works: number;
  milliseconds: number;
}

export interface Groups {
  /**
   * Runs `work` in a transaction that it may share with others: it rolls back alone, and nothing of it is told before
   * the commit.
   * @throws what `work` threw, once the others of its group are durable; what SQLite said when nothing could be committed
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs or waits any more, and everything is durable. */
  idle(): Promise<void>;
}

interface Turn {
  /** Begins the work, in the asynchronous context of its caller. */
  begin: () => void;
  /** What comes of the work, once it has begun. */
  done: Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** Long enough that the commit is a small part of the group, short enough that the first of it hardly waits. */
const LIMITS: GroupLimits = { works: 64, milliseconds: 20 };

/**
 * Group commit: works that wait when a transaction begins run one after another in it, a savepoint each, and become
 * durable with one commit; the next group runs while the disk takes the last one in. They never interleave, so a work
 * that awaits anything but the store holds up its group; one that awaits the outcome of another waits for ever when both
 * are in one group.
 *
 * An error, too, is told only after the commit: it may rest on what an earlier work of the group wrote, and if that
 * cannot be committed it was never so. When the database rolls the whole transaction back (disk full, an error of
 * input or output), every work of the group rejects, those that had not begun as well. When the disk does not take in
 * what was committed, the group rejects, and so does every work from then on.
 * @param clock milliseconds, for the limit alone
 */
export function groupCommit(
  db: DatabaseSync,
  durability: Durability = NOT_DURABLE,
  limits = LIMITS,
  clock = () => performance.now(),
): Groups {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT work');
  const release = db.prepare('RELEASE work');
  const rollbackWork = db.prepare('ROLLBACK TO work');
  const changes = db.prepare('SELECT total_changes() AS made');
  const waiting: Turn[] = [];
  let draining = false;
  let drained: Promise<void> = Promise.resolve();

  async function drain(): Promise<void> {
    do {
      // What arrived together joins one group, and what the last group answered is sent, before this one begins.
      await new Promise<void>((next) => setImmediate(next));
      await runGroup(waiting.splice(0, limits.works));
    } while (waiting.length > 0);
    draining = false;
  }

  async function runGroup(group: Turn[]): Promise<void> {
    let culprit: Turn | null = null;
    const outcomes: (() => void)[] = [];
    const before = changesMade();
    try {
      durability.check();
      begin.run();
      const end = clock() + limits.milliseconds;
      const alone = group.length === 1;
      for (const turn of group) {
        culprit = turn;
        // Alone, a work needs no savepoint: the transaction is its own.
        if (!alone) outcomes.push(await inSavepoint(turn));
        else {
          const result = await resultOf(turn);
          outcomes.push(() => turn.resolve(result));
        }
        if (clock() >= end) break;
      }
      culprit = null;
      waiting.unshift(...group.splice(outcomes.length));
      commit.run();
      if (changesMade() !== before) durability.committed();
    } catch (error) {
      undo();
      const all = [...group];
      tellOnceDurable(all, () => {
        for (const turn of all) turn.reject(culprit === null || turn === culprit ? error : undone(error));
      });
      return;
    }
    tellOnceDurable(group, () => {
      for (const tell of outcomes) tell();
    });
  }

  /** Also an error may rest on what the group before committed. Not awaited: the next group runs meanwhile. */
  function tellOnceDurable(group: readonly Turn[], tell: () => void): void {
    durability.reached().then(tell, (error) => {
      for (const turn of group) turn.reject(notDurable(error));
    });
  }

  const changesMade = () => (changes.get() as { made: number }).made;

  async function inSavepoint(turn: Turn): Promise<() => void> {
    savepoint.run();
    try {
      const result = await resultOf(turn);
      release.run();
      return () => turn.resolve(result);
    } catch (error) {
      if (!db.isTransaction) throw error;
      rollbackWork.run();
      release.run();
      return () => turn.reject(error);
    }
  }

  /** SQLite has already rolled back by itself after some errors; when it cannot, the next begin says so. */
  function undo(): void {
    try {
      if (db.isTransaction) rollback.run();
    } catch {}
  }

  return {
    run<T>(work: () => Promise<T>): Promise<T> {
      let begin = () => {};
      const done = new Promise<void>((next) => {
        begin = next;
      }).then(work);
      const turn = new Promise<T>((resolve, reject) => {
        waiting.push({ begin, done, resolve: resolve as Turn['resolve'], reject });
      });
      if (!draining) {
        draining = true;
        drained = drain();
      }
      return turn;
    },
    idle: async () => {
      await drained;
      await durability.reached().catch(() => {});
    },
  };
}

function resultOf({ begin, done }: Turn): Promise<unknown> {
  begin();
  return done;
}

function notDurable(cause: unknown): Error {
  return new Error('The disk did not take in what was committed. Check it, then start again.', { cause });
}

/** What the others of a group are told: the error itself may speak of somebody else's data. */
function undone(cause: unknown): Error {
  return new Error('The database rolled the whole transaction back, and with it this part of it.', { cause });
}
