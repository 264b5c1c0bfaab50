/**
 * Step 6: persons who are to be screened. `since` is the first mark that is not cleared, by which they are taken, and
 * `mark` the newest. Marks are numbered apart from the rows: a number is never given twice, also when no row is left.
 * To know whom a change concerns, merge links are found by either end, and Consents by the RelatedPersons they name.
 * `revision` is our own counter of the versions of a resource.
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

CREATE INDEX hospital_link_patient ON hospital_link (site, patient);
CREATE INDEX hospital_link_replaced ON hospital_link (site, replaced_by);

CREATE TABLE hospital_mention (
  site TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  reference TEXT NOT NULL,
  PRIMARY KEY (site, type, id, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX hospital_mention_reference ON hospital_mention (site, reference);
INSERT INTO hospital_mention (site, type, id, reference)
SELECT DISTINCT record.site, record.type, record.id, performer.value ->> '$.reference'
FROM hospital_record AS record,
  json_each(CASE WHEN record.type = 'Consent' THEN record.body END, '$.performer') AS performer
WHERE record.type = 'Consent' AND performer.value ->> '$.reference' LIKE 'RelatedPerson/%';

ALTER TABLE hospital_record ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE hospital_dropped ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
`;
