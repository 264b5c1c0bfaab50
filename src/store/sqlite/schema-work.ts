/**
 * Step 8: what is to be read again at a hospital's server, and how far the notifications of its subscriptions have
 * come. Waiting work is there once for each target.
 */
export const WORK_TABLES = `
CREATE TABLE hospital_work (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('read', 'search')),
  target TEXT NOT NULL,
  since TEXT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'done', 'failed')),
  attempts INTEGER NOT NULL,
  not_before TEXT NOT NULL,
  last_error_code TEXT,
  created_at TEXT NOT NULL,
  ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX hospital_work_waiting ON hospital_work (site, kind, target) WHERE state = 'waiting';
CREATE INDEX hospital_work_next ON hospital_work (site, id) WHERE state = 'waiting';
CREATE INDEX hospital_work_target ON hospital_work (site, target);
CREATE INDEX hospital_work_state ON hospital_work (state, ended_at);

CREATE TABLE hospital_subscription (
  site TEXT NOT NULL,
  subscription TEXT NOT NULL,
  status TEXT,
  last_event INTEGER,
  good_at TEXT NOT NULL,
  gaps INTEGER NOT NULL,
  PRIMARY KEY (site, subscription)
) STRICT, WITHOUT ROWID;
`;
