/** Step 15: how each criterion came out for a subject, as far as the study side may know it. */
export const VERDICT_TABLES = `
CREATE TABLE study_verdict (
  subject TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  verdicts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
