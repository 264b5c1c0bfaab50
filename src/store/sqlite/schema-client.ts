/**
 * Step 5: clients of the service. A client is never deleted nor changed but for being revoked, once, whatever program
 * writes: the triggers see to it.
 */
export const CLIENT_TABLES = `
CREATE TABLE auth_client (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('site', 'registry', 'operator')),
  site TEXT,
  registry TEXT,
  scopes TEXT NOT NULL,
  keys TEXT NOT NULL,
  created_at TEXT NOT NULL,
  revoked_at TEXT,
  CHECK ((kind = 'site') = (site IS NOT NULL)),
  CHECK ((kind = 'registry') = (registry IS NOT NULL))
) STRICT;
CREATE TRIGGER auth_client_kept BEFORE DELETE ON auth_client
BEGIN SELECT RAISE(ABORT, 'A client is never deleted.'); END;
CREATE TRIGGER auth_client_revoked BEFORE UPDATE ON auth_client WHEN OLD.revoked_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'A revoked client is never changed.'); END;
CREATE TRIGGER auth_client_unchanged
BEFORE UPDATE OF id, name, kind, site, registry, scopes, keys, created_at ON auth_client
BEGIN SELECT RAISE(ABORT, 'A client is never changed.'); END;

CREATE TABLE auth_jti (
  client TEXT NOT NULL REFERENCES auth_client (id),
  jti TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (client, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_jti_expired ON auth_jti (expires_at);
`;
