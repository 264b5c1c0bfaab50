import { CLIENT_TABLES } from './schema-client.ts';
import { EXPORT_TABLES } from './schema-export.ts';
import { GRANT_TABLES } from './schema-grant.ts';
import { IDENTIFIER_TABLES } from './schema-identifier.ts';
import { NOTICE_TABLES } from './schema-notice.ts';
import { OUTBOX_TABLES } from './schema-outbox.ts';
import { PENDING_TABLES } from './schema-pending.ts';
import { QUARANTINE_TABLES } from './schema-quarantine.ts';
import { RELEASE_TABLES } from './schema-release.ts';
import { RESEARCH_TABLES } from './schema-research.ts';
import { SCAN_TABLES } from './schema-scan.ts';
import { TASK_TABLES } from './schema-task.ts';
import { VERDICT_TABLES } from './schema-verdict.ts';
import { WORK_TABLES } from './schema-work.ts';

/** One step of the schema. A step that has been released is never changed; a new one is added after it. */
export interface Migration {
  number: number;
  name: string;
  sql: string;
}

/** `application_id` in the file's header ("SGW1"): says that the file is ours. */
export const APPLICATION_ID = 0x53475731;

// Tables of the hospital side begin with hospital_, those of the study side with study_. No table mixes the two.
// rank_number is REAL because a JavaScript number must come back unchanged, also above 2^63.
const FIRST = `
CREATE TABLE hospital_record (
  site TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT,
  rank_at TEXT,
  rank_number REAL,
  rank_hash TEXT NOT NULL,
  version_id TEXT,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  body TEXT,
  PRIMARY KEY (site, type, id)
) STRICT;
CREATE INDEX hospital_record_person ON hospital_record (site, person) WHERE person IS NOT NULL;

CREATE TABLE hospital_dropped (
  site TEXT NOT NULL,
  type TEXT NOT NULL,
  id_hash TEXT NOT NULL,
  rank_at TEXT,
  rank_number REAL,
  rank_hash TEXT NOT NULL,
  PRIMARY KEY (site, type, id_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE hospital_alias (
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  alias TEXT NOT NULL,
  PRIMARY KEY (site, patient, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX hospital_alias_alias ON hospital_alias (site, alias);

CREATE TABLE hospital_link (
  site TEXT NOT NULL,
  declared_by TEXT NOT NULL,
  patient TEXT NOT NULL,
  replaced_by TEXT NOT NULL,
  PRIMARY KEY (site, declared_by, patient, replaced_by)
) STRICT, WITHOUT ROWID;

CREATE TABLE hospital_unmapped (
  site TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT,
  system TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT,
  also_coded INTEGER NOT NULL CHECK (also_coded IN (0, 1))
) STRICT;
CREATE INDEX hospital_unmapped_resource ON hospital_unmapped (site, type, id);

CREATE TABLE hospital_pseudonym (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  pseudonym TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL,
  UNIQUE (site, patient)
) STRICT;

CREATE TABLE hospital_enrolment (
  subject TEXT NOT NULL PRIMARY KEY,
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE hospital_move (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  at TEXT NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  reason TEXT,
  cause TEXT NOT NULL CHECK (cause IN ('data', 'criteria', 'consent', 'merge', 'decision', 'clock')),
  study_version TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_move_subject ON hospital_move (subject, sequence);

CREATE TABLE study_subject (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  body TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT,
  detail TEXT
) STRICT;

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** In order of number, without gaps. */
export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'first tables', sql: FIRST },
  { number: 2, name: 'research side', sql: RESEARCH_TABLES },
  { number: 3, name: 'tasks', sql: TASK_TABLES },
  { number: 4, name: 'quarantine', sql: QUARANTINE_TABLES },
  { number: 5, name: 'clients of the service', sql: CLIENT_TABLES },
  { number: 6, name: 'persons to be screened', sql: PENDING_TABLES },
  { number: 7, name: 'identifiers of resources', sql: IDENTIFIER_TABLES },
  { number: 8, name: 'work and subscriptions', sql: WORK_TABLES },
  { number: 9, name: 'notices', sql: NOTICE_TABLES },
  { number: 10, name: 'releases', sql: RELEASE_TABLES },
  { number: 11, name: 'bulk exports', sql: EXPORT_TABLES },
  { number: 12, name: 'outbox of deliveries', sql: OUTBOX_TABLES },
  { number: 13, name: 'what a scan passed over', sql: SCAN_TABLES },
  { number: 14, name: 'when purposes were granted', sql: GRANT_TABLES },
  { number: 15, name: 'verdicts', sql: VERDICT_TABLES },
];
