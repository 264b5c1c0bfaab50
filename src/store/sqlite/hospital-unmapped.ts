import type { DatabaseSync } from 'node:sqlite';
import type { HospitalTables, UnmappedCount } from '../store.ts';

export const SQL_UNMAPPED_CLEAR = 'DELETE FROM hospital_unmapped WHERE site = ? AND type = ? AND id = ?';
export const SQL_UNMAPPED_ADD = `
  INSERT INTO hospital_unmapped (site, type, id, person, system, code, text, also_coded)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
// min(text): one text for a code, and the same one in whatever order the resources came.
export const SQL_UNMAPPED_COUNTS = `
  SELECT site, type, system, code, min(text) AS text,
    count(DISTINCT id) AS resources, count(DISTINCT person) AS people,
    count(DISTINCT CASE also_coded WHEN 1 THEN id END) AS also_coded
  FROM hospital_unmapped GROUP BY site, type, system, code
  ORDER BY people DESC, site, type, system, code`;

interface CountColumns {
  site: string;
  type: string;
  system: string;
  code: string;
  text: string | null;
  resources: number;
  people: number;
  also_coded: number;
}

function toCount(row: CountColumns): UnmappedCount {
  return {
    site: row.site,
    type: row.type,
    system: row.system,
    code: row.code,
    text: row.text,
    resources: row.resources,
    people: row.people,
    alsoCoded: row.also_coded,
  };
}

/** Local codes that no map knows. The key of a row is the one given beside it. */
export function unmappedTables(db: DatabaseSync): Pick<HospitalTables, 'putUnmapped' | 'unmappedCounts'> {
  const clear = db.prepare(SQL_UNMAPPED_CLEAR);
  const add = db.prepare(SQL_UNMAPPED_ADD);
  const counts = db.prepare(SQL_UNMAPPED_COUNTS);

  return {
    async putUnmapped({ site, type, id }, rows) {
      clear.run(site, type, id);
      for (const { person, system, code, text, alsoCoded } of rows) {
        add.run(site, type, id, person, system, code, text, alsoCoded ? 1 : 0);
      }
    },
    async unmappedCounts() {
      return (counts.all() as unknown as CountColumns[]).map(toCount);
    },
  };
}
