import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FeedQuery, FeedRows, FeedTables, FeedType, ShownFlagRow, ShownSubjectRow } from '../feed-rows.ts';
import type { TaskRow } from '../research-rows.ts';
import { feedSql, SEARCHED } from './feed-sql.ts';

export const SQL_SHOWN_PUT = `
  INSERT INTO hospital_subject (subject, site, version, last_updated, status, reason, gone) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (subject) DO UPDATE SET site = excluded.site, version = excluded.version,
    last_updated = excluded.last_updated, status = excluded.status, reason = excluded.reason, gone = excluded.gone`;
export const SQL_SHOWN = `SELECT ${SEARCHED.ResearchSubject.columns} FROM hospital_subject WHERE subject = ?`;
export const SQL_SHOWN_ALL = `
  SELECT ${SEARCHED.ResearchSubject.columns} FROM hospital_subject WHERE site = ? AND gone = 0 ORDER BY subject`;
export const SQL_FLAG_PUT = `
  INSERT INTO hospital_flag (id, site, subject, flag, version, last_updated, gone) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET site = excluded.site, version = excluded.version,
    last_updated = excluded.last_updated, gone = excluded.gone`;
export const SQL_FLAG = `SELECT ${SEARCHED.Flag.columns} FROM hospital_flag WHERE id = ?`;
export const SQL_FLAGS_OF = `SELECT ${SEARCHED.Flag.columns} FROM hospital_flag WHERE subject = ? ORDER BY flag`;
export const SQL_TASK = `SELECT ${SEARCHED.Task.columns} FROM hospital_task WHERE id = ?`;

/** Above every instant, as text. */
const LAST = '~';

type Raw = Record<string, unknown>;

/** SQLite has no booleans. */
function read<T>(row: unknown): T {
  const { gone, open, ...rest } = row as Raw;
  return { ...rest, ...(gone === undefined ? { open: open === 1 } : { gone: gone === 1 }) } as T;
}

/** What the hospital is shown, and the searches in it. */
export function feedTables(db: DatabaseSync): Omit<FeedTables, 'addNotice' | 'noticesAfter' | 'lastNotice'> {
  const subjectPut = db.prepare(SQL_SHOWN_PUT);
  const subject = db.prepare(SQL_SHOWN);
  const subjects = db.prepare(SQL_SHOWN_ALL);
  const flagPut = db.prepare(SQL_FLAG_PUT);
  const flag = db.prepare(SQL_FLAG);
  const flagsOf = db.prepare(SQL_FLAGS_OF);
  const task = db.prepare(SQL_TASK);
  const prepared = new Map<string, StatementSync>();

  function statement(sql: string): StatementSync {
    const known = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, known);
    return known;
  }

  return {
    async putShownSubject(row: ShownSubjectRow) {
      const { version, lastUpdated, status, reason, gone } = row;
      subjectPut.run(row.subject, row.site, version, lastUpdated, status, reason, gone ? 1 : 0);
    },
    async shownSubject(id) {
      const row = subject.get(id);
      return row === undefined ? null : read<ShownSubjectRow>(row);
    },
    async shownSubjects(site) {
      return subjects.all(site).map((row) => read<ShownSubjectRow>(row));
    },
    async putShownFlag(row: ShownFlagRow) {
      flagPut.run(row.id, row.site, row.subject, row.flag, row.version, row.lastUpdated, row.gone ? 1 : 0);
    },
    async shownFlag(id) {
      const row = flag.get(id);
      return row === undefined ? null : read<ShownFlagRow>(row);
    },
    async shownFlagsOf(id) {
      return flagsOf.all(id).map((row) => read<ShownFlagRow>(row));
    },
    async task(id) {
      const row = task.get(id);
      return row === undefined ? null : read<TaskRow>(row);
    },
    async feedPage<T extends FeedType>(type: T, query: FeedQuery) {
      const { falling, ids, limit } = query;
      const after = query.after ?? (falling ? { lastUpdated: LAST, id: '' } : { lastUpdated: '', id: '' });
      // The bound of the range moves with the cursor, so that no page walks over those before it.
      const given = {
        ...query,
        from: falling ? query.from : later(query.from ?? '', after.lastUpdated),
        until: falling ? earlier(query.until ?? LAST, `${after.lastUpdated}${LAST}`) : query.until,
      };
      const sql = feedSql(type, falling ? 'falling' : 'rising', ids !== null);
      const rows = statement(sql).all(...terms(type, given), after.lastUpdated, after.id, limit);
      return rows.map((row) => read<FeedRows[T]>(row));
    },
    async feedCount(type, query) {
      const row = statement(feedSql(type, 'count', query.ids !== null)).get(...terms(type, query));
      return Number((row as Raw).count);
    },
  };
}

function terms(type: FeedType, { site, from, until, ids, where }: FeedQuery): (string | null)[] {
  const filters = SEARCHED[type].filters.map(([parameter]) => listed(where[parameter] ?? null));
  return [site, from ?? '', until ?? LAST, listed(ids), ...filters];
}

const listed = (values: readonly string[] | null) => (values === null ? null : JSON.stringify(values));
const later = (a: string, b: string) => (a > b ? a : b);
const earlier = (a: string, b: string) => (a < b ? a : b);
