import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DeliveryCount, DeliveryRow, OutboxTables } from '../outbox-rows.ts';

const COLUMNS = `target, type, id, subject, version, state, attempts, not_before AS notBefore, code, changes, claim,
  remote, hash, loose, again_at AS againAt, released_at AS releasedAt`;

export const SQL_OUTBOX_NOTE = `
  INSERT INTO study_outbox (target, type, id, subject, version, state, attempts, not_before, changes, loose)
  VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, 1, 0)
  ON CONFLICT (target, type, id) DO UPDATE SET
    subject = excluded.subject, version = excluded.version, changes = changes + 1,
    state = iif(state = 'claimed', state, 'waiting'),
    attempts = iif(state IN ('waiting', 'claimed'), attempts, 0),
    not_before = iif(state IN ('waiting', 'claimed'), not_before, excluded.not_before),
    code = iif(state IN ('waiting', 'claimed'), code, NULL)`;
export const SQL_OUTBOX_ENDED = `
  UPDATE study_outbox SET state = 'waiting', claim = NULL
  WHERE claim IS NOT NULL AND target = ? AND not_before <= ?`;
export const SQL_OUTBOX_AGAIN = `
  UPDATE study_outbox SET again_at = NULL, hash = NULL, state = iif(state = 'done', 'waiting', state),
    not_before = iif(state = 'done', ?2, not_before)
  WHERE again_at IS NOT NULL AND target = ?1 AND again_at <= ?2`;
// Of a person in order: nobody is claimed twice, and what was put off holds up what came after it.
export const SQL_OUTBOX_NEXT = `
  SELECT subject FROM study_outbox AS next INDEXED BY study_outbox_next
  WHERE state = 'waiting' AND target = ?1 AND not_before <= ?2
    AND NOT EXISTS (SELECT 1 FROM study_outbox WHERE target = ?1 AND subject = next.subject AND state = 'claimed')
    AND NOT EXISTS (SELECT 1 FROM study_outbox
      WHERE target = ?1 AND subject = next.subject AND state = 'waiting' AND not_before > ?2)
  ORDER BY not_before, subject LIMIT 1`;
export const SQL_OUTBOX_CLAIM = `
  UPDATE study_outbox SET state = 'claimed', claim = ?, not_before = ?
  WHERE target = ? AND subject = ? AND state = 'waiting'`;
export const SQL_OUTBOX_RENEW = 'UPDATE study_outbox SET not_before = ? WHERE claim = ?';
export const SQL_OUTBOX_CLAIMED = `SELECT ${COLUMNS} FROM study_outbox WHERE claim = ? ORDER BY type, id`;
export const SQL_OUTBOX_RELEASED = `
  UPDATE study_outbox SET released_at = coalesce(released_at, ?) WHERE target = ? AND type = ? AND id = ?`;
export const SQL_OUTBOX_DONE = `
  UPDATE study_outbox SET state = iif(changes = ?, 'done', 'waiting'), attempts = 0, code = NULL, claim = NULL,
    not_before = ?, remote = ?, hash = ?, loose = ?
  WHERE target = ? AND type = ? AND id = ? AND claim = ?`;
export const SQL_OUTBOX_FAILED = `
  UPDATE study_outbox SET state = iif(changes = ?, 'failed', 'waiting'), attempts = attempts + 1, claim = NULL,
    not_before = ?, code = ?
  WHERE target = ? AND type = ? AND id = ? AND claim = ?`;
export const SQL_OUTBOX_PUT_OFF = `
  UPDATE study_outbox SET state = 'waiting', claim = NULL, not_before = ?1, code = coalesce(?2, code),
    attempts = attempts + iif(?2 IS NULL, 0, 1),
    again_at = iif(released_at IS NULL, again_at, coalesce(?4, again_at))
  WHERE claim = ?3`;
export const SQL_OUTBOX_RELEASE = `
  UPDATE study_outbox SET state = 'waiting', claim = NULL, not_before = ?,
    again_at = iif(released_at IS NULL, again_at, ?)
  WHERE claim IS NOT NULL AND target = ?`;
export const SQL_OUTBOX_RELINK_LOOSE = `
  UPDATE study_outbox SET state = 'waiting', not_before = ?
  WHERE target = ? AND subject = ? AND state = 'done' AND loose = 1`;
export const SQL_OUTBOX_RELINK_ALL = `
  UPDATE study_outbox SET state = 'waiting', not_before = ?, hash = NULL
  WHERE target = ? AND subject = ? AND state = 'done' AND remote IS NOT NULL`;
export const SQL_OUTBOX_RETRY = `
  UPDATE study_outbox SET state = 'waiting', attempts = 0, not_before = ?1, code = NULL
  WHERE target = ?2 AND (state = 'failed' OR (state = 'waiting' AND not_before > ?1))`;
export const SQL_OUTBOX_RESEND = `
  UPDATE study_outbox SET hash = NULL, changes = changes + 1,
    state = iif(state = 'claimed', state, 'waiting'), not_before = iif(state = 'claimed', not_before, ?)
  WHERE target = ? AND type = ? AND id = ?`;
