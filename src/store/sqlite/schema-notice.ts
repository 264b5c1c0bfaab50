/**
 * Step 9: what the hospital is shown, notices of its changes, and who is told of them. Subjects that are there already
 * are taken over without a notice; their flags follow with their next screening.
 */
export const NOTICE_TABLES = `
CREATE TABLE hospital_subject (
  subject TEXT NOT NULL PRIMARY KEY,
  site TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  gone INTEGER NOT NULL CHECK (gone IN (0, 1))
) STRICT;
CREATE INDEX hospital_subject_updated ON hospital_subject (site, last_updated, subject) WHERE gone = 0;

CREATE TABLE hospital_flag (
  id TEXT NOT NULL PRIMARY KEY,
  site TEXT NOT NULL,
  subject TEXT NOT NULL,
  flag TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  gone INTEGER NOT NULL CHECK (gone IN (0, 1))
) STRICT;
CREATE INDEX hospital_flag_subject ON hospital_flag (subject, flag);
CREATE INDEX hospital_flag_updated ON hospital_flag (site, last_updated, id) WHERE gone = 0;

CREATE TABLE hospital_notice (
  site TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  type TEXT NOT NULL CHECK (type IN ('ResearchSubject', 'Task')),
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('new-candidate', 'new', 'changed', 'gone')),
  at TEXT NOT NULL,
  PRIMARY KEY (site, number),
  CHECK ((status IS NULL) = (kind = 'gone'))
) STRICT, WITHOUT ROWID;

CREATE TABLE hospital_subscriber (
  id TEXT NOT NULL PRIMARY KEY,
  site TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requested', 'active', 'error', 'off')),
  reason TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('ResearchSubject', 'Task')),
  statuses TEXT,
  endpoint TEXT NOT NULL,
  payload INTEGER NOT NULL CHECK (payload IN (0, 1)),
  secret TEXT NOT NULL,
  error TEXT,
  version INTEGER NOT NULL,
  last_updated TEXT NOT NULL,
  gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
  position INTEGER NOT NULL,
  events INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed')),
  claim INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  not_before TEXT NOT NULL
) STRICT;
CREATE INDEX hospital_subscriber_site ON hospital_subscriber (site, id) WHERE gone = 0;

INSERT INTO hospital_subject (subject, site, version, last_updated, status, reason, gone)
SELECT enrolment.subject, enrolment.site, known.version, known.last_updated, json_extract(known.body, '$.status'),
  (SELECT json_extract(extension.value, '$.valueCode') FROM json_each(known.body, '$.extension') AS extension
   WHERE json_extract(extension.value, '$.url') = 'https://study-gateway.example/StructureDefinition/status-reason'),
  0
FROM hospital_enrolment AS enrolment
JOIN study_subject AS known ON known.id = enrolment.subject
  AND known.version = (SELECT max(version) FROM study_subject WHERE id = enrolment.subject)
WHERE known.deleted = 0;
`;
