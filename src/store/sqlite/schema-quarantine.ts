/**
 * Step 4: what was set aside, with its content sealed, and whom that content may concern. The latter only while there is
 * content: it is for the purge.
 */
export const QUARANTINE_TABLES = `
CREATE TABLE hospital_quarantine (
  id TEXT NOT NULL PRIMARY KEY,
  site TEXT,
  at TEXT NOT NULL,
  file TEXT NOT NULL,
  line INTEGER,
  entry INTEGER,
  reason TEXT NOT NULL,
  expression TEXT,
  message TEXT NOT NULL,
  content TEXT,
  withheld TEXT,
  resolved_at TEXT,
  attempts INTEGER NOT NULL CHECK (attempts > 0),
  CHECK ((content IS NULL) = (withheld IS NOT NULL)),
  CHECK (site IS NOT NULL OR content IS NULL)
) STRICT;
CREATE INDEX hospital_quarantine_open ON hospital_quarantine (at, id) WHERE resolved_at IS NULL;
CREATE INDEX hospital_quarantine_content ON hospital_quarantine (at) WHERE content IS NOT NULL;

CREATE TABLE hospital_concerned (
  site TEXT NOT NULL,
  person TEXT NOT NULL,
  quarantined TEXT NOT NULL REFERENCES hospital_quarantine (id) ON DELETE CASCADE,
  PRIMARY KEY (site, person, quarantined)
) STRICT, WITHOUT ROWID;
CREATE INDEX hospital_concerned_quarantined ON hospital_concerned (quarantined);
`;
