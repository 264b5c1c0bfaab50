/**
 * Step 11: bulk exports of registries' clients and their files; what changed since an instant is found by an index.
 */
export const EXPORT_TABLES = `
CREATE TABLE study_export (
  id TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  registry TEXT NOT NULL,
  plan TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
  code TEXT,
  at TEXT NOT NULL,
  mark TEXT,
  resources INTEGER NOT NULL,
  expires_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX study_export_waiting ON study_export (at, id) WHERE state = 'waiting';
CREATE INDEX study_export_expired ON study_export (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE study_extract (
  export TEXT NOT NULL REFERENCES study_export (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('output', 'deleted', 'error')),
  type TEXT NOT NULL,
  lines INTEGER NOT NULL,
  PRIMARY KEY (export, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX study_research_updated ON study_research (type, last_updated, id, version);
`;
