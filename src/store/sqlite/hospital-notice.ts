import type { DatabaseSync } from 'node:sqlite';
import type { FeedTables, NoticeRow } from '../feed-rows.ts';

const COLUMNS = 'site, number, type, id, version, status, kind, at';
export const SQL_NOTICE_ADD = `
  INSERT INTO hospital_notice (${COLUMNS})
  SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM hospital_notice WHERE site = ?1`;
export const SQL_NOTICES_AFTER = `
  SELECT ${COLUMNS} FROM hospital_notice WHERE site = ? AND number > ? ORDER BY number LIMIT ?`;
export const SQL_NOTICE_LAST = `
  SELECT ${COLUMNS} FROM hospital_notice WHERE site = ?1 AND (?2 IS NULL OR type = ?2) ORDER BY number DESC LIMIT 1`;

const read = (row: unknown): NoticeRow => ({ ...(row as NoticeRow) });

/** Notices, numbered by site. None is ever deleted: they name nobody, and a gap would mean that one was lost. */
export function noticeTables(db: DatabaseSync): Pick<FeedTables, 'addNotice' | 'noticesAfter' | 'lastNotice'> {
  const add = db.prepare(SQL_NOTICE_ADD);
  const after = db.prepare(SQL_NOTICES_AFTER);
  const last = db.prepare(SQL_NOTICE_LAST);

  return {
    async addNotice({ site, type, id, version, status, kind, at }) {
      add.run(site, type, id, version, status, kind, at);
    },
    async noticesAfter(site, number, limit) {
      return after.all(site, number, limit).map(read);
    },
    async lastNotice(site, type) {
      const row = last.get(site, type ?? null);
      return row === undefined ? null : read(row);
    },
  };
}