export const SQL_OUTBOX_ONE = `SELECT ${COLUMNS} FROM study_outbox WHERE target = ? AND type = ? AND id = ?`;
export const SQL_OUTBOX_OF = `
  SELECT ${COLUMNS} FROM study_outbox WHERE target = ? AND subject = ? ORDER BY type, id`;
export const SQL_OUTBOX_SUBJECTS = `
  SELECT DISTINCT subject FROM study_outbox WHERE target = ? AND subject > ? ORDER BY subject LIMIT ?`;
export const SQL_OUTBOX_IN = `
  SELECT ${COLUMNS} FROM study_outbox WHERE state = ? ORDER BY target, subject, type, id`;
export const SQL_OUTBOX_RELEASED_OF = `
  SELECT ${COLUMNS} FROM study_outbox WHERE subject = ? AND released_at IS NOT NULL ORDER BY target, type, id`;
export const SQL_OUTBOX_COUNTS = `
  SELECT target, type, state, count(*) AS count, min(not_before) AS oldest FROM study_outbox
  GROUP BY target, type, state ORDER BY target, type, state`;

type Columns = Omit<DeliveryRow, 'loose'> & { loose: number };
const toRow = (row: Columns): DeliveryRow => ({ ...row, loose: row.loose === 1 });

/** The outbox of deliveries. Rows are claimed by their state, a person at a time. */
export function outboxTables(db: DatabaseSync): OutboxTables {
  const rows = (sql: string) => {
    const statement = db.prepare(sql);
    return (...given: SQLInputValue[]) => (statement.all(...given) as unknown as Columns[]).map(toRow);
  };
  const note = db.prepare(SQL_OUTBOX_NOTE);
  const ended = db.prepare(SQL_OUTBOX_ENDED);
  const again = db.prepare(SQL_OUTBOX_AGAIN);
  const next = db.prepare(SQL_OUTBOX_NEXT);
  const claimAll = db.prepare(SQL_OUTBOX_CLAIM);
  const renew = db.prepare(SQL_OUTBOX_RENEW);
  const claimed = rows(SQL_OUTBOX_CLAIMED);
  const released = db.prepare(SQL_OUTBOX_RELEASED);
  const done = db.prepare(SQL_OUTBOX_DONE);
  const failed = db.prepare(SQL_OUTBOX_FAILED);
  const putOff = db.prepare(SQL_OUTBOX_PUT_OFF);
  const release = db.prepare(SQL_OUTBOX_RELEASE);
  const relink = { loose: db.prepare(SQL_OUTBOX_RELINK_LOOSE), all: db.prepare(SQL_OUTBOX_RELINK_ALL) };
  const retry = db.prepare(SQL_OUTBOX_RETRY);
  const resend = db.prepare(SQL_OUTBOX_RESEND);
  const one = rows(SQL_OUTBOX_ONE);
  const ofSubject = rows(SQL_OUTBOX_OF);
  const subjects = db.prepare(SQL_OUTBOX_SUBJECTS);
  const inState = rows(SQL_OUTBOX_IN);
  const releasedOf = rows(SQL_OUTBOX_RELEASED_OF);
  const counts = db.prepare(SQL_OUTBOX_COUNTS);

  return {
    async noteDelivery({ target, type, id, subject, version, at }) {
      note.run(target, type, id, subject, version, at);
    },
    async claimDeliveries(target, claim, now, until) {
      ended.run(target, now);
      again.run(target, now);
      const found = next.get(target, now) as unknown as { subject: string } | undefined;
      if (found === undefined) return [];
      claimAll.run(claim, until, target, found.subject);
      return claimed(claim);
    },
    async renewClaim(claim, until) {
      renew.run(until, claim);
      return claimed(claim);
    },
    async markReleased({ target, type, id }, at) {
      released.run(at, target, type, id);
    },
    async settleDelivery({ target, type, id }, claim, changes, settled, now) {
      const { state } = settled;
      if (state === 'failed') failed.run(changes, now, settled.code, target, type, id, claim);
      else done.run(changes, now, settled.remote, settled.hash, settled.loose ? 1 : 0, target, type, id, claim);
    },
    async putOffClaim(claim, notBefore, code, againAt = null) {
      putOff.run(notBefore, code, claim, againAt);
    },
    async releaseClaims(target, now, againAt) {
      return Number(release.run(now, againAt, target).changes);
    },
    async relink(target, subject, now, which) {
      relink[which].run(now, target, subject);
    },
    async retryDeliveries(target, now) {
      return Number(retry.run(now, target).changes);
    },
    async resendDelivery({ target, type, id }, now) {
      resend.run(now, target, type, id);
    },
    async delivery({ target, type, id }) {
      return one(target, type, id)[0] ?? null;
    },
    async deliveriesOf(target, subject) {
      return ofSubject(target, subject);
    },
    async deliverySubjects(target, after, limit) {
      return (subjects.all(target, after, limit) as unknown as { subject: string }[]).map(({ subject }) => subject);
    },
    async deliveriesIn(state) {
      return inState(state);
    },
    async releasedOf(subject) {
      return releasedOf(subject);
    },
    async deliveryCounts() {
      return (counts.all() as unknown as DeliveryCount[]).map((row) => ({ ...row }));
    },
  };
}
