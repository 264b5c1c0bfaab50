import type { DatabaseSync } from 'node:sqlite';
import type { DecisionRow } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';

export const SQL_DECISION_ADD = `
  INSERT INTO hospital_decision (id, site, patient, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)`;
export const SQL_DECISION = 'SELECT id, site, patient, at, kind, body FROM hospital_decision WHERE id = ?';
export const SQL_DECISIONS_OF = `
  SELECT id, site, patient, at, kind, body FROM hospital_decision
  WHERE site = ? AND patient IN (SELECT value FROM json_each(?))
  ORDER BY sequence`;

function toDecision({ id, site, patient, at, kind, body }: DecisionRow): DecisionRow {
  return { id, site, patient, at, kind, body };
}

/** What people decided, in the order it was added. Adding an id that exists throws: a decision is never changed. */
export function decisionTables(db: DatabaseSync): Pick<HospitalTables, 'addDecision' | 'decision' | 'decisionsOf'> {
  const add = db.prepare(SQL_DECISION_ADD);
  const decision = db.prepare(SQL_DECISION);
  const decisionsOf = db.prepare(SQL_DECISIONS_OF);

  return {
    async addDecision({ id, site, patient, at, kind, body }) {
      add.run(id, site, patient, at, kind, body);
    },
    async decision(id) {
      const row = decision.get(id) as unknown as DecisionRow | undefined;
      return row === undefined ? null : toDecision(row);
    },
    async decisionsOf(site, patients) {
      return (decisionsOf.all(site, JSON.stringify(patients)) as unknown as DecisionRow[]).map(toDecision);
    },
  };
}
