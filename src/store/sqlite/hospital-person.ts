import type { DatabaseSync } from 'node:sqlite';
import type { HospitalTables, PseudonymRow } from '../store.ts';

export const SQL_ALIASES_CLEAR = 'DELETE FROM hospital_alias WHERE site = ? AND patient = ?';
export const SQL_ALIAS_PUT = `
  INSERT INTO hospital_alias (site, patient, alias) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
export const SQL_PATIENTS_OF = 'SELECT patient FROM hospital_alias WHERE site = ? AND alias = ? ORDER BY patient';
export const SQL_ALIASES_OF = 'SELECT alias FROM hospital_alias WHERE site = ? AND patient = ? ORDER BY alias';
export const SQL_LINKS_CLEAR = 'DELETE FROM hospital_link WHERE site = ? AND declared_by = ?';
export const SQL_LINK_PUT = `
  INSERT INTO hospital_link (site, declared_by, patient, replaced_by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
export const SQL_LINKS = `
  SELECT DISTINCT patient, replaced_by FROM hospital_link WHERE site = ? ORDER BY patient, replaced_by`;
export const SQL_PSEUDONYMS = `
  SELECT site, patient, pseudonym, key_id, sequence FROM hospital_pseudonym
  WHERE site = ? AND patient IN (SELECT value FROM json_each(?))
  ORDER BY sequence`;
export const SQL_PSEUDONYM_ADD = `
  INSERT INTO hospital_pseudonym (site, patient, pseudonym, key_id) VALUES (?, ?, ?, ?)`;

interface PseudonymColumns {
  site: string;
  patient: string;
  pseudonym: string;
  key_id: string;
  sequence: number;
}

function toPseudonym(row: PseudonymColumns): PseudonymRow {
  return {
    site: row.site,
    patient: row.patient,
    pseudonym: row.pseudonym,
    keyId: row.key_id,
    sequence: row.sequence,
  };
}

type PersonTables = Pick<
  HospitalTables,
  'putAliases' | 'patientsOf' | 'aliasesOf' | 'putLinks' | 'links' | 'pseudonyms' | 'addPseudonym'
>;

/** Who is who at a hospital: aliases, merge links, pseudonyms. A patient has one pseudonym; a second one throws. */
export function personTables(db: DatabaseSync): PersonTables {
  const aliasesClear = db.prepare(SQL_ALIASES_CLEAR);
  const aliasPut = db.prepare(SQL_ALIAS_PUT);
  const patientsOf = db.prepare(SQL_PATIENTS_OF);
  const aliasesOf = db.prepare(SQL_ALIASES_OF);
  const linksClear = db.prepare(SQL_LINKS_CLEAR);
  const linkPut = db.prepare(SQL_LINK_PUT);
  const links = db.prepare(SQL_LINKS);
  const pseudonyms = db.prepare(SQL_PSEUDONYMS);
  const pseudonymAdd = db.prepare(SQL_PSEUDONYM_ADD);

  return {
    async putAliases(site, patient, aliases) {
      aliasesClear.run(site, patient);
      for (const alias of aliases) aliasPut.run(site, patient, alias);
    },
    async patientsOf(site, alias) {
      return (patientsOf.all(site, alias) as unknown as { patient: string }[]).map((row) => row.patient);
    },
    async aliasesOf(site, patient) {
      return (aliasesOf.all(site, patient) as unknown as { alias: string }[]).map((row) => row.alias);
    },
    async putLinks(site, declaredBy, declared) {
      linksClear.run(site, declaredBy);
      for (const { from, to } of declared) linkPut.run(site, declaredBy, from, to);
    },
    async links(site) {
      const rows = links.all(site) as unknown as { patient: string; replaced_by: string }[];
      return rows.map((row) => ({ from: row.patient, to: row.replaced_by }));
    },
    async pseudonyms(site, patients) {
      return (pseudonyms.all(site, JSON.stringify(patients)) as unknown as PseudonymColumns[]).map(toPseudonym);
    },
    async addPseudonym({ site, patient, pseudonym, keyId }) {
      pseudonymAdd.run(site, patient, pseudonym, keyId);
    },
  };
}
