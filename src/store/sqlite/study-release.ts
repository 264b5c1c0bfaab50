import type { DatabaseSync } from 'node:sqlite';
import type { GrantedRow, PushedRow, ReleasedRow, ReleaseRow, ReleaseTables } from '../release-rows.ts';

const RELEASE = 'registry, number, agreement, agreement_hash, at, content_hash, manifest, signature';
const RELEASED = 'registry, number, subject, participant, resources';

export const SQL_GRANTED = 'SELECT subject, purposes FROM study_granted ORDER BY subject';
export const SQL_GRANTED_OF = 'SELECT subject, purposes FROM study_granted WHERE subject = ?';
export const SQL_GRANTED_PUT = `
  INSERT INTO study_granted (subject, purposes) VALUES (?, ?)
  ON CONFLICT (subject) DO UPDATE SET purposes = excluded.purposes`;
export const SQL_GRANT_ADD = `
  INSERT INTO study_grant (subject, at, purposes) VALUES (?, ?, ?)
  ON CONFLICT (subject, at) DO UPDATE SET purposes = excluded.purposes`;
export const SQL_GRANTED_AT = `
  SELECT subject, purposes FROM study_grant AS one
  WHERE at = (SELECT max(at) FROM study_grant WHERE subject = one.subject AND at <= ?) ORDER BY subject`;
export const SQL_RELEASE_LAST = 'SELECT max(number) AS number FROM study_release WHERE registry = ?';
export const SQL_RELEASE_ADD = `INSERT INTO study_release (${RELEASE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
export const SQL_RELEASES = `SELECT ${RELEASE} FROM study_release ORDER BY registry, number`;
export const SQL_RELEASES_OF = `SELECT ${RELEASE} FROM study_release WHERE registry = ? ORDER BY number`;
export const SQL_RELEASED_ADD = `INSERT INTO study_released (${RELEASED}) VALUES (?, ?, ?, ?, ?)`;
export const SQL_RELEASED = `SELECT ${RELEASED} FROM study_released WHERE registry = ? AND number = ? ORDER BY subject`;
export const SQL_RELEASED_WITH = `
  SELECT ${RELEASED} FROM study_released WHERE subject = ?1 OR participant = ?1 ORDER BY registry, number`;
export const SQL_PUSHED_ADD = 'INSERT INTO study_pushed (registry, number, at) VALUES (?, ?, ?)';
export const SQL_PUSHED = `
  SELECT registry, number, at FROM study_pushed WHERE registry = ? AND number = ? ORDER BY sequence`;

interface ReleaseColumns extends Omit<ReleaseRow, 'agreementHash' | 'contentHash'> {
  agreement_hash: string;
  content_hash: string;
}

function toRelease(row: ReleaseColumns): ReleaseRow {
  const { registry, number, agreement, at, manifest, signature } = row;
  const hashes = { agreementHash: row.agreement_hash, contentHash: row.content_hash };
  return { registry, number, agreement, ...hashes, at, manifest, signature };
}

/** Granted purposes, releases and who was in them; releases are added, never changed. */
export function releaseTables(db: DatabaseSync): ReleaseTables {
  const granted = db.prepare(SQL_GRANTED);
  const grantedOf = db.prepare(SQL_GRANTED_OF);
  const putGranted = db.prepare(SQL_GRANTED_PUT);
  const addGrant = db.prepare(SQL_GRANT_ADD);
  const grantedAt = db.prepare(SQL_GRANTED_AT);
  const last = db.prepare(SQL_RELEASE_LAST);
  const add = db.prepare(SQL_RELEASE_ADD);
  const all = db.prepare(SQL_RELEASES);
  const ofRegistry = db.prepare(SQL_RELEASES_OF);
  const addReleased = db.prepare(SQL_RELEASED_ADD);
  const released = db.prepare(SQL_RELEASED);
  const releasesWith = db.prepare(SQL_RELEASED_WITH);
  const addPushed = db.prepare(SQL_PUSHED_ADD);
  const pushed = db.prepare(SQL_PUSHED);
  const plain = <T>(rows: readonly unknown[]) => rows.map((row) => ({ ...(row as T) }));

  return {
    async granted() {
      return plain<GrantedRow>(granted.all());
    },
    async grantedOf(subject) {
      return plain<GrantedRow>(grantedOf.all(subject))[0] ?? null;
    },
    async grantedAt(at) {
      return plain<GrantedRow>(grantedAt.all(at));
    },
    async putGranted({ subject, purposes }, at) {
      putGranted.run(subject, purposes);
      addGrant.run(subject, at, purposes);
    },
    async addRelease(row, people) {
      const { registry, number, agreement, agreementHash, at, contentHash, manifest, signature } = row;
      const before = (last.get(registry) as { number: number | null }).number ?? 0;
      if (number !== before + 1) throw new Error(`The next release of this registry is ${before + 1}, not ${number}.`);
      add.run(registry, number, agreement, agreementHash, at, contentHash, manifest, signature);
      for (const { subject, participant, resources } of people)
        addReleased.run(registry, number, subject, participant, resources);
    },
    async releases(registry) {
      const rows = registry === undefined ? all.all() : ofRegistry.all(registry);
      return (rows as unknown as ReleaseColumns[]).map(toRelease);
    },
    async released(registry, number) {
      return plain<ReleasedRow>(released.all(registry, number));
    },
    async releasesWith(who) {
      return plain<ReleasedRow>(releasesWith.all(who));
    },
    async addPushed({ registry, number, at }) {
      addPushed.run(registry, number, at);
    },
    async pushed(registry, number) {
      return plain<PushedRow>(pushed.all(registry, number));
    },
  };
}
