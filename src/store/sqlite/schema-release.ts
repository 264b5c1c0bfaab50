/**
 * Step 10: granted purposes, releases, who was in them, and that they were posted. What was released stays on record,
 * whatever program writes: the triggers see to it.
 */
export const RELEASE_TABLES = `
CREATE TABLE study_granted (
  subject TEXT NOT NULL PRIMARY KEY,
  purposes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE study_release (
  registry TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  agreement TEXT NOT NULL,
  agreement_hash TEXT NOT NULL,
  at TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  manifest TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (registry, number)
) STRICT;
CREATE TRIGGER study_release_unchanged BEFORE UPDATE ON study_release
BEGIN SELECT RAISE(ABORT, 'A release is never changed.'); END;
CREATE TRIGGER study_release_kept BEFORE DELETE ON study_release
BEGIN SELECT RAISE(ABORT, 'A release is never deleted.'); END;

CREATE TABLE study_released (
  registry TEXT NOT NULL,
  number INTEGER NOT NULL,
  subject TEXT NOT NULL,
  participant TEXT,
  resources TEXT NOT NULL,
  PRIMARY KEY (registry, number, subject),
  FOREIGN KEY (registry, number) REFERENCES study_release (registry, number)
) STRICT;
CREATE INDEX study_released_subject ON study_released (subject);
CREATE INDEX study_released_participant ON study_released (participant) WHERE participant IS NOT NULL;
CREATE TRIGGER study_released_unchanged BEFORE UPDATE ON study_released
BEGIN SELECT RAISE(ABORT, 'Who was released is never changed.'); END;
CREATE TRIGGER study_released_kept BEFORE DELETE ON study_released
BEGIN SELECT RAISE(ABORT, 'Who was released is never deleted.'); END;

CREATE TABLE study_pushed (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  registry TEXT NOT NULL,
  number INTEGER NOT NULL,
  at TEXT NOT NULL,
  FOREIGN KEY (registry, number) REFERENCES study_release (registry, number)
) STRICT;
CREATE INDEX study_pushed_release ON study_pushed (registry, number, sequence);
CREATE TRIGGER study_pushed_unchanged BEFORE UPDATE ON study_pushed
BEGIN SELECT RAISE(ABORT, 'What was posted is never changed.'); END;
CREATE TRIGGER study_pushed_kept BEFORE DELETE ON study_pushed
BEGIN SELECT RAISE(ABORT, 'What was posted is never deleted.'); END;
`;
