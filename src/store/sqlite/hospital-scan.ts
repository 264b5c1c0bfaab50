import type { DatabaseSync } from 'node:sqlite';
import type { ResourceKey } from '../../fhir/resource.ts';
import type { ScanTables, UnreadRow } from '../scan-rows.ts';

export const SQL_PATIENTS_AFTER = `
  SELECT site, id FROM hospital_record
  WHERE (site, type, id) > (?1, 'Patient', ?2) AND type = 'Patient' AND person IS NOT NULL
  ORDER BY site, type, id LIMIT ?3`;
export const SQL_HELD_AFTER = `
  SELECT site, type, id, max(person) AS person FROM (
    SELECT site, type, id, person FROM (
      SELECT site, type, id, person FROM hospital_record
      WHERE (site, type, id) > (?1, ?2, ?3) AND type NOT IN ('Patient', 'RelatedPerson', 'Appointment')
      ORDER BY site, type, id LIMIT ?4)
    UNION ALL
    SELECT site, type, id, NULL FROM (
      SELECT DISTINCT site, type, id FROM hospital_unmapped
      WHERE (site, type, id) > (?1, ?2, ?3)
      ORDER BY site, type, id LIMIT ?4))
  GROUP BY site, type, id ORDER BY site, type, id LIMIT ?4`;
export const SQL_UNREAD_AFTER = `
  SELECT site, patient, resources FROM hospital_unread
  WHERE (site, patient) > (?, ?) ORDER BY site, patient LIMIT ?`;
export const SQL_UNREAD_OF = `
  SELECT site, patient, resources FROM hospital_unread
  WHERE site = ? AND patient IN (SELECT value FROM json_each(?)) ORDER BY patient`;
export const SQL_UNREAD_PUT = `
  INSERT INTO hospital_unread (site, patient, resources) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET resources = excluded.resources`;
export const SQL_UNREAD_CLEAR = 'DELETE FROM hospital_unread WHERE site = ? AND patient = ?';

interface UnreadColumns {
  site: string;
  patient: string;
  resources: Uint8Array;
}

const WORD = Uint32Array.BYTES_PER_ELEMENT;

function toUnread({ site, patient, resources }: UnreadColumns): UnreadRow {
  // As SQLite gives it, unless its bytes begin where a typed array of words may not.
  const { buffer, byteOffset, byteLength } = resources.byteOffset % WORD === 0 ? resources : resources.slice();
  return { site, patient, resources: new Uint32Array(buffer, byteOffset, byteLength / WORD) };
}

/** What a scan knows of the store. */
export function scanTables(db: DatabaseSync): ScanTables {
  const patients = db.prepare(SQL_PATIENTS_AFTER);
  const held = db.prepare(SQL_HELD_AFTER);
  const unreadAfter = db.prepare(SQL_UNREAD_AFTER);
  const unreadOf = db.prepare(SQL_UNREAD_OF);
  const unreadPut = db.prepare(SQL_UNREAD_PUT);
  const unreadClear = db.prepare(SQL_UNREAD_CLEAR);

  return {
    async patientsAfter(site, id, limit) {
      return patients.all(site, id, limit) as unknown as { site: string; id: string }[];
    },
    async heldAfter({ site, type, id }, limit) {
      return held.all(site, type, id, limit) as unknown as (ResourceKey & { person: string | null })[];
    },
    async unreadAfter(site, patient, limit) {
      return (unreadAfter.all(site, patient, limit) as unknown as UnreadColumns[]).map(toUnread);
    },
    async unreadOf(site, of) {
      return (unreadOf.all(site, JSON.stringify(of)) as unknown as UnreadColumns[]).map(toUnread);
    },
    async putUnread({ site, patient, resources }) {
      if (resources.length === 0) unreadClear.run(site, patient);
      else unreadPut.run(site, patient, new Uint8Array(resources.buffer, resources.byteOffset, resources.byteLength));
    },
  };
}
