import { open, seal } from '../identity/vault.ts';
import type { Transaction } from '../store/store.ts';
import type { SubscriberRow } from '../store/subscriber-rows.ts';
import { type Gateway, keysOf } from './gateway.ts';
import type { SubscriptionRequest } from './subscription-request.ts';

/** What a Subscription is written with, beside the gateway. */
export interface SubscribeParts {
  gateway: Gateway;
  newId: () => string;
  random: (size: number) => Buffer;
}

/** Who changes a Subscription, and where. */
export interface SubscribedBy {
  site: string;
  /** Our id of the client. */
  client: string;
}

export type SubscribeRefusal = 'too-many' | 'unknown' | 'gone' | 'stale';

type Subscribed = { row: SubscriberRow; secret: string | null };

/** Subscriptions of one site at a time. */
const MOST = 20;
const SECRET_BYTES = 32;

/**
 * Adds a Subscription: events count from now on. Without a key of the client's for the signatures one is made.
 * @returns the row, and the key when it was made here: it is shown this once
 */
export async function subscribe(
  { gateway, newId, random }: SubscribeParts,
  { site, client }: SubscribedBy,
  request: SubscriptionRequest,
): Promise<Subscribed | SubscribeRefusal> {
  const keys = await keysOf(gateway, site);
  const id = newId();
  const made = request.secret === null ? random(SECRET_BYTES).toString('base64url') : null;
  return gateway.store.withTransaction(async (tx) => {
    if ((await tx.hospital.subscribers(site)).length >= MOST) return 'too-many';
    const row: SubscriberRow = {
      id,
      site,
      ...asked(request),
      secret: seal(keys.vault, made ?? request.secret!, contextOf(site, id), random),
      error: null,
      version: 1,
      lastUpdated: new Date(gateway.clock()).toISOString(),
      gone: false,
      position: (await tx.hospital.lastNotice(site))?.number ?? 0,
      events: 0,
    };
    await write(tx, row, client, 'subscription-created');
    return { row, secret: made };
  });
}

/**
 * Replaces a Subscription. Unless it is off, a handshake follows and then everything since the last event that was
 * acknowledged, under the next numbers.
 * @param seen the version it must have; null for any
 */
export async function resubscribe(
  { gateway, random }: SubscribeParts,
  { site, client }: SubscribedBy,
  id: string,
  request: SubscriptionRequest,
  seen: number | null,
): Promise<Subscribed | SubscribeRefusal> {
  const keys = await keysOf(gateway, site);
  return gateway.store.withTransaction(async (tx) => {
    const before = await present(tx, site, id, seen);
    if (typeof before === 'string') return before;
    const row: SubscriberRow = {
      ...before,
      ...asked(request),
      secret: request.secret === null ? before.secret : seal(keys.vault, request.secret, contextOf(site, id), random),
      error: null,
      version: before.version + 1,
      lastUpdated: new Date(gateway.clock()).toISOString(),
    };
    await write(tx, row, client, 'subscription-updated');
    return { row, secret: null };
  });
}

/** Ends a Subscription; endpoint and key are forgotten. */
export async function unsubscribe(
  { gateway }: Pick<SubscribeParts, 'gateway'>,
  { site, client }: SubscribedBy,
  id: string,
  seen: number | null,
): Promise<SubscriberRow | SubscribeRefusal> {
  return gateway.store.withTransaction(async (tx) => {
    const before = await present(tx, site, id, seen);
    if (typeof before === 'string') return before;
    const row: SubscriberRow = {
      ...before,
      status: 'off',
      reason: '',
      endpoint: '',
      secret: '',
      error: null,
      version: before.version + 1,
      lastUpdated: new Date(gateway.clock()).toISOString(),
      gone: true,
    };
    await write(tx, row, client, 'subscription-deleted');
    return row;
  });
}

/** The key of a Subscription's signatures. */
export async function secretOf(gateway: Gateway, { site, id, secret }: SubscriberRow): Promise<Buffer> {
  const keys = await keysOf(gateway, site);
  return Buffer.from(open(keys.vault, secret, contextOf(site, id)), 'utf8');
}

function asked({ off, reason, type, statuses, endpoint, payload }: SubscriptionRequest) {
  return { status: off ? ('off' as const) : ('requested' as const), reason, type, statuses, endpoint, payload };
}

async function present(
  { hospital }: Transaction,
  site: string,
  id: string,
  seen: number | null,
): Promise<SubscriberRow | SubscribeRefusal> {
  const row = await hospital.subscriber(id);
  if (row?.site !== site) return 'unknown';
  if (row.gone) return 'gone';
  return seen === null || seen === row.version ? row : 'stale';
}

async function write(tx: Transaction, row: SubscriberRow, client: string, action: string): Promise<void> {
  await tx.hospital.putSubscriber(row);
  const detail = `${row.site} ${row.type} v${row.version}`;
  await tx.addAudit({ at: row.lastUpdated, actor: `client:${client}`, action, object: row.id, detail });
}

function contextOf(site: string, id: string): string {
  return `${site}|Subscription|${id}`;
}
