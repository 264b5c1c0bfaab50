import type { DatabaseSync } from 'node:sqlite';
import type { VerdictRow, VerdictTables } from '../verdict-rows.ts';

export const SQL_VERDICTS_OF = 'SELECT subject, version, verdicts FROM study_verdict WHERE subject = ?';
export const SQL_VERDICTS_PUT = `
  INSERT INTO study_verdict (subject, version, verdicts) VALUES (?, ?, ?)
  ON CONFLICT (subject) DO UPDATE SET version = excluded.version, verdicts = excluded.verdicts`;

export function verdictTables(db: DatabaseSync): VerdictTables {
  const of = db.prepare(SQL_VERDICTS_OF);
  const put = db.prepare(SQL_VERDICTS_PUT);
  return {
    async verdictsOf(subject) {
      const row = of.get(subject);
      return row === undefined ? null : { ...(row as unknown as VerdictRow) };
    },
    async putVerdicts({ subject, version, verdicts }) {
      put.run(subject, version, verdicts);
    },
  };
}
