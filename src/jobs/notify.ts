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
    const handshake = row.status === 'requested';
    const weighed = handshake
      ? []
      : await store.withTransaction(({ hospital }) => hospital.noticesAfter(row.site, row.position, BATCH));
    const wanted = weighed.filter((notice) => isWanted(row, notice));
    const position = weighed.at(-1)?.number ?? row.position;
    const about = { site: row.site, subscription: row.id, events: wanted.length };
    // What concerns nobody is passed over without a call.
    if (!handshake && wanted.length === 0) return settle(row, { position, attempts: 0 });
    try {
      const fault = await send(row, wanted);
      if (!fault) {
        await settle(row, { status: 'active', position, events: row.events + wanted.length, attempts: 0 });
        told({ ...about, outcome: 'delivered', code: null });
      } else if (row.attempts + 1 >= MOST_ATTEMPTS || fault === 'endpoint-host' || fault === 'endpoint-url') {
        const error = `${fault}: ${DELIVERY_FAULTS[fault]}`;
        await settle(row, { status: 'error', error, attempts: row.attempts + 1 });
        told({ ...about, outcome: 'given-up', code: fault });
      } else {
        await putOff(row);
        told({ ...about, outcome: 'put-off', code: fault });
      }
    } catch (error) {
      told({ ...about, outcome: 'put-off', code: 'internal', error });
      await putOff(row);
    }
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

  async function drainAll(): Promise<number> {
    const begun: Promise<void>[] = [];
    let tried = 0;
    for (;;) {
      if (stopping) break;
      const row = await store.withTransaction(({ hospital }) => hospital.claimSubscriber(instant(clock())));
      if (row) {
        tried++;
        begun.push(one(row));
      } else if (begun.length > 0) {
        // One that is done may have more to tell.
        await Promise.all(begun.splice(0));
      } else break;
    }
    await Promise.all(begun);
    return tried;
  }

  return {
    recover: () => store.withTransaction(({ hospital }) => hospital.releaseSubscribers()),
    drain() {
      const drained = drainAll();
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
