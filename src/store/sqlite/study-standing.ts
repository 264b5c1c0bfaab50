import type { DatabaseSync } from 'node:sqlite';
import type { StandingRow, StandingTables } from '../standing-rows.ts';
import { type ResearchColumns, toResearch } from './study-research.ts';

// The plus keeps the planner from the index of times: the few versions of one resource are sought by its key.
/** The newest version at an instant of the resource that `resource` is a version of. */
const newest = (at: string) => `(
    SELECT version FROM study_research
    WHERE type = resource.type AND id = resource.id AND +last_updated <= ${at} ORDER BY version DESC LIMIT 1)`;
const GONE = `(
    SELECT deleted FROM study_research
    WHERE type = resource.type AND id = resource.id ORDER BY version DESC LIMIT 1)`;
const COLUMNS = `type, id, subject, version, last_updated, deleted, ${GONE} AS gone, body`;

export const SQL_STANDING = `
  SELECT ${COLUMNS} FROM study_research AS resource
  WHERE type = ?1 AND id = ?2 AND +last_updated <= ?3 ORDER BY version DESC LIMIT 1`;
export const SQL_STANDING_AFTER = `
  SELECT ${COLUMNS} FROM study_research AS resource
  WHERE type = ?1 AND id > ?2 AND deleted = 0 AND version = ${newest('?3')}
  ORDER BY id LIMIT ?4`;
export const SQL_STANDING_OF = `
  SELECT ${COLUMNS} FROM study_research AS resource
  WHERE subject = ?1 AND deleted = 0 AND version = ${newest('?2')}
  ORDER BY type, id`;
export const SQL_CHANGED_AFTER = `
  SELECT ${COLUMNS} FROM study_research AS resource
  WHERE type = ?1 AND (last_updated, id) > (?2, ?3) AND last_updated <= ?4 AND version = ${newest('?4')}
  ORDER BY last_updated, id LIMIT ?5`;
export const SQL_ANY_OF = `
  SELECT ${COLUMNS} FROM study_research AS resource WHERE subject = ? AND type = ? LIMIT 1`;

/** Whether anything of a subject stands at an instant: what may pass at all passes with consent only. */
const released = (at: string) => `EXISTS (
    SELECT 1 FROM study_research AS resource
    WHERE subject = person.id AND deleted = 0 AND version = ${newest(at)})`;
const NOW = "'9999'";
const SUBJECT_COLUMNS = (at: string) => `'ResearchSubject' AS type, id, id AS subject, version, last_updated,
    (deleted OR NOT ${released(at)}) AS deleted,
    ((SELECT deleted FROM study_subject WHERE id = person.id ORDER BY version DESC LIMIT 1)
      OR NOT ${released(NOW)}) AS gone,
    body`;
const STOOD = (at: string) => `version = (
    SELECT version FROM study_subject WHERE id = person.id AND last_updated <= ${at} ORDER BY version DESC LIMIT 1)`;

export const SQL_SUBJECT_STANDING = `
  SELECT ${SUBJECT_COLUMNS('?2')} FROM study_subject AS person
  WHERE id = ?1 AND last_updated <= ?2 ORDER BY version DESC LIMIT 1`;
export const SQL_SUBJECTS_AFTER = `
  SELECT ${SUBJECT_COLUMNS('?2')} FROM study_subject AS person
  WHERE id > ?1 AND ${STOOD('?2')} ORDER BY id LIMIT ?3`;
export const SQL_SUBJECTS_STANDING_AFTER = `
  SELECT ${SUBJECT_COLUMNS('?2')} FROM study_subject AS person
  WHERE id > ?1 AND deleted = 0 AND ${STOOD('?2')} AND ${released('?2')} ORDER BY id LIMIT ?3`;

type StandingColumns = ResearchColumns & { gone: number };

const toStanding = (row: StandingColumns): StandingRow => ({ ...toResearch(row), gone: row.gone === 1 });

/** The study side as it stood at an instant; every page is sought in an index. */
export function standingTables(db: DatabaseSync): StandingTables {
  const one = db.prepare(SQL_STANDING);
  const after = db.prepare(SQL_STANDING_AFTER);
  const of = db.prepare(SQL_STANDING_OF);
  const changed = db.prepare(SQL_CHANGED_AFTER);
  const any = db.prepare(SQL_ANY_OF);
  const subject = db.prepare(SQL_SUBJECT_STANDING);
  const subjects = db.prepare(SQL_SUBJECTS_AFTER);
  const subjectsStanding = db.prepare(SQL_SUBJECTS_STANDING_AFTER);
  const rows = (found: unknown[]) => (found as StandingColumns[]).map(toStanding);
  const isSubject = (type: string) => type === 'ResearchSubject';

  return {
    async standing(type, id, at) {
      return rows(isSubject(type) ? subject.all(id, at) : one.all(type, id, at))[0] ?? null;
    },
    async standingAfter(type, at, id, limit) {
      return rows(isSubject(type) ? subjectsStanding.all(id, at, limit) : after.all(type, id, at, limit));
    },
    async standingOf(id, at) {
      return rows(of.all(id, at));
    },
    async changedAfter(type, { since, until }, mark, limit) {
      if (isSubject(type)) return rows(subjects.all(mark?.id ?? '', until, limit));
      // Behind every id of that instant.
      const from = mark ?? { lastUpdated: since, id: '\u{10ffff}' };
      return rows(changed.all(type, from.lastUpdated, from.id, until, limit));
    },
    async anyOf(id, type) {
      return rows(any.all(id, type))[0] ?? null;
    },
  };
}
