import type { DatabaseSync } from 'node:sqlite';
import type { LineageRow } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';

const COLUMNS = 'research, subject, site, source, version_id, hash, map, study_version, at';

export const SQL_LINEAGE_PUT = `
  INSERT INTO hospital_lineage (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (research) DO UPDATE SET
    subject = excluded.subject, site = excluded.site, source = excluded.source, version_id = excluded.version_id,
    hash = excluded.hash, map = excluded.map, study_version = excluded.study_version, at = excluded.at`;
export const SQL_LINEAGE = `SELECT ${COLUMNS} FROM hospital_lineage WHERE research = ?`;
export const SQL_LINEAGE_OF = `SELECT ${COLUMNS} FROM hospital_lineage WHERE subject = ? ORDER BY research`;
export const SQL_LINEAGE_REMOVE = 'DELETE FROM hospital_lineage WHERE research = ?';

interface LineageColumns {
  research: string;
  subject: string;
  site: string;
  source: string;
  version_id: string | null;
  hash: string;
  map: string;
  study_version: string;
  at: string;
}

function toLineage(row: LineageColumns): LineageRow {
  return {
    research: row.research,
    subject: row.subject,
    site: row.site,
    source: row.source,
    versionId: row.version_id,
    hash: row.hash,
    map: row.map,
    studyVersion: row.study_version,
    at: row.at,
  };
}

type LineageTables = Pick<HospitalTables, 'putLineage' | 'lineage' | 'lineageOf' | 'removeLineage'>;

/** The way back from each research resource to the hospital resource it was made from. */
export function lineageTables(db: DatabaseSync): LineageTables {
  const put = db.prepare(SQL_LINEAGE_PUT);
  const lineage = db.prepare(SQL_LINEAGE);
  const lineageOf = db.prepare(SQL_LINEAGE_OF);
  const remove = db.prepare(SQL_LINEAGE_REMOVE);

  return {
    async putLineage({ research, subject, site, source, versionId, hash, map, studyVersion, at }) {
      put.run(research, subject, site, source, versionId, hash, map, studyVersion, at);
    },
    async lineage(research) {
      const row = lineage.get(research) as unknown as LineageColumns | undefined;
      return row === undefined ? null : toLineage(row);
    },
    async lineageOf(subject) {
      return (lineageOf.all(subject) as unknown as LineageColumns[]).map(toLineage);
    },
    async removeLineage(research) {
      remove.run(research);
    },
  };
}
