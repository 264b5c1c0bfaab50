import { isUnder, readReference } from '../fhir/reference.ts';
import type { FhirResource } from '../fhir/resource.ts';
import { R4_TYPES } from '../fhir/shape/types.ts';
import { isId, namedBy } from './identity.ts';
import { isObject, textOf } from './json.ts';
import { type NotificationFault, notificationFault } from './notification-fault.ts';
import { type BackportStatus, type NotifiedEvent, readBackportStatus } from './notification-status.ts';

/**
 * What a hospital's server delivered about one of its Subscriptions. `events` and `others` name resources of this
 * hospital as `Type/id`.
 */
export type Notification =
  /** Something changed, and nothing says what (R4 Subscription, "channel.payload" absent). */
  | { kind: 'empty' }
  /** A plain R4 delivery: the resource, or just its name. */
  | { kind: 'resource'; reference: string; resource: FhirResource | null }
  /** Bundles of the Subscriptions R5 Backport. */
  | ({ kind: 'handshake' | 'heartbeat' | 'query-status' } & BackportStatus)
  | ({
      kind: 'event';
      events: readonly Notified[];
      /** Resources named beside the events: additional context, and entries that belong to no event. */
      others: readonly string[];
      /** The Bundle without its status entry, as it came. */
      bundle: FhirResource;
    } & BackportStatus);

/** An event with what the Bundle's entries say of its focus. */
export interface Notified extends Omit<NotifiedEvent, 'context'> {
  method: string | null;
  resource: FhirResource | null;
}

/** What a request says besides its body. */
export interface Addressed {
  /** Type and id in the path (`PUT {endpoint}/{type}/{id}`), else null. */
  path: { type: string; id: string } | null;
  /** Bases under which references are those of this hospital. */
  bases: readonly string[];
}

const SEND = 'Send nothing, a resource, or a notification Bundle of the Subscriptions R5 Backport for R4.';

/**
 * Reads a delivery. Plain ones as R4 has them (Subscription, "REST Hook"); Bundles as the Subscriptions R5 Backport 1.1
 * has them for R4: type history, the first entry a Parameters of the profile backport-subscription-status-r4
 * ("Notifications"; StructureDefinition backport-subscription-notification-r4).
 * @param body parsed JSON of any shape; null when there was none
 */
export function readNotification(body: unknown, { path, bases }: Addressed): Notification | NotificationFault {
  if (path && !(R4_TYPES.has(path.type) && isId(path.id))) {
    return notificationFault(
      'focus-unreadable',
      null,
      'The address names no resource. Deliver to {endpoint}/{type}/{id}.',
    );
  }
  const named = path ? `${path.type}/${path.id}` : null;
  // Medplum sends {} for a deletion.
  if (body === null || (isObject(body) && Object.keys(body).length === 0)) {
    return named ? { kind: 'resource', reference: named, resource: null } : { kind: 'empty' };
  }
  if (!isObject(body) || !R4_TYPES.has(String(body.resourceType)))
    return notificationFault('not-a-notification', 'Resource.resourceType', SEND);
  const resource = body as FhirResource;
  if (resource.resourceType === 'Bundle' && !named) return bundleOf(resource, bases);
  const { resourceType: type, id } = resource;
  if (typeof id !== 'string' || !isId(id)) {
    return notificationFault('id-missing', `${type}.id`, 'The resource has no usable id. Deliver it with its id.');
  }
  if (named && named !== `${type}/${id}`) {
    const message = 'The address names another resource than the body holds. Correct one.';
    return notificationFault('id-mismatch', `${type}.id`, message);
  }
  return { kind: 'resource', reference: `${type}/${id}`, resource };
}

function bundleOf(bundle: FhirResource, bases: readonly string[]): Notification | NotificationFault {
  if (bundle.type !== 'history') {
    return notificationFault('not-a-notification', 'Bundle.type', 'A notification Bundle is of type history in R4.');
  }
  const entries: unknown = bundle.entry;
  if (!Array.isArray(entries) || entries.length === 0) {
    return notificationFault(
      'status-missing',
      'Bundle.entry',
      'The first entry must be the status of the subscription.',
    );
  }
  const first: unknown = entries[0];
  const status = readBackportStatus(isObject(first) ? first.resource : null, 'Bundle.entry[0].resource', bases);
  if ('code' in status) return status;
  const { type, events, ...head } = status;
  const about = { ...head, sentAt: textOf(bundle.timestamp) };
  if (type !== 'event-notification') return { kind: type, ...about };
  const rest = entries.slice(1);
  const held: { reference: string; method: string | null; resource: FhirResource | null }[] = [];
  for (const [index, entry] of rest.entries()) {
    const read = entryOf(entry, `Bundle.entry[${index + 1}]`, bases);
    if ('code' in read) return read;
    held.push(read);
  }
  const focused = events.map(({ context: _, ...event }) => {
    const entry = held.find(({ reference }) => reference === event.focus);
    return { ...event, method: entry?.method ?? null, resource: entry?.resource ?? null };
  });
  const named = [...events.flatMap(({ context }) => context), ...held.map(({ reference }) => reference)];
  const others = [...new Set(named)].filter((one) => !events.some(({ focus }) => focus === one));
  return { kind: 'event', ...about, events: focused, others, bundle: { ...bundle, entry: rest } };
}

/** An entry after the first: by its resource, else by its request, else by its fullUrl. */
function entryOf(
  entry: unknown,
  at: string,
  bases: readonly string[],
): { reference: string; method: string | null; resource: FhirResource | null } | NotificationFault {
  if (!isObject(entry)) return notificationFault('entry-unreadable', at, 'The entry is not a JSON object.');
  const request = isObject(entry.request) ? entry.request : {};
  const method = textOf(request.method);
  const fullUrl = textOf(entry.fullUrl);
  if (isForeign(fullUrl, bases)) return foreign(`${at}.fullUrl`);
  if (entry.resource === undefined) {
    const url = textOf(request.url);
    if (isForeign(url, bases)) return foreign(`${at}.request.url`);
    const named = namedBy(url ?? '') ?? namedBy(fullUrl ?? '');
    return named && isId(named.id)
      ? { reference: `${named.type}/${named.id}`, method, resource: null }
      : notificationFault('entry-unreadable', at, 'The entry names no resource as Type/id.');
  }
  const { resource } = entry;
  if (!isObject(resource) || !textOf(resource.resourceType) || typeof resource.id !== 'string' || !isId(resource.id)) {
    return notificationFault('entry-unreadable', `${at}.resource`, 'The resource has no resourceType or no usable id.');
  }
  return { reference: `${resource.resourceType}/${resource.id}`, method, resource: resource as FhirResource };
}

function isForeign(url: string | null, bases: readonly string[]): boolean {
  const target = url ? readReference(url) : null;
  return target?.kind === 'absolute' && !bases.some((base) => isUnder(target.base, base));
}

function foreign(expression: string): NotificationFault {
  return notificationFault('focus-foreign', expression, "The resource is one of another server than this hospital's.");
}
