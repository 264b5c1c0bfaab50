import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { HospitalTables, Store, StudyTables, Transaction } from '../store.ts';
import { clientTables } from './client.ts';
import { type Durability, NOT_DURABLE } from './durability.ts';
import { groupCommit } from './group.ts';
import { concernTables } from './hospital-concern.ts';
import { decisionTables } from './hospital-decision.ts';
import { enrolmentTables } from './hospital-enrolment.ts';
import { feedTables } from './hospital-feed.ts';
import { heldTables } from './hospital-held.ts';
import { identifierTables } from './hospital-identifier.ts';
import { lineageTables } from './hospital-lineage.ts';
import { noticeTables } from './hospital-notice.ts';
import { pendingTables } from './hospital-pending.ts';
import { personTables } from './hospital-person.ts';
import { purgeTables } from './hospital-purge.ts';
import { quarantineTables } from './hospital-quarantine.ts';
import { recordTables } from './hospital-record.ts';
import { scanTables } from './hospital-scan.ts';
import { subscriberTables } from './hospital-subscriber.ts';
import { subscriptionTables } from './hospital-subscription.ts';
import { taskTables } from './hospital-task.ts';
import { tombstoneTables } from './hospital-tombstone.ts';
import { unmappedTables } from './hospital-unmapped.ts';
import { workTables } from './hospital-work.ts';
import { ledgerTables } from './ledger.ts';
import { exportTables } from './study-export.ts';
import { numberTables } from './study-number.ts';
import { outboxTables } from './study-outbox.ts';
import { releaseTables } from './study-release.ts';
import { researchTables } from './study-research.ts';
import { standingTables } from './study-standing.ts';
import { subjectTables } from './study-subject.ts';
import { verdictTables } from './study-verdict.ts';

/** Whether one work is still running. */
interface Span {
  open: boolean;
}

type Methods = Record<string, (...given: never[]) => Promise<unknown>>;

/**
 * Makes the tables of one transaction: the same methods, each rejecting once the transaction has ended: a late write
 * must not land in another's, nor outside of any after SQLite has rolled back by itself. There are some two hundred, so
 * they are wrapped once, and each transaction has its span only: they are called on their table, never alone.
 */
function guarded<T extends object>(db: DatabaseSync, tables: T): (span: Span) => T {
  class Guarded {
    readonly span: Span;
    constructor(span: Span) {
      this.span = span;
    }
  }
  for (const [name, method] of Object.entries(tables as Methods)) {
    (Guarded.prototype as unknown as Methods)[name] = function (this: Guarded, ...given) {
      return within(db, this.span, name) ?? method(...given);
    };
  }
  return (span) => new Guarded(span) as unknown as T;
}

/** The few methods of the transaction itself, in the same way; they may be taken out of it. */
function guardedAlone<T extends object>(db: DatabaseSync, tables: T, span: Span): T {
  const guarded: Methods = {};
  for (const [name, method] of Object.entries(tables as Methods))
    guarded[name] = (...given) => within(db, span, name) ?? method(...given);
  return guarded as T;
}

function within(db: DatabaseSync, span: Span, name: string): Promise<never> | null {
  return span.open && db.isTransaction
    ? null
    : Promise.reject(new Error(`The transaction has ended: ${name} came too late.`));
}

/**
 * The store over an opened and migrated database. One work at a time: calls that overlap wait their turn in the order
 * they came, and those that wait together are committed together (`groupCommit`). A call from inside a running
 * transaction would wait for itself, so it throws.
 */
export function transactionalStore(
  db: DatabaseSync,
  reader: DatabaseSync | null = null,
  durability: Durability = NOT_DURABLE,
  groups = groupCommit(db, durability),
): Store {
  const writing = tablesOf(db);
  const reading = reader && {
    db: reader,
    tables: tablesOf(reader),
    begin: reader.prepare('BEGIN'),
    commit: reader.prepare('COMMIT'),
  };
  const around = new AsyncLocalStorage<Span>();
  let closing: Promise<void> | null = null;

  let reads: Promise<unknown> = Promise.resolve();

  async function run<T>(tables: Tables, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const span: Span = { open: true };
    try {
      return await around.run(span, () => work(tables(span)));
    } finally {
      span.open = false;
    }
  }

  async function readOn<T>(on: Reading, work: (tx: Transaction) => Promise<T>): Promise<T> {
    on.begin.run();
    try {
      return await run(on.tables, work);
    } finally {
      if (on.db.isTransaction) on.commit.run();
    }
  }

  function checkOpen(): void {
    if (around.getStore()?.open) throw new Error('A transaction was begun inside another one.');
    if (closing !== null) throw new Error('The store is closed.');
  }

  return {
    async withTransaction(work) {
      checkOpen();
      return groups.run(() => run(writing, work));
    },
    async read(work, { unsettled = false } = {}) {
      checkOpen();
      // In memory there is one connection only.
      if (!reading) return groups.run(() => run(writing, work));
      const turn = reads.then(() => readOn(reading, work));
      reads = turn.catch(() => undefined);
      const result = await turn;
      // It may rest on what was committed just now.
      if (!unsettled) await durability.reached();
      return result;
    },
    async settled(clock) {
      checkOpen();
      // One writer: while this holds the lock no other transaction is open. Writes of this very millisecond may follow.
      return groups.run(async () => clock() - 1);
    },
    async close() {
      if (around.getStore()?.open) throw new Error('The store was closed inside a transaction.');
      closing ??= Promise.all([groups.idle(), reads]).then(async () => {
        await durability.close();
        reader?.close();
        db.close();
      });
      return closing;
    },
  };
}

/** Makes what one transaction works with. */
type Tables = (span: Span) => Transaction;

/** A connection that only reads. */
interface Reading {
  db: DatabaseSync;
  tables: Tables;
  begin: StatementSync;
  commit: StatementSync;
}

/** All tables over one connection. */
function tablesOf(db: DatabaseSync): Tables {
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
    ...pendingTables(db),
    ...concernTables(db),
    ...identifierTables(db),
    ...scanTables(db),
    ...purgeTables(db),
    ...quarantineTables(db),
    ...workTables(db),
    ...subscriptionTables(db),
    ...feedTables(db),
    ...noticeTables(db),
    ...subscriberTables(db),
  };
  const study: StudyTables = {
    ...subjectTables(db),
    ...numberTables(db),
    ...researchTables(db),
    ...releaseTables(db),
    ...verdictTables(db),
    ...standingTables(db),
    ...exportTables(db),
    ...outboxTables(db),
  };
  const of = {
    hospital: guarded(db, hospital),
    study: guarded(db, study),
    clients: guarded(db, clientTables(db)),
  };
  const ledger = ledgerTables(db);
  return (span) => ({
    hospital: of.hospital(span),
    study: of.study(span),
    clients: of.clients(span),
    ...guardedAlone(db, ledger, span),
  });
}
