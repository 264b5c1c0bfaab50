/** Step 12: resources of people that a scan passed over, as hashes of 32 bits, four bytes each (little-endian). */
export const SCAN_TABLES = `
CREATE TABLE hospital_unread (
  site TEXT NOT NULL,
  patient TEXT NOT NULL,
  resources BLOB NOT NULL,
  PRIMARY KEY (site, patient)
) STRICT, WITHOUT ROWID;
`;
