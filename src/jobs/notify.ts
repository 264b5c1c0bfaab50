import type { Gateway } from '../pipeline/gateway.ts';
import { secretOf } from '../pipeline/subscribe.ts';
import { endpointFault } from '../pipeline/subscription-endpoint.ts';
import type { NoticeRow } from '../store/feed-rows.ts';
import type { ClaimedSubscriber, Settled } from '../store/subscriber-rows.ts';
import { notificationBundle } from '../views/notification.ts';
import { backOff } from './back-off.ts';
import { DELIVERY_FAULTS, type DeliveryFault, deliver } from './deliver.ts';

/** What became of one delivery, for logs and metrics: codes only. */
export interface NotifyEvent {
  site: string;
  /** Id of the Subscription. */
  subscription: string;
  outcome: 'delivered' | 'put-off' | 'given-up';
  /** How many events it told of. */
  events: number;
  /** `internal` for a bug or an outage of ours, which comes with its error. */
  code: DeliveryFault | 'internal' | null;
  error?: unknown;
}

export interface NotifyParts {
  gateway: Gateway;
  /** URL under which clients reach the service, without a closing slash. */
  publicUrl: string;
  loopbackHttp: boolean;
  /** From 0 to 1. */
  random: () => number;
  told: (event: NotifyEvent) => void;
  /** Time for an endpoint to answer. */
  milliseconds?: number;
}

export interface Notifier {
  /** To be called once, before anything is claimed: what one that died had claimed waits again. */
  recover(): Promise<number>;
  /** Delivers all that may be delivered now, one subscription beside another. @returns how many deliveries were tried */
  drain(): Promise<number>;
  /** Claims nothing more; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

/** Events in one notification. */
const BATCH = 100;
/** Failed attempts after which a Subscription is in error: about an hour and a half. */
export const MOST_ATTEMPTS = 12;
const ANSWER_MILLISECONDS = 10_000;

/**
 * Tells subscribers of notices: each in the order of the changes, the next only when the last was acknowledged. So an
 * event may come twice, under the same number, and none is left out. A Subscription begins with a handshake; after
 * too many failures it is in error until somebody replaces it, and then goes on where it stopped.
 */
export function createNotifier(parts: NotifyParts): Notifier {
  const { gateway, publicUrl, loopbackHttp, random, told, milliseconds = ANSWER_MILLISECONDS } = parts;
  const { store, sites, clock } = gateway;
  const running = new Set<Promise<unknown>>();
  let stopping = false;
  const instant = (at: number) => new Date(at).toISOString();

  async function send(row: ClaimedSubscriber, notices: readonly NoticeRow[]): Promise<DeliveryFault | null> {
    const { site, id, endpoint, payload, events } = row;
    const fault = endpointFault(endpoint, { hosts: sites.get(site)?.subscriptionHosts ?? [], loopbackHttp });
    if (fault) return fault;
    const base = `${publicUrl}/ehr/${encodeURIComponent(site)}/fhir`;
    const about = { id, status: row.status as 'requested' | 'active', eventsBefore: events };
    const bundle = payload ? notificationBundle(about, notices, base, instant(clock())) : null;
    return deliver(endpoint, bundle && JSON.stringify(bundle), await secretOf(gateway, row), milliseconds);
  }

  async function one(row: ClaimedSubscriber): Promise<void> {
    const about = { site: row.site, subscription: row.id };
    try {
      const { wanted, position } = await dueTo(row);
      const events = wanted.length;
      // What concerns nobody is passed over without a call.
      if (row.status === 'active' && events === 0) return await settle(row, { position, attempts: 0 });
      const fault = await send(row, wanted);
      if (!fault) {
        await settle(row, { status: 'active', position, events: row.events + events, attempts: 0 });
        told({ ...about, events, outcome: 'delivered', code: null });
      } else if (row.attempts + 1 >= MOST_ATTEMPTS || fault === 'endpoint-host' || fault === 'endpoint-url') {
        const error = `${fault}: ${DELIVERY_FAULTS[fault]}`;
        await settle(row, { status: 'error', error, attempts: row.attempts + 1 });
        told({ ...about, events, outcome: 'given-up', code: fault });
      } else {
        await putOff(row);
        told({ ...about, events, outcome: 'put-off', code: fault });
      }
    } catch (error) {
      told({ ...about, events: 0, outcome: 'put-off', code: 'internal', error });
      await putOff(row);
    }
  }

  /** What a subscriber is to be told next: nothing with a handshake. */
  async function dueTo(row: ClaimedSubscriber): Promise<{ wanted: NoticeRow[]; position: number }> {
    if (row.status === 'requested') return { wanted: [], position: row.position };
    const notices = await store.withTransaction(({ hospital }) => hospital.noticesAfter(row.site, row.position, BATCH));
    return {
      wanted: notices.filter((notice) => isWanted(row, notice)),
      position: notices.at(-1)?.number ?? row.position,
    };
  }

  function putOff(row: ClaimedSubscriber): Promise<void> {
    const attempts = row.attempts + 1;
    return settle(row, { attempts, notBefore: instant(clock() + backOff(attempts, random())) });
  }

  async function settle(row: ClaimedSubscriber, change: Partial<Settled>): Promise<void> {
    const now = instant(clock());
    const changed = change.status !== undefined && change.status !== row.status;
    const stamp = changed ? { version: row.version + 1, lastUpdated: now } : {};
    const settled: Settled = { ...row, notBefore: now, ...change, ...stamp };
    await store.withTransaction(({ hospital }) => hospital.settleSubscriber(row.id, row.claim, settled));
  }

  /** One after another; meanwhile another one looks for the next, so that nobody waits for a slow endpoint. */
  async function work(): Promise<number> {
    const others: Promise<number>[] = [];
    let tried = 0;
    while (!stopping) {
      const row = await store.withTransaction(({ hospital }) => hospital.claimSubscriber(instant(clock())));
      if (!row) break;
      tried++;
      const other = work();
      // Rejected, it is heard of below; not before, and not as nobody's.
      other.catch(() => {});
      others.push(other);
      await one(row);
    }
    return (await Promise.all(others)).reduce((sum, count) => sum + count, tried);
  }

  return {
    recover: () => store.withTransaction(({ hospital }) => hospital.releaseSubscribers()),
    drain() {
      const drained = work();
      running.add(drained);
      return drained.finally(() => running.delete(drained));
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(running);
    },
  };
}

/** What is gone is told whatever it was before: whoever was told of it must hear that. */
function isWanted({ type, statuses }: ClaimedSubscriber, notice: NoticeRow): boolean {
  return notice.type === type && (statuses === null || notice.status === null || statuses.includes(notice.status));
}
