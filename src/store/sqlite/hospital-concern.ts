import type { DatabaseSync } from 'node:sqlite';
import type { ConcernTables } from '../pending-rows.ts';

// INDEXED BY: left to itself the planner walks the whole site in the order of the result, to save the sorting.
export const SQL_LINKS_NAMING = `
  SELECT patient, replaced_by FROM hospital_link INDEXED BY hospital_link_patient
  WHERE site = ?1 AND patient IN (SELECT value FROM json_each(?2))
  UNION
  SELECT patient, replaced_by FROM hospital_link INDEXED BY hospital_link_replaced
  WHERE site = ?1 AND replaced_by IN (SELECT value FROM json_each(?2))
  ORDER BY patient, replaced_by`;
export const SQL_MENTIONS_CLEAR = 'DELETE FROM hospital_mention WHERE site = ? AND type = ? AND id = ?';
export const SQL_MENTION_PUT = `
  INSERT INTO hospital_mention (site, type, id, reference) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
export const SQL_MENTIONING = `
  SELECT DISTINCT record.person AS person
  FROM hospital_mention AS mention INDEXED BY hospital_mention_reference CROSS JOIN hospital_record AS record
  WHERE mention.site = ? AND mention.reference = ? AND record.site = mention.site AND record.type = mention.type
    AND record.id = mention.id AND record.person IS NOT NULL
  ORDER BY record.person`;

/** What leads from one person's data to another person. */
export function concernTables(db: DatabaseSync): ConcernTables {
  const linksNaming = db.prepare(SQL_LINKS_NAMING);
  const clear = db.prepare(SQL_MENTIONS_CLEAR);
  const put = db.prepare(SQL_MENTION_PUT);
  const mentioning = db.prepare(SQL_MENTIONING);

  return {
    async linksNaming(site, ends) {
      const rows = linksNaming.all(site, JSON.stringify(ends)) as unknown as { patient: string; replaced_by: string }[];
      return rows.map((row) => ({ from: row.patient, to: row.replaced_by }));
    },
    async putMentions({ site, type, id }, references) {
      clear.run(site, type, id);
      for (const reference of references) put.run(site, type, id, reference);
    },
    async mentioning(site, reference) {
      return (mentioning.all(site, reference) as unknown as { person: string }[]).map((row) => row.person);
    },
  };
}
