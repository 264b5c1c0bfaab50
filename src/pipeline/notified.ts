import { spanOf } from '../fhir/time.ts';
import { arrivalsOf } from '../intake/bundle.ts';
import type { Notification } from '../intake/notification.ts';
import { type Counted, countIn } from '../intake/sequence.ts';
import { PATIENT_ELEMENT } from '../record/patient-element.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Arrive } from './arrive.ts';

/** What came of a notification; everything of it is durable. */
export interface Acted {
  kind: 'acted';
  /** Resources taken in as they were delivered: signed ones only. */
  taken: number;
  /** Reads and searches queued. */
  queued: number;
  /** Event numbers were missing. */
  gap: boolean;
}

/** Something would have to be read again, and the site has no connection to do so. */
export interface NotReadable {
  kind: 'not-readable';
}

export interface NotifiedParts {
  store: Store;
  arrive: Arrive;
  /** The delivery is signed with the site's secret. */
  signed: boolean;
  /** When it arrived, in milliseconds. */
  at: number;
}

/** Asked for again from before the last good moment: clocks differ, and transactions end late. */
const OVERLAP_MILLISECONDS = 10 * 60_000;
/** Of other types nothing would be kept: what is not needed is not read either. */
const READ = new Set([...Object.keys(PATIENT_ELEMENT), 'Task', 'QuestionnaireResponse']);
const PLACE = { file: 'notification', line: null, entry: null };

/**
 * Acts on a notification. A resource that came whole and signed is taken in at once. Everything else is a hint, however
 * much of it was delivered, and so is every deletion: it is queued, to be read from the site's own server.
 */
export async function takeNotified(
  site: Site,
  notification: Notification,
  { store, arrive, signed, at }: NotifiedParts,
): Promise<Acted | NotReadable> {
  const { direct, reads } = sorted(notification, signed);
  const blind = isBlind(notification);
  if (!site.connection && (blind || reads.length > 0)) return { kind: 'not-readable' };
  if (direct) await arrive(site, arrivalsOf(direct.value, PLACE, true));
  return store.withTransaction(async ({ hospital }) => {
    const createdAt = new Date(at).toISOString();
    const missingSince = await count(hospital, site, notification, blind, at);
    const searches = missingSince && site.connection ? (site.connection.types ?? Object.keys(PATIENT_ELEMENT)) : [];
    const since = missingSince && new Date(Date.parse(missingSince) - OVERLAP_MILLISECONDS).toISOString();
    for (const target of reads) {
      await hospital.addWork({ site: site.id, kind: 'read', target, since: null, createdAt });
    }
    for (const target of searches) {
      await hospital.addWork({ site: site.id, kind: 'search', target, since, createdAt });
    }
    const queued = reads.length + searches.length;
    return { kind: 'acted', taken: direct?.count ?? 0, queued, gap: missingSince !== null && !blind };
  });
}

interface Sorted {
  /** A resource, or a Bundle of those that came whole. */
  direct: { value: object; count: number } | null;
  /** `Type/id` of what is to be read. */
  reads: string[];
}

function sorted(notification: Notification, signed: boolean): Sorted {
  if (notification.kind === 'resource') {
    const { resource, reference } = notification;
    const reads = wanted([reference]);
    if (resource && signed && reads.length > 0) return { direct: { value: resource, count: 1 }, reads: [] };
    return { direct: null, reads };
  }
  if (notification.kind !== 'event') return { direct: null, reads: [] };
  const { bundle, events, others } = notification;
  const entries = (bundle.entry as Record<string, unknown>[]).filter((entry) => signed && isWhole(entry));
  const whole = new Set(entries.map(({ resource }) => nameOf(resource)));
  const named = [...events.flatMap(({ focus }) => focus ?? []), ...others];
  // The backport lets an entry's request be a GET, which would say that nothing is to be taken in.
  const value = { ...bundle, entry: entries.map(({ request: _, ...entry }) => entry) };
  return {
    direct: entries.length > 0 ? { value, count: entries.length } : null,
    reads: wanted(named.filter((name) => !whole.has(name))),
  };
}

function isWhole({ resource, request }: Record<string, unknown>): boolean {
  return resource !== undefined && (request as { method?: unknown } | undefined)?.method !== 'DELETE';
}

function nameOf(resource: unknown): string {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return `${resourceType}/${id}`;
}

function wanted(references: readonly string[]): string[] {
  return [...new Set(references)].filter((reference) => READ.has(reference.split('/')[0]!));
}

/** Something changed that is not named. */
function isBlind(notification: Notification): boolean {
  if (notification.kind !== 'event') return notification.kind === 'empty';
  return notification.events.some(({ focus }) => focus === null);
}

/** Counts the notification in; the moment from which on everything has to be searched, if anything has. */
async function count(
  hospital: Transaction['hospital'],
  site: Site,
  notification: Notification,
  blind: boolean,
  at: number,
): Promise<string | null> {
  if (notification.kind === 'resource') return null;
  const counted: Counted = { handshake: false, status: null, total: null, numbers: [], blind, at };
  let subscription = '';
  if (notification.kind !== 'empty') {
    subscription = notification.subscription;
    counted.handshake = notification.kind === 'handshake';
    counted.status = notification.status;
    counted.total = notification.eventsSinceSubscriptionStart;
    counted.numbers = notification.kind === 'event' ? notification.events.map(({ number }) => number) : [];
    counted.at = Math.min(at, spanOf(notification.sentAt ?? '', site.timezone)?.start ?? at);
  }
  const known = await hospital.subscription(site.id, subscription);
  const { progress, missingSince } = countIn(known, counted);
  await hospital.putSubscription({ site: site.id, subscription, ...progress });
  return missingSince;
}
