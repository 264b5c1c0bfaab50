import type { DatabaseSync } from 'node:sqlite';
import type { TombstoneRow } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';

export const SQL_TOMBSTONE_ADD = `
  INSERT INTO hospital_tombstone (site, hash, at, reason) VALUES (?, ?, ?, ?) ON CONFLICT (site, hash) DO NOTHING`;
export const SQL_TOMBSTONES = `
  SELECT site, hash, at, reason FROM hospital_tombstone WHERE site = ? ORDER BY at, hash`;
export const SQL_TOMBSTONE = 'SELECT 1 FROM hospital_tombstone WHERE site = ? AND hash = ?';

/** What is left of people who were purged. The first tombstone of a hash stays as it is. */
export function tombstoneTables(
  db: DatabaseSync,
): Pick<HospitalTables, 'addTombstone' | 'tombstones' | 'isTombstoned'> {
  const add = db.prepare(SQL_TOMBSTONE_ADD);
  const tombstones = db.prepare(SQL_TOMBSTONES);
  const tombstone = db.prepare(SQL_TOMBSTONE);

  return {
    async addTombstone({ site, hash, at, reason }) {
      add.run(site, hash, at, reason);
    },
    async tombstones(of) {
      const rows = tombstones.all(of) as unknown as TombstoneRow[];
      return rows.map(({ site, hash, at, reason }) => ({ site, hash, at, reason }));
    },
    async isTombstoned(site, hash) {
      return tombstone.get(site, hash) !== undefined;
    },
  };
}
