/** Step 7: identifiers of kept resources, as keyed hashes, so that an EHR can write conditionally. */
export const IDENTIFIER_TABLES = `
CREATE TABLE hospital_identifier (
  site TEXT NOT NULL,
  type TEXT NOT NULL,
  alias TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (site, type, alias, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hospital_identifier_resource ON hospital_identifier (site, type, id);
`;
