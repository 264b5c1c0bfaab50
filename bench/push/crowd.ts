import { DatabaseSync } from 'node:sqlite';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import { pushAll } from './gateway.ts';
import { keptPerson } from './people.ts';
import { STORY_NOW } from './story-now.ts';

/** Everybody of the crowd is a copy of this person; one in a hundred has been merged. */
const MODEL = 1;
/** Numbers of the crowd begin after it. */
const FIRST = 500_000;

/** Tables of the hospital and the study in which a copy differs by the names of the person, and those it differs in. */
const COPIED: readonly (readonly [table: string, all: string, ...named: string[]])[] = [
  [
    'hospital_record',
    'site, type, id, person, rank_at, rank_number, rank_hash, version_id, deleted, body, revision',
    'id',
    'person',
  ],
  ['hospital_alias', 'site, patient, alias', 'patient', 'alias'],
  ['hospital_identifier', 'site, type, alias, id', 'alias', 'id'],
  ['hospital_pseudonym', 'site, patient, pseudonym, key_id', 'patient', 'pseudonym'],
  ['hospital_enrolment', 'subject, site, patient, state', 'subject', 'patient'],
  ['hospital_move', 'subject, at, from_status, to_status, reason, cause, study_version, evidence', 'subject'],
  ['hospital_task', 'id, site, patient, subject, open, version, last_updated, body', 'id', 'patient', 'subject'],
  ['study_subject', 'id, version, last_updated, deleted, body', 'id'],
  ['audit', 'at, actor, action, object, detail', 'object'],
];

/**
 * Fills a store with so many people more, each with what a person of 10 kept resources leaves in it: one is taken in and
 * screened, the others are copies of the rows under names of their own. Their research records are left out.
 */
export async function addCrowd(gateway: Gateway, file: string, people: number): Promise<void> {
  await pushAll(gateway, keptPerson(MODEL));
  await screenPending(gateway, STORY_NOW, 10);
  const db = new DatabaseSync(file, { timeout: 5_000 });
  const padded = String(MODEL).padStart(6, '0');
  // Ids of the hospital hold the number of the person; hashes and pseudonyms get it in place of their end.
  const renamed = (column: string) => `
    CASE WHEN instr(${column}, '-${padded}') > 0 THEN replace(${column}, '-${padded}', '-' || n)
    ELSE substr(${column}, 1, 19) || n END`;
  db.exec('PRAGMA synchronous = OFF; BEGIN');
  db.exec(`CREATE TEMP TABLE crowd (n INTEGER PRIMARY KEY);
    WITH RECURSIVE up (n) AS (SELECT ${FIRST} UNION ALL SELECT n + 1 FROM up WHERE n + 1 < ${FIRST + people})
    INSERT INTO crowd SELECT n FROM up`);
  for (const [table, all, ...named] of COPIED) {
    const columns = all.split(', ');
    const copy = columns.map((one) => (named.includes(one) ? renamed(one) : one)).join(', ');
    db.exec(`CREATE TEMP TABLE model AS SELECT * FROM ${table}`);
    db.exec(`INSERT INTO ${table} (${all}) SELECT ${copy} FROM crowd, temp.model`);
    db.exec('DROP TABLE temp.model');
  }
  db.exec(`INSERT INTO hospital_link (site, declared_by, patient, replaced_by)
    SELECT 'ya', 'ya-p-' || n, 'ya-p-' || n, 'ya-p-' || (n + 1) FROM crowd WHERE n % 100 = 0`);
  db.exec('COMMIT');
  db.close();
}
