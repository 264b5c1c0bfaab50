import type { DatabaseSync } from 'node:sqlite';
import type { PendingRow, PendingTables } from '../pending-rows.ts';

export const SQL_PENDING_NEXT = `UPDATE hospital_sequence SET last = last + 1 WHERE name = 'pending' RETURNING last`;
export const SQL_PENDING_MARK = `
  INSERT INTO hospital_pending (site, person, since, mark) VALUES (?1, ?2, ?3, ?3)
  ON CONFLICT (site, person) DO UPDATE SET mark = excluded.mark`;
export const SQL_PENDING_TAKE = `
  SELECT site, person, mark AS upTo FROM hospital_pending ORDER BY since, site, person LIMIT ?`;
export const SQL_PENDING_CLEAR = 'DELETE FROM hospital_pending WHERE site = ? AND person = ? AND mark <= ?';
export const SQL_PENDING_LATER = `
  UPDATE hospital_pending SET since = mark WHERE site = ? AND person = ? AND since <= ?`;

/** Who is still to be screened. */
export function pendingTables(db: DatabaseSync): PendingTables {
  const next = db.prepare(SQL_PENDING_NEXT);
  const mark = db.prepare(SQL_PENDING_MARK);
  const take = db.prepare(SQL_PENDING_TAKE);
  const clear = db.prepare(SQL_PENDING_CLEAR);
  const later = db.prepare(SQL_PENDING_LATER);

  return {
    async markPending(site, persons) {
      if (persons.length === 0) return;
      const { last } = next.get() as unknown as { last: number };
      for (const person of persons) mark.run(site, person, last);
    },
    async takePending(limit) {
      const rows = take.all(limit) as unknown as PendingRow[];
      return rows.map(({ site, person, upTo }) => ({ site, person, upTo }));
    },
    async clearPending(site, person, upTo) {
      clear.run(site, person, upTo);
      later.run(site, person, upTo);
    },
  };
}
