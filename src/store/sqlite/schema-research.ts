/**
 * Step 2: decisions, the research record and what leads back from it, participant numbers, what a purge leaves.
 * The indexes on tables of step 1 are for the purge. A decision is never changed and a number never deleted, whatever
 * program writes: the triggers see to it.
 */
export const RESEARCH_TABLES = `
CREATE TABLE hospital_decision (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_decision_patient ON hospital_decision (site, patient);
CREATE TRIGGER hospital_decision_unchanged BEFORE UPDATE ON hospital_decision
BEGIN SELECT RAISE(ABORT, 'A decision is never changed.'); END;

CREATE TABLE hospital_lineage (
  research TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  site TEXT NOT NULL,
  source TEXT NOT NULL,
  version_id TEXT,
  hash TEXT NOT NULL,
  map TEXT NOT NULL,
  study_version TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_lineage_subject ON hospital_lineage (subject, research);
CREATE INDEX hospital_lineage_source ON hospital_lineage (site, source);

CREATE TABLE hospital_held (
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  expression TEXT,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_held_subject ON hospital_held (subject);

CREATE TABLE hospital_tombstone (
  site TEXT NOT NULL,
  hash TEXT NOT NULL,
  at TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (site, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX hospital_unmapped_person ON hospital_unmapped (site, person) WHERE person IS NOT NULL;
CREATE INDEX hospital_enrolment_patient ON hospital_enrolment (site, patient);
CREATE INDEX hospital_move_merged ON hospital_move (reason) WHERE cause = 'merge' AND to_status = 'merged';

CREATE TABLE study_number (
  group_code TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  subject TEXT NOT NULL,
  at TEXT NOT NULL,
  void_reason TEXT,
  voided_at TEXT,
  PRIMARY KEY (group_code, number),
  CHECK ((void_reason IS NULL) = (voided_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX study_number_subject ON study_number (subject) WHERE voided_at IS NULL;
CREATE TRIGGER study_number_kept BEFORE DELETE ON study_number
BEGIN SELECT RAISE(ABORT, 'A participant number is never deleted.'); END;

CREATE TABLE study_research (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  subject TEXT NOT NULL,
  last_updated TEXT NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  body TEXT NOT NULL,
  PRIMARY KEY (type, id, version)
) STRICT;
CREATE INDEX study_research_subject ON study_research (subject, type, id, version);
`;
