import type { DatabaseSync } from 'node:sqlite';
import type { QuarantineListed, QuarantineRow, QuarantineTables, Withheld } from '../quarantine-rows.ts';

const LISTED = 'id, site, at, file, line, entry, reason, expression, message, withheld, resolved_at, attempts';

export const SQL_QUARANTINE_PUT = `
  INSERT INTO hospital_quarantine (id, site, at, file, line, entry, reason, expression, message, content, withheld, attempts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT (id) DO UPDATE SET
    at = excluded.at, file = excluded.file, line = excluded.line, entry = excluded.entry, reason = excluded.reason,
    expression = excluded.expression, message = excluded.message, content = excluded.content,
    withheld = excluded.withheld, resolved_at = NULL, attempts = attempts + 1`;
export const SQL_CONCERNED_CLEAR = 'DELETE FROM hospital_concerned WHERE quarantined = ?';
export const SQL_CONCERNED_ADD = `
  INSERT INTO hospital_concerned (site, person, quarantined) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
export const SQL_QUARANTINED = `SELECT ${LISTED}, content FROM hospital_quarantine WHERE id = ?`;
export const SQL_QUARANTINE_OPEN = `
  SELECT ${LISTED} FROM hospital_quarantine
  WHERE resolved_at IS NULL AND (?1 IS NULL OR site = ?1) AND (?2 IS NULL OR reason = ?2)
  ORDER BY at, id`;
export const SQL_QUARANTINE_RESOLVE = `
  UPDATE hospital_quarantine SET resolved_at = ?, content = NULL, withheld = 'resolved'
  WHERE id = ? AND resolved_at IS NULL`;
export const SQL_QUARANTINE_REFUSE = `
  UPDATE hospital_quarantine SET reason = ?, expression = ?, message = ?, attempts = attempts + 1
  WHERE id = ? AND resolved_at IS NULL`;
export const SQL_QUARANTINE_AGED = `
  SELECT id FROM hospital_quarantine WHERE content IS NOT NULL AND at < ?1 AND (?2 IS NULL OR site = ?2)`;
export const SQL_QUARANTINE_AGE = `UPDATE hospital_quarantine SET content = NULL, withheld = 'aged' WHERE id = ?`;

interface ListedColumns {
  id: string;
  site: string | null;
  at: string;
  file: string;
  line: number | null;
  entry: number | null;
  reason: string;
  expression: string | null;
  message: string;
  withheld: string | null;
  resolved_at: string | null;
  attempts: number;
}

function toListed({ resolved_at: resolvedAt, withheld, ...row }: ListedColumns): QuarantineListed {
  const state = resolvedAt === null ? 'open' : 'resolved';
  return { ...row, withheld: withheld as Withheld | null, state, resolvedAt };
}

/** What was set aside. Whom it may concern is known only while its content is there. */
export function quarantineTables(db: DatabaseSync): QuarantineTables {
  const put = db.prepare(SQL_QUARANTINE_PUT);
  const clear = db.prepare(SQL_CONCERNED_CLEAR);
  const concern = db.prepare(SQL_CONCERNED_ADD);
  const one = db.prepare(SQL_QUARANTINED);
  const open = db.prepare(SQL_QUARANTINE_OPEN);
  const resolve = db.prepare(SQL_QUARANTINE_RESOLVE);
  const refuse = db.prepare(SQL_QUARANTINE_REFUSE);
  const aged = db.prepare(SQL_QUARANTINE_AGED);
  const age = db.prepare(SQL_QUARANTINE_AGE);

  return {
    async putQuarantined({ id, site, at, file, line, entry, reason, expression, message, content, withheld, persons }) {
      put.run(id, site, at, file, line, entry, reason, expression, message, content, withheld);
      clear.run(id);
      for (const person of persons) concern.run(site, person, id);
    },
    async quarantined(id) {
      const row = one.get(id) as unknown as (ListedColumns & Pick<QuarantineRow, 'content'>) | undefined;
      if (row === undefined) return null;
      const { content, ...listed } = row;
      return { ...toListed(listed), content };
    },
    async openQuarantine({ site = null, reason = null }) {
      return (open.all(site, reason) as unknown as ListedColumns[]).map(toListed);
    },
    async resolveQuarantined(id, at) {
      if (resolve.run(at, id).changes > 0) clear.run(id);
    },
    async refuseQuarantined(id, { reason, expression, message }) {
      refuse.run(reason, expression, message, id);
    },
    async ageQuarantine(site, before) {
      const rows = aged.all(before, site) as unknown as { id: string }[];
      for (const { id } of rows) {
        age.run(id);
        clear.run(id);
      }
      return rows.length;
    },
  };
}
