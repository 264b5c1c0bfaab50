import type { DatabaseSync } from 'node:sqlite';
import { StoreRefusal } from './refusal.ts';
import { APPLICATION_ID, MIGRATIONS, type Migration } from './schema.ts';

export const SQL_MIGRATION_TABLE = `
  CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT`;
export const SQL_MIGRATION_LATEST = 'SELECT max(number) AS number FROM migration';
export const SQL_MIGRATION_ADD = 'INSERT INTO migration (number, name) VALUES (?, ?)';

function firstNumber(db: DatabaseSync, sql: string): number {
  const row = db.prepare(sql).get();
  const value = row === undefined ? undefined : Object.values(row)[0];
  return typeof value === 'number' ? value : 0;
}

/**
 * Refuses a database that holds something else than a store of ours. An empty one is accepted: it becomes a store.
 * Reads only.
 * @throws StoreRefusal `store-not-ours`
 */
export function checkOurs(db: DatabaseSync): void {
  if (firstNumber(db, 'PRAGMA application_id') === APPLICATION_ID) return;
  if (firstNumber(db, 'PRAGMA application_id') !== 0 || firstNumber(db, 'SELECT count(*) FROM sqlite_schema') !== 0) {
    throw new StoreRefusal('store-not-ours');
  }
}

function applyNext(db: DatabaseSync, migrations: readonly Migration[]): boolean {
  // The version is read under the write lock, so two programs that open a store at once apply each step once.
  db.exec('BEGIN IMMEDIATE');
  try {
    checkOurs(db);
    if (firstNumber(db, 'PRAGMA application_id') === 0) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(SQL_MIGRATION_TABLE);
    }
    const current = firstNumber(db, SQL_MIGRATION_LATEST);
    if (current > (migrations.at(-1)?.number ?? 0)) throw new StoreRefusal('store-newer');
    const next = migrations.find((migration) => migration.number > current);
    if (next !== undefined) {
      db.exec(next.sql);
      db.prepare(SQL_MIGRATION_ADD).run(next.number, next.name);
    }
    db.exec('COMMIT');
    return next !== undefined;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Brings the schema forward, each step and its version row in one transaction. Never goes back.
 * @throws StoreRefusal `store-newer` when the store knows a step that this program does not, `store-not-ours`
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  while (applyNext(db, migrations));
}
