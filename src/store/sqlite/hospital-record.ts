import type { DatabaseSync } from 'node:sqlite';
import type { HospitalTables, RecordRow, VersionRank } from '../store.ts';

const COLUMNS = 'site, type, id, person, rank_at, rank_number, rank_hash, version_id, deleted, body, revision';

export const SQL_RECORD = `SELECT ${COLUMNS} FROM hospital_record WHERE site = ? AND type = ? AND id = ?`;
export const SQL_RECORD_PUT = `
  INSERT INTO hospital_record (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (site, type, id) DO UPDATE SET
    person = excluded.person, rank_at = excluded.rank_at, rank_number = excluded.rank_number,
    rank_hash = excluded.rank_hash, version_id = excluded.version_id, deleted = excluded.deleted, body = excluded.body,
    revision = excluded.revision`;
// INDEXED BY: left to itself the planner walks the whole site in the order of the key, to save the sorting.
export const SQL_RECORDS_OF = `
  SELECT ${COLUMNS} FROM hospital_record INDEXED BY hospital_record_person
  WHERE site = ? AND person IN (SELECT value FROM json_each(?))
  ORDER BY type, id`;
export const SQL_PERSONS_AFTER = `
  SELECT DISTINCT site, person FROM hospital_record
  WHERE (site, person) > (?, ?) AND person IS NOT NULL
  ORDER BY site, person LIMIT ?`;
export const SQL_DROPPED = `
  SELECT rank_at, rank_number, rank_hash, revision FROM hospital_dropped WHERE site = ? AND type = ? AND id_hash = ?`;
// As compareRank orders versions: what is missing comes before everything else.
export const SQL_DROPPED_PUT = `
  INSERT INTO hospital_dropped (site, type, id_hash, rank_at, rank_number, rank_hash, revision)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (site, type, id_hash) DO UPDATE SET
    rank_at = excluded.rank_at, rank_number = excluded.rank_number, rank_hash = excluded.rank_hash,
    revision = excluded.revision
  WHERE (coalesce(excluded.rank_at, ''), coalesce(excluded.rank_number, -1e999), excluded.rank_hash)
    > (coalesce(rank_at, ''), coalesce(rank_number, -1e999), rank_hash)`;

interface RankColumns {
  rank_at: string | null;
  rank_number: number | null;
  rank_hash: string;
  revision: number;
}

interface RecordColumns extends RankColumns {
  site: string;
  type: string;
  id: string;
  person: string | null;
  version_id: string | null;
  deleted: number;
  body: string | null;
}

function toRank(row: RankColumns): VersionRank {
  return { at: row.rank_at, number: row.rank_number, hash: row.rank_hash };
}

function toRecord(row: RecordColumns): RecordRow {
  return {
    site: row.site,
    type: row.type,
    id: row.id,
    person: row.person,
    rank: toRank(row),
    versionId: row.version_id,
    deleted: row.deleted === 1,
    body: row.body,
    revision: row.revision,
  };
}

type RecordTables = Pick<
  HospitalTables,
  'record' | 'putRecord' | 'recordsOf' | 'personsAfter' | 'dropped' | 'putDropped'
>;

/** The newest versions of resources, and the ranks of those that were read and not kept. */
export function recordTables(db: DatabaseSync): RecordTables {
  const record = db.prepare(SQL_RECORD);
  const putRecord = db.prepare(SQL_RECORD_PUT);
  const recordsOf = db.prepare(SQL_RECORDS_OF);
  const personsAfter = db.prepare(SQL_PERSONS_AFTER);
  const dropped = db.prepare(SQL_DROPPED);
  const putDropped = db.prepare(SQL_DROPPED_PUT);

  return {
    async record({ site, type, id }) {
      const row = record.get(site, type, id) as unknown as RecordColumns | undefined;
      return row === undefined ? null : toRecord(row);
    },
    async putRecord({ site, type, id, person, rank, versionId, deleted, body, revision }) {
      const { at, number, hash } = rank;
      putRecord.run(site, type, id, person, at, number, hash, versionId, deleted ? 1 : 0, body, revision);
    },
    async recordsOf(site, persons) {
      return (recordsOf.all(site, JSON.stringify(persons)) as unknown as RecordColumns[]).map(toRecord);
    },
    async personsAfter(site, person, limit) {
      const rows = personsAfter.all(site, person, limit) as unknown as { site: string; person: string }[];
      return rows.map((row) => ({ site: row.site, person: row.person }));
    },
    async dropped(site, type, idHash) {
      const row = dropped.get(site, type, idHash) as unknown as RankColumns | undefined;
      return row === undefined ? null : { rank: toRank(row), revision: row.revision };
    },
    async putDropped(site, type, idHash, { rank, revision }) {
      putDropped.run(site, type, idHash, rank.at, rank.number, rank.hash, revision);
    },
  };
}
