/**
 * Step 7: persons who are to be screened. `since` is the first mark that is not cleared, by which they are taken, and
 * `mark` the newest. Marks are numbered apart from the rows: a number is never given twice, also when no row is left.
 */
export const PENDING_TABLES = `
CREATE TABLE hospital_sequence (
  name TEXT NOT NULL PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO hospital_sequence (name, last) VALUES ('pending', 0);

CREATE TABLE hospital_pending (
  site TEXT NOT NULL,
  person TEXT NOT NULL,
  since INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY (site, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX hospital_pending_since ON hospital_pending (since, site, person);
`;
