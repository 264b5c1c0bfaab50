/** Step 3: tasks for the study team at the hospital. */
export const TASK_TABLES = `
CREATE TABLE hospital_task (
  id TEXT NOT NULL PRIMARY KEY,
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  subject TEXT NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  version INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_task_subject ON hospital_task (subject, id);
CREATE INDEX hospital_task_patient ON hospital_task (site, patient);
CREATE INDEX hospital_task_updated ON hospital_task (site, last_updated, id);
`;
