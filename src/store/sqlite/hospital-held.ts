import type { DatabaseSync } from 'node:sqlite';
import type { HeldRow } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';

export const SQL_HELD_CLEAR = 'DELETE FROM hospital_held WHERE subject = ?';
export const SQL_HELD_ADD = `
  INSERT INTO hospital_held (subject, source, reason, expression, message) VALUES (?, ?, ?, ?, ?)`;
export const SQL_HELD = `
  SELECT subject, source, reason, expression, message FROM hospital_held
  ORDER BY subject, source, reason, expression, message`;

/** What was not let pass to the study side. The subject of a row is the one given beside it. */
export function heldTables(db: DatabaseSync): Pick<HospitalTables, 'putHeld' | 'held'> {
  const clear = db.prepare(SQL_HELD_CLEAR);
  const add = db.prepare(SQL_HELD_ADD);
  const held = db.prepare(SQL_HELD);

  return {
    async putHeld(subject, rows) {
      clear.run(subject);
      for (const { source, reason, expression, message } of rows) {
        add.run(subject, source, reason, expression, message);
      }
    },
    async held() {
      const rows = held.all() as unknown as HeldRow[];
      return rows.map(({ subject, source, reason, expression, message }) => ({
        subject,
        source,
        reason,
        expression,
        message,
      }));
    },
  };
}
