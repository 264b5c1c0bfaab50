import type { DatabaseSync } from 'node:sqlite';
import type { EnrolmentRow, HospitalTables, MoveRow } from '../store.ts';

export const SQL_ENROLMENT = 'SELECT subject, site, patient, state FROM hospital_enrolment WHERE subject = ?';
export const SQL_ENROLMENTS = 'SELECT subject, site, patient, state FROM hospital_enrolment ORDER BY subject';
export const SQL_ENROLMENT_PUT = `
  INSERT INTO hospital_enrolment (subject, site, patient, state) VALUES (?, ?, ?, ?)
  ON CONFLICT (subject) DO UPDATE SET site = excluded.site, patient = excluded.patient, state = excluded.state`;
export const SQL_ENROLMENT_REMOVE = 'DELETE FROM hospital_enrolment WHERE subject = ?';
export const SQL_MOVE_ADD = `
  INSERT INTO hospital_move (subject, at, from_status, to_status, reason, cause, study_version, evidence)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
export const SQL_MOVES = `
  SELECT subject, at, from_status, to_status, reason, cause, study_version, evidence
  FROM hospital_move WHERE subject = ? ORDER BY sequence`;

interface MoveColumns {
  subject: string;
  at: string;
  from_status: string | null;
  to_status: string;
  reason: string | null;
  cause: MoveRow['cause'];
  study_version: string;
  evidence: string;
}

function toEnrolment({ subject, site, patient, state }: EnrolmentRow): EnrolmentRow {
  return { subject, site, patient, state };
}

function toMove(row: MoveColumns): MoveRow {
  return {
    subject: row.subject,
    at: row.at,
    from: row.from_status,
    to: row.to_status,
    reason: row.reason,
    cause: row.cause,
    studyVersion: row.study_version,
    evidence: JSON.parse(row.evidence) as string[],
  };
}

type EnrolmentTables = Pick<
  HospitalTables,
  'enrolment' | 'enrolments' | 'putEnrolment' | 'removeEnrolment' | 'addMove' | 'moves'
>;

/** The person behind each subject, and the moves of its status; moves outlive the enrolment they belong to. */
export function enrolmentTables(db: DatabaseSync): EnrolmentTables {
  const enrolment = db.prepare(SQL_ENROLMENT);
  const enrolments = db.prepare(SQL_ENROLMENTS);
  const put = db.prepare(SQL_ENROLMENT_PUT);
  const remove = db.prepare(SQL_ENROLMENT_REMOVE);
  const moveAdd = db.prepare(SQL_MOVE_ADD);
  const moves = db.prepare(SQL_MOVES);

  return {
    async enrolment(subject) {
      const row = enrolment.get(subject) as unknown as EnrolmentRow | undefined;
      return row === undefined ? null : toEnrolment(row);
    },
    async enrolments() {
      return (enrolments.all() as unknown as EnrolmentRow[]).map(toEnrolment);
    },
    async putEnrolment({ subject, site, patient, state }) {
      put.run(subject, site, patient, state);
    },
    async removeEnrolment(subject) {
      remove.run(subject);
    },
    async addMove({ subject, at, from, to, reason, cause, studyVersion, evidence }) {
      moveAdd.run(subject, at, from, to, reason, cause, studyVersion, JSON.stringify(evidence));
    },
    async moves(subject) {
      return (moves.all(subject) as unknown as MoveColumns[]).map(toMove);
    },
  };
}
