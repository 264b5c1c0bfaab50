import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../store.ts';
import { NOT_DURABLE, walDurability } from './durability.ts';
import { checkOurs, migrate } from './migrate.ts';
import { asStoreRefusal } from './refusal.ts';
import { transactionalStore } from './transaction.ts';

const IN_MEMORY = ':memory:';
const BUSY_MILLISECONDS = 5_000;
/** 16 MiB of log: pages that are written again and again go to the database once. */
const CHECKPOINT_PAGES = 4_000;

function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made before SQLite opens it: SQLite gives -wal and -shm the permissions of the file itself.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

/** The store holds identities: an older file that others could read is closed to them. */
function closeToOthers(path: string): void {
  for (const part of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(part)) chmodSync(part, 0o600);
}

/**
 * Opens the store in a file, or in memory for `:memory:`. The file and its folders are made when missing, readable
 * by the owner only. WAL: a transaction that has resolved, and whatever a read gave, survives a loss of power.
 * @throws StoreRefusal when the file is not a store of ours, too new, held by another program, damaged or unusable
 */
export async function openSqliteStore(file: string): Promise<Store> {
  const path = file === IN_MEMORY ? file : resolve(file);
  let db: DatabaseSync | null = null;
  try {
    if (path !== IN_MEMORY) makeFile(path);
    db = new DatabaseSync(path, { timeout: BUSY_MILLISECONDS, enableForeignKeyConstraints: true });
    checkOurs(db);
    if (path !== IN_MEMORY) closeToOthers(path);
    // What is deleted or replaced is overwritten with zeros: a purge leaves no traces in free pages.
    // Migrations wait for the disk; from then on the log is brought there while the program goes on.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    migrate(db);
    db.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    // A second connection: whoever only reads does not wait for the writer (WAL).
    const reader = path === IN_MEMORY ? null : new DatabaseSync(path, { timeout: BUSY_MILLISECONDS, readOnly: true });
    return transactionalStore(db, reader, path === IN_MEMORY ? NOT_DURABLE : walDurability(path));
  } catch (error) {
    db?.close();
    throw asStoreRefusal(error);
  }
}
