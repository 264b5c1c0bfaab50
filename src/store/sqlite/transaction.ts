import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';
import type { HospitalTables, Store, StudyTables, Transaction } from '../store.ts';
import { decisionTables } from './hospital-decision.ts';
import { enrolmentTables } from './hospital-enrolment.ts';
import { feedTables } from './hospital-feed.ts';
import { heldTables } from './hospital-held.ts';
import { lineageTables } from './hospital-lineage.ts';
import { noticeTables } from './hospital-notice.ts';
import { personTables } from './hospital-person.ts';
import { purgeTables } from './hospital-purge.ts';
import { quarantineTables } from './hospital-quarantine.ts';
import { recordTables } from './hospital-record.ts';
import { subscriberTables } from './hospital-subscriber.ts';
import { taskTables } from './hospital-task.ts';
import { tombstoneTables } from './hospital-tombstone.ts';
import { unmappedTables } from './hospital-unmapped.ts';
import { ledgerTables } from './ledger.ts';
import { numberTables } from './study-number.ts';
import { researchTables } from './study-research.ts';
import { subjectTables } from './study-subject.ts';

/** Whether one transaction is still running. */
interface Span {
  open: boolean;
}

type Methods = Record<string, (...given: never[]) => Promise<unknown>>;

/** The same methods, each rejecting once the transaction has ended: a late write must not land in another's. */
function during<T extends object>(span: Span, tables: T): T {
  const guarded: Methods = {};
  for (const [name, method] of Object.entries(tables as Methods)) {
    guarded[name] = (...given) =>
      span.open ? method(...given) : Promise.reject(new Error(`The transaction has ended: ${name} came too late.`));
  }
  return guarded as T;
}

/**
 * The store over an opened and migrated database. One transaction at a time: calls that overlap wait their turn in
 * the order they came. A call from inside a running transaction would wait for itself, so it throws.
 */
export function transactionalStore(db: DatabaseSync): Store {
  const hospital: HospitalTables = {
    ...recordTables(db),
    ...personTables(db),
    ...unmappedTables(db),
    ...enrolmentTables(db),
    ...decisionTables(db),
    ...lineageTables(db),
    ...heldTables(db),
    ...taskTables(db),
    ...tombstoneTables(db),
    ...purgeTables(db),
    ...quarantineTables(db),
    ...feedTables(db),
    ...noticeTables(db),
    ...subscriberTables(db),
  };
  const study: StudyTables = { ...subjectTables(db), ...numberTables(db), ...researchTables(db) };
  const ledger = ledgerTables(db);
  const within = new AsyncLocalStorage<Span>();
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | null = null;

  async function run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const span: Span = { open: true };
    const tx: Transaction = {
      hospital: during(span, hospital),
      study: during(span, study),
      ...during(span, ledger),
    };
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = await within.run(span, () => work(tx));
      span.open = false;
      db.exec('COMMIT');
      return result;
    } catch (error) {
      span.open = false;
      // SQLite has already rolled back by itself after some errors (a full disk, say).
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    async withTransaction(work) {
      if (within.getStore()?.open) throw new Error('A transaction was begun inside another one.');
      if (closing !== null) throw new Error('The store is closed.');
      const turn = last.then(() => run(work));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      if (within.getStore()?.open) throw new Error('The store was closed inside a transaction.');
      closing ??= last.then(() => db.close());
      return closing;
    },
  };
}
