import type { DatabaseSync } from 'node:sqlite';
import type { ResearchRow } from '../research-rows.ts';
import type { StudyTables } from '../store.ts';

const COLUMNS = 'type, id, subject, version, last_updated, deleted, body';

export const SQL_RESEARCH = `
  SELECT ${COLUMNS} FROM study_research WHERE type = ? AND id = ? ORDER BY version DESC LIMIT 1`;
export const SQL_RESEARCH_OF = `
  SELECT ${COLUMNS} FROM study_research AS resource
  WHERE subject = ?
    AND version = (SELECT max(version) FROM study_research WHERE type = resource.type AND id = resource.id)
  ORDER BY type, id`;
export const SQL_RESEARCH_PUT = `INSERT INTO study_research (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
export const SQL_RESEARCH_HISTORY = `
  SELECT ${COLUMNS} FROM study_research WHERE type = ? AND id = ? ORDER BY version`;

export interface ResearchColumns {
  type: string;
  id: string;
  subject: string;
  version: number;
  last_updated: string;
  deleted: number;
  body: string;
}

export function toResearch(row: ResearchColumns): ResearchRow {
  return {
    type: row.type,
    id: row.id,
    subject: row.subject,
    version: row.version,
    lastUpdated: row.last_updated,
    deleted: row.deleted === 1,
    body: row.body,
  };
}

type ResearchTables = Pick<StudyTables, 'research' | 'researchOf' | 'putResearch' | 'researchHistory'>;

/** Research resources and all their versions. Writing a version that exists throws: history is not rewritten. */
export function researchTables(db: DatabaseSync): ResearchTables {
  const research = db.prepare(SQL_RESEARCH);
  const researchOf = db.prepare(SQL_RESEARCH_OF);
  const put = db.prepare(SQL_RESEARCH_PUT);
  const history = db.prepare(SQL_RESEARCH_HISTORY);

  return {
    async research(type, id) {
      const row = research.get(type, id) as unknown as ResearchColumns | undefined;
      return row === undefined ? null : toResearch(row);
    },
    async researchOf(subject) {
      return (researchOf.all(subject) as unknown as ResearchColumns[]).map(toResearch);
    },
    async putResearch({ type, id, subject, version, lastUpdated, deleted, body }) {
      put.run(type, id, subject, version, lastUpdated, deleted ? 1 : 0, body);
    },
    async researchHistory(type, id) {
      return (history.all(type, id) as unknown as ResearchColumns[]).map(toResearch);
    },
  };
}
