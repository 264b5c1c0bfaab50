import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { PurgeCounts } from '../research-rows.ts';
import type { HospitalTables } from '../store.ts';
import { SQL_MENTIONS_CLEAR } from './hospital-concern.ts';
import { SQL_IDENTIFIERS_CLEAR } from './hospital-identifier.ts';
import { SQL_UNMAPPED_CLEAR } from './hospital-unmapped.ts';

// A merged subject has lost its enrolment; its last move says into which one it went. One that has an enrolment again
// has been parted from it and is somebody else's.
export const SQL_PURGE_SUBJECTS = `
  WITH RECURSIVE purged (subject) AS (
    SELECT subject FROM hospital_enrolment
    WHERE site = ? AND patient IN (SELECT value FROM json_each(?))
    UNION
    SELECT move.subject FROM purged CROSS JOIN hospital_move AS move INDEXED BY hospital_move_merged
    WHERE move.reason = purged.subject AND move.cause = 'merge' AND move.to_status = 'merged'
      AND NOT EXISTS (SELECT 1 FROM hospital_enrolment AS again WHERE again.subject = move.subject)
  )
  SELECT subject FROM purged`;
// INDEXED BY: as for reading the records of a person.
export const SQL_PURGE_KEYS = `
  SELECT type, id FROM hospital_record INDEXED BY hospital_record_person
  WHERE site = ? AND person IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_RECORD = 'DELETE FROM hospital_record WHERE site = ? AND type = ? AND id = ?';
export const SQL_PURGE_UNMAPPED = `
  DELETE FROM hospital_unmapped INDEXED BY hospital_unmapped_person
  WHERE site = ? AND person IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_ALIASES = `
  DELETE FROM hospital_alias WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_LINKS = `
  DELETE FROM hospital_link WHERE site = ?1 AND (declared_by IN (SELECT value FROM json_each(?2))
    OR patient IN (SELECT value FROM json_each(?2)) OR replaced_by IN (SELECT value FROM json_each(?2)))`;
export const SQL_PURGE_PSEUDONYMS = `
  DELETE FROM hospital_pseudonym WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_DECISIONS = `
  DELETE FROM hospital_decision WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_TASKS = `
  DELETE FROM hospital_task WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_ENROLMENTS = `
  DELETE FROM hospital_enrolment WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_PENDING = `
  DELETE FROM hospital_pending WHERE site = ? AND person IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_UNREAD = `
  DELETE FROM hospital_unread WHERE site = ? AND patient IN (SELECT value FROM json_each(?))`;
export const SQL_PURGE_MOVES = 'DELETE FROM hospital_move WHERE subject IN (SELECT value FROM json_each(?))';
export const SQL_PURGE_LINEAGE = 'DELETE FROM hospital_lineage WHERE subject IN (SELECT value FROM json_each(?))';
export const SQL_PURGE_LINEAGE_FROM = 'DELETE FROM hospital_lineage WHERE site = ? AND source = ?';
// Whom it concerns goes with it.
export const SQL_PURGE_QUARANTINED = `
  DELETE FROM hospital_quarantine WHERE id IN (
    SELECT quarantined FROM hospital_concerned WHERE site = ? AND person IN (SELECT value FROM json_each(?)))`;
export const SQL_PURGE_WORK = 'DELETE FROM hospital_work WHERE site = ? AND target = ?';
export const SQL_PURGE_SHOWN = 'DELETE FROM hospital_subject WHERE subject IN (SELECT value FROM json_each(?))';
export const SQL_PURGE_FLAGS = 'DELETE FROM hospital_flag WHERE subject IN (SELECT value FROM json_each(?))';
export const SQL_PURGE_HELD = 'DELETE FROM hospital_held WHERE subject IN (SELECT value FROM json_each(?))';

interface Key {
  type: string;
  id: string;
}

function rowsDeleted(statement: StatementSync, ...given: SQLInputValue[]): number {
  return Number(statement.run(...given).changes);
}

/** Forgetting people, in every table of the hospital side that names them. */
export function purgeTables(db: DatabaseSync): Pick<HospitalTables, 'purgePeople'> {
  const subjectsOf = db.prepare(SQL_PURGE_SUBJECTS);
  const keysOf = db.prepare(SQL_PURGE_KEYS);
  const record = db.prepare(SQL_PURGE_RECORD);
  const unmappedOf = db.prepare(SQL_UNMAPPED_CLEAR);
  const unmapped = db.prepare(SQL_PURGE_UNMAPPED);
  const aliases = db.prepare(SQL_PURGE_ALIASES);
  const links = db.prepare(SQL_PURGE_LINKS);
  const pseudonyms = db.prepare(SQL_PURGE_PSEUDONYMS);
  const decisions = db.prepare(SQL_PURGE_DECISIONS);
  const tasks = db.prepare(SQL_PURGE_TASKS);
  const enrolments = db.prepare(SQL_PURGE_ENROLMENTS);
  const pending = db.prepare(SQL_PURGE_PENDING);
  const unread = db.prepare(SQL_PURGE_UNREAD);
  const moves = db.prepare(SQL_PURGE_MOVES);
  const lineage = db.prepare(SQL_PURGE_LINEAGE);
  const lineageFrom = db.prepare(SQL_PURGE_LINEAGE_FROM);
  const held = db.prepare(SQL_PURGE_HELD);
  const shown = [SQL_PURGE_SHOWN, SQL_PURGE_FLAGS].map((sql) => db.prepare(sql));
  const quarantined = db.prepare(SQL_PURGE_QUARANTINED);
  const mentions = db.prepare(SQL_MENTIONS_CLEAR);
  const identifiers = db.prepare(SQL_IDENTIFIERS_CLEAR);
  const work = db.prepare(SQL_PURGE_WORK);

  return {
    async purgePeople(site, patients, persons): Promise<PurgeCounts> {
      const named = JSON.stringify(patients);
      const everyone = JSON.stringify([...new Set([...patients, ...persons])]);
      // Found before anything goes: what leads to a row may be deleted sooner than the row.
      const found = subjectsOf.all(site, named) as unknown as { subject: string }[];
      const subjects = JSON.stringify(found.map((row) => row.subject));
      // A deleted Patient that nobody knew has a row without a person.
      const ownRows = patients.map((id) => ({ type: 'Patient', id }));
      const keys = [...(keysOf.all(site, everyone) as unknown as Key[]), ...ownRows];
      const counts: PurgeCounts = {
        records: 0,
        aliases: rowsDeleted(aliases, site, named),
        links: rowsDeleted(links, site, named),
        unmapped: rowsDeleted(unmapped, site, everyone),
        pseudonyms: rowsDeleted(pseudonyms, site, named),
        enrolments: rowsDeleted(enrolments, site, named),
        moves: rowsDeleted(moves, subjects),
        decisions: rowsDeleted(decisions, site, named),
        lineage: rowsDeleted(lineage, subjects),
        held: rowsDeleted(held, subjects),
        tasks: rowsDeleted(tasks, site, named),
        quarantined: rowsDeleted(quarantined, site, everyone),
      };
      // Marks and mentions are not counted: they say nothing of their own.
      pending.run(site, everyone);
      unread.run(site, named);
      for (const statement of shown) statement.run(subjects);
      for (const { type, id } of keys) {
        counts.records += rowsDeleted(record, site, type, id);
        mentions.run(site, type, id);
        identifiers.run(site, type, id);
        counts.unmapped += rowsDeleted(unmappedOf, site, type, id);
        counts.lineage += rowsDeleted(lineageFrom, site, `${type}/${id}`);
        work.run(site, `${type}/${id}`);
      }
      return counts;
    },
  };
}
