import type { DatabaseSync } from 'node:sqlite';
import type { WorkCount, WorkRow, WorkRows } from '../work-rows.ts';

const COLUMNS = `id, site, kind, target, since, state, attempts, not_before AS notBefore,
  last_error_code AS lastErrorCode, created_at AS createdAt, ended_at AS endedAt`;

export const SQL_WORK_ADD = `
  INSERT INTO hospital_work (site, kind, target, since, state, attempts, not_before, created_at)
  VALUES (?, ?, ?, ?, 'waiting', 0, ?5, ?5)
  ON CONFLICT (site, kind, target) WHERE state = 'waiting'
  DO UPDATE SET since = iif(since IS NULL OR excluded.since IS NULL, NULL, min(since, excluded.since))`;
// INDEXED BY: the oldest first, without sorting what waits.
export const SQL_WORK_CLAIM = `
  UPDATE hospital_work SET state = 'claimed', attempts = attempts + 1
  WHERE id = (SELECT id FROM hospital_work INDEXED BY hospital_work_next
    WHERE site = ? AND state = 'waiting' AND not_before <= ? ORDER BY id LIMIT 1)
  RETURNING ${COLUMNS}`;
export const SQL_WORK_FINISH = `
  UPDATE hospital_work SET state = 'done', ended_at = ?, last_error_code = NULL
  WHERE id = ? AND state = 'claimed' RETURNING ${COLUMNS}`;
export const SQL_WORK_COVERED = `
  DELETE FROM hospital_work WHERE site = ?1 AND target = ?2 AND kind = ?3 AND state = 'failed'
    AND (?4 IS NULL OR since >= ?4)`;
export const SQL_WORK_FAIL = `
  UPDATE hospital_work SET state = 'failed', last_error_code = ?, ended_at = ? WHERE id = ? AND state = 'claimed'`;
export const SQL_WORK_BY_ID = `SELECT ${COLUMNS} FROM hospital_work WHERE id = ?`;
export const SQL_WORK_TWIN = `
  DELETE FROM hospital_work WHERE site = ? AND kind = ? AND target = ? AND state = 'waiting' RETURNING ${COLUMNS}`;
export const SQL_WORK_WAIT = `
  UPDATE hospital_work SET state = 'waiting', since = ?, not_before = ?, last_error_code = ?, ended_at = NULL
  WHERE id = ?`;
export const SQL_WORK_IN = `SELECT ${COLUMNS} FROM hospital_work WHERE state = ? ORDER BY site, id`;
export const SQL_WORK_COUNTS = `
  SELECT site, state, count(*) AS count, min(created_at) AS oldest FROM hospital_work
  GROUP BY site, state ORDER BY site, state`;
export const SQL_WORK_FORGET = 'DELETE FROM hospital_work WHERE state = ? AND ended_at < ?';

type SinceOf = Pick<WorkRow, 'since'>;

/** The moment that covers both searches. */
function further(one: SinceOf, other: SinceOf): string | null {
  if (one.since === null || other.since === null) return null;
  return one.since < other.since ? one.since : other.since;
}

type Queue = Omit<WorkRows, 'subscription' | 'putSubscription' | 'subscriptions'>;

/** The queue of what is to be read again. Work is claimed by its state, in the order it came. */
export function workTables(db: DatabaseSync): Queue {
  const add = db.prepare(SQL_WORK_ADD);
  const claim = db.prepare(SQL_WORK_CLAIM);
  const finish = db.prepare(SQL_WORK_FINISH);
  const covered = db.prepare(SQL_WORK_COVERED);
  const fail = db.prepare(SQL_WORK_FAIL);
  const byId = db.prepare(SQL_WORK_BY_ID);
  const twinOf = db.prepare(SQL_WORK_TWIN);
  const wait = db.prepare(SQL_WORK_WAIT);
  const inState = db.prepare(SQL_WORK_IN);
  const counts = db.prepare(SQL_WORK_COUNTS);
  const forget = db.prepare(SQL_WORK_FORGET);

  function rows(state: WorkRow['state']): WorkRow[] {
    return (inState.all(state) as unknown as WorkRow[]).map((row) => ({ ...row }));
  }

  /** Waiting work is there once: what came meanwhile is taken up by the older row. */
  function waitAgain(row: WorkRow, notBefore: string, errorCode: string | null): void {
    const twin = twinOf.get(row.site, row.kind, row.target) as unknown as WorkRow | undefined;
    wait.run(twin ? further(row, twin) : row.since, notBefore, errorCode, row.id);
  }

  return {
    async addWork({ site, kind, target, since, createdAt }) {
      add.run(site, kind, target, since, createdAt);
    },
    async claimWork(site, now) {
      const row = claim.get(site, now) as unknown as WorkRow | undefined;
      return row ? { ...row } : null;
    },
    async finishWork(id, now) {
      const row = finish.get(now, id) as unknown as WorkRow | undefined;
      if (row) covered.run(row.site, row.target, row.kind, row.since);
    },
    async retryWork(id, notBefore, errorCode) {
      const row = byId.get(id) as unknown as WorkRow | undefined;
      if (row?.state === 'claimed') waitAgain(row, notBefore, errorCode);
    },
    async failWork(id, errorCode, now) {
      fail.run(errorCode, now, id);
    },
    async releaseWork(now) {
      const claimed = rows('claimed');
      for (const row of claimed) waitAgain(row, now, row.lastErrorCode);
      return claimed.length;
    },
    async reviveWork(site, now) {
      const failed = rows('failed').filter((row) => row.site === site);
      for (const row of failed) waitAgain(row, now, row.lastErrorCode);
      return failed.length;
    },
    async forgetWork(doneBefore, failedBefore) {
      forget.run('done', doneBefore);
      forget.run('failed', failedBefore);
    },
    async workIn(state) {
      return rows(state);
    },
    async workCounts() {
      return (counts.all() as unknown as WorkCount[]).map((row) => ({ ...row }));
    },
  };
}
