import type { DatabaseSync } from 'node:sqlite';
import type { SubscriptionRow, WorkRows } from '../work-rows.ts';

const COLUMNS = 'site, subscription, status, last_event AS lastEvent, good_at AS goodAt, gaps';

export const SQL_SUBSCRIPTION = `SELECT ${COLUMNS} FROM hospital_subscription WHERE site = ? AND subscription = ?`;
export const SQL_SUBSCRIPTION_PUT = `
  INSERT OR REPLACE INTO hospital_subscription (site, subscription, status, last_event, good_at, gaps)
  VALUES (?, ?, ?, ?, ?, ?)`;
export const SQL_SUBSCRIPTIONS = `SELECT ${COLUMNS} FROM hospital_subscription ORDER BY site, subscription`;

/** How far the notifications of each subscription have come. */
export function subscriptionTables(
  db: DatabaseSync,
): Pick<WorkRows, 'subscription' | 'putSubscription' | 'subscriptions'> {
  const one = db.prepare(SQL_SUBSCRIPTION);
  const put = db.prepare(SQL_SUBSCRIPTION_PUT);
  const all = db.prepare(SQL_SUBSCRIPTIONS);

  return {
    async subscription(site, subscription) {
      const row = one.get(site, subscription) as unknown as SubscriptionRow | undefined;
      return row ? { ...row } : null;
    },
    async putSubscription({ site, subscription, status, lastEvent, goodAt, gaps }) {
      put.run(site, subscription, status, lastEvent, goodAt, gaps);
    },
    async subscriptions() {
      return (all.all() as unknown as SubscriptionRow[]).map((row) => ({ ...row }));
    },
  };
}
