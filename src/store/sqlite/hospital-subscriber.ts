import type { DatabaseSync } from 'node:sqlite';
import type { ClaimedSubscriber, SubscriberRow, SubscriberTables } from '../subscriber-rows.ts';

const ROW = `id, site, status, reason, type, statuses, endpoint, payload, secret, error, version, last_updated, gone,
  position, events`;
const CLAIMED = `${ROW}, claim, attempts`;

export const SQL_SUBSCRIBER = `SELECT ${ROW} FROM hospital_subscriber WHERE id = ?`;
export const SQL_SUBSCRIBERS = `SELECT ${ROW} FROM hospital_subscriber WHERE site = ? AND gone = 0 ORDER BY id`;
export const SQL_SUBSCRIBER_PUT = `
  INSERT INTO hospital_subscriber (${ROW}, state, claim, attempts, not_before)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0, '')
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, reason = excluded.reason, type = excluded.type,
    statuses = excluded.statuses, endpoint = excluded.endpoint, payload = excluded.payload, secret = excluded.secret,
    error = excluded.error, version = excluded.version, last_updated = excluded.last_updated, gone = excluded.gone,
    position = excluded.position, events = excluded.events, state = 'waiting', attempts = 0, not_before = ''`;
// There are few subscribers: they are walked through. Their notices are sought.
export const SQL_SUBSCRIBER_CLAIM = `
  UPDATE hospital_subscriber SET state = 'claimed', claim = claim + 1
  WHERE id = (
    SELECT id FROM hospital_subscriber AS subscriber
    WHERE state = 'waiting' AND gone = 0 AND not_before <= ?1 AND (status = 'requested' OR (status = 'active' AND EXISTS (
      SELECT 1 FROM hospital_notice AS notice
      WHERE notice.site = subscriber.site AND notice.number > subscriber.position)))
    ORDER BY not_before, id LIMIT 1)
  RETURNING ${CLAIMED}`;
export const SQL_SUBSCRIBER_SETTLE = `
  UPDATE hospital_subscriber SET state = 'waiting', status = ?, error = ?, version = ?, last_updated = ?, position = ?,
    events = ?, attempts = ?, not_before = ?
  WHERE id = ? AND claim = ? AND state = 'claimed'`;
export const SQL_SUBSCRIBER_RELEASE = `UPDATE hospital_subscriber SET state = 'waiting' WHERE state = 'claimed'`;

type Columns = Omit<ClaimedSubscriber, 'statuses' | 'payload' | 'gone' | 'lastUpdated'> & {
  statuses: string | null;
  payload: number;
  gone: number;
  last_updated: string;
};

function read<T extends SubscriberRow>(row: unknown): T {
  const { statuses, payload, gone, last_updated: lastUpdated, ...rest } = row as Columns;
  return {
    ...rest,
    statuses: statuses === null ? null : (JSON.parse(statuses) as string[]),
    payload: payload === 1,
    gone: gone === 1,
    lastUpdated,
  } as unknown as T;
}

/** Subscribers, claimed by their state. */
export function subscriberTables(db: DatabaseSync): SubscriberTables {
  const one = db.prepare(SQL_SUBSCRIBER);
  const all = db.prepare(SQL_SUBSCRIBERS);
  const put = db.prepare(SQL_SUBSCRIBER_PUT);
  const claim = db.prepare(SQL_SUBSCRIBER_CLAIM);
  const settle = db.prepare(SQL_SUBSCRIBER_SETTLE);
  const release = db.prepare(SQL_SUBSCRIBER_RELEASE);

  return {
    async subscriber(id) {
      const row = one.get(id);
      return row === undefined ? null : read(row);
    },
    async subscribers(site) {
      return all.all(site).map((row) => read<SubscriberRow>(row));
    },
    async putSubscriber({ id, site, status, reason, type, statuses, endpoint, payload, secret, ...more }) {
      const { error, version, lastUpdated, gone, position, events } = more;
      const only = statuses === null ? null : JSON.stringify(statuses);
      const [head, tail] = [
        [id, site, status, reason, type, only, endpoint, payload ? 1 : 0, secret],
        [error, version, lastUpdated, gone ? 1 : 0, position, events],
      ];
      put.run(...head, ...tail);
    },
    async claimSubscriber(now) {
      const row = claim.get(now);
      return row === undefined ? null : read<ClaimedSubscriber>(row);
    },
    async settleSubscriber(
      id,
      claimed,
      { status, error, version, lastUpdated, position, events, attempts, notBefore },
    ) {
      const done = settle.run(status, error, version, lastUpdated, position, events, attempts, notBefore, id, claimed);
      return done.changes > 0;
    },
    async releaseSubscribers() {
      return Number(release.run().changes);
    },
  };
}
