import type { DatabaseSync } from 'node:sqlite';
import type { TaskRow } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';

const COLUMNS = 'id, site, patient, subject, open, version, last_updated AS lastUpdated, body';
export const SQL_TASKS_OF = `SELECT ${COLUMNS} FROM hospital_task WHERE subject = ? ORDER BY id`;
export const SQL_TASKS_OPEN = `SELECT ${COLUMNS} FROM hospital_task WHERE open = 1 ORDER BY id`;
export const SQL_TASK_PUT = `
  INSERT INTO hospital_task (id, site, patient, subject, open, version, last_updated, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET site = excluded.site, patient = excluded.patient, subject = excluded.subject,
    open = excluded.open, version = excluded.version, last_updated = excluded.last_updated, body = excluded.body`;

/** Tasks for the study team, the newest version of each. */
export function taskTables(db: DatabaseSync): Pick<HospitalTables, 'tasksOf' | 'openTasks' | 'putTask'> {
  const of = db.prepare(SQL_TASKS_OF);
  const open = db.prepare(SQL_TASKS_OPEN);
  const put = db.prepare(SQL_TASK_PUT);
  const read = (rows: unknown[]): TaskRow[] =>
    (rows as (Omit<TaskRow, 'open'> & { open: number })[]).map((row) => ({ ...row, open: row.open === 1 }));

  return {
    async tasksOf(subject) {
      return read(of.all(subject));
    },
    async openTasks() {
      return read(open.all());
    },
    async putTask({ id, site, patient, subject, open, version, lastUpdated, body }) {
      put.run(id, site, patient, subject, open ? 1 : 0, version, lastUpdated, body);
    },
  };
}
