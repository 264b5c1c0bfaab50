import type { DatabaseSync } from 'node:sqlite';
import type { StudyTables, SubjectRow } from '../store.ts';

export const SQL_SUBJECT = `
  SELECT id, version, last_updated, deleted, body FROM study_subject WHERE id = ? ORDER BY version DESC LIMIT 1`;
export const SQL_SUBJECTS = `
  SELECT id, version, last_updated, deleted, body FROM study_subject AS subject
  WHERE deleted = 0 AND version = (SELECT max(version) FROM study_subject WHERE id = subject.id)
  ORDER BY id`;
export const SQL_SUBJECTS_AFTER = `
  SELECT id, version, last_updated, deleted, body FROM study_subject AS subject
  WHERE id > ? AND deleted = 0 AND version = (SELECT max(version) FROM study_subject WHERE id = subject.id)
  ORDER BY id LIMIT ?`;
export const SQL_SUBJECT_PUT = `
  INSERT INTO study_subject (id, version, last_updated, deleted, body) VALUES (?, ?, ?, ?, ?)`;
export const SQL_SUBJECT_HISTORY = `
  SELECT id, version, last_updated, deleted, body FROM study_subject WHERE id = ? ORDER BY version`;

interface SubjectColumns {
  id: string;
  version: number;
  last_updated: string;
  deleted: number;
  body: string;
}

function toSubject(row: SubjectColumns): SubjectRow {
  return {
    id: row.id,
    version: row.version,
    lastUpdated: row.last_updated,
    deleted: row.deleted === 1,
    body: row.body,
  };
}

type SubjectTables = Pick<StudyTables, 'subject' | 'subjects' | 'subjectsAfter' | 'putSubject' | 'history'>;

/** ResearchSubjects and all their versions. Writing a version that exists throws: history is not rewritten. */
export function subjectTables(db: DatabaseSync): SubjectTables {
  const subject = db.prepare(SQL_SUBJECT);
  const subjects = db.prepare(SQL_SUBJECTS);
  const after = db.prepare(SQL_SUBJECTS_AFTER);
  const put = db.prepare(SQL_SUBJECT_PUT);
  const history = db.prepare(SQL_SUBJECT_HISTORY);

  return {
    async subject(id) {
      const row = subject.get(id) as unknown as SubjectColumns | undefined;
      return row === undefined ? null : toSubject(row);
    },
    async subjects() {
      return (subjects.all() as unknown as SubjectColumns[]).map(toSubject);
    },
    async subjectsAfter(id, limit) {
      return (after.all(id, limit) as unknown as SubjectColumns[]).map(toSubject);
    },
    async putSubject({ id, version, lastUpdated, deleted, body }) {
      put.run(id, version, lastUpdated, deleted ? 1 : 0, body);
    },
    async history(id) {
      return (history.all(id) as unknown as SubjectColumns[]).map(toSubject);
    },
  };
}
