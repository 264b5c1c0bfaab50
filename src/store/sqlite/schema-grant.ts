/**
 * Step 14: what each subject had granted, from when on. Of what was granted before this step it is not known when it was
 * taken back: it counts as granted until the last thing that was written.
 */
export const GRANT_TABLES = `
CREATE TABLE study_grant (
  subject TEXT NOT NULL,
  at TEXT NOT NULL,
  purposes TEXT NOT NULL,
  PRIMARY KEY (subject, at)
) STRICT, WITHOUT ROWID;
INSERT INTO study_grant (subject, at, purposes)
  SELECT subject, '', replace(purposes, ':false', ':null') FROM study_granted;
INSERT INTO study_grant (subject, at, purposes)
  SELECT subject, (SELECT max(last_updated) FROM study_research), purposes FROM study_granted
  WHERE instr(purposes, ':false') > 0 AND EXISTS (SELECT 1 FROM study_research);
`;
