import { isUnder, readReference } from '../fhir/reference.ts';
import { isObject, textOf } from './json.ts';
import { type NotificationFault, notificationFault } from './notification-fault.ts';

/** What every notification Bundle says of its subscription. */
export interface BackportStatus {
  /** `Subscription/<id>`. */
  subscription: string;
  /** R4 subscription-status. */
  status: string;
  /** Events since the subscription was made, this notification included; null when it is not said. */
  eventsSinceSubscriptionStart: number | null;
  /** Bundle.timestamp as sent. */
  sentAt: string | null;
}

/** One notification-event. */
export interface NotifiedEvent {
  number: number;
  /** Instant on the server's clock, as sent. */
  at: string | null;
  /** `Type/id`; null when the event does not say, or it is no FHIR resource. */
  focus: string | null;
  /** `Type/id` of additional context. */
  context: string[];
}

type Status = Omit<BackportStatus, 'sentAt'> & {
  type: 'handshake' | 'heartbeat' | 'event-notification' | 'query-status';
  events: NotifiedEvent[];
};

interface Parameter {
  name: string;
  at: string;
  content: Record<string, unknown>;
}

const TYPES = ['handshake', 'heartbeat', 'event-notification', 'query-status'] as const;
const STATUSES = ['requested', 'active', 'error', 'off'];

/**
 * Reads the Parameters of the profile backport-subscription-status-r4 (Subscriptions R5 Backport 1.1, "R4 Backported R5
 * SubscriptionStatus"). Numbers are strings there, since R4 has no integer64; numbers are taken too.
 * @param at FHIRPath to the resource
 */
export function readBackportStatus(
  resource: unknown,
  at: string,
  bases: readonly string[],
): Status | NotificationFault {
  if (!isObject(resource) || resource.resourceType !== 'Parameters') {
    const message =
      'The first entry must hold a Parameters of the profile backport-subscription-status-r4 (backport 1.1).';
    return notificationFault('status-missing', at, message);
  }
  const parameters = parametersOf(resource.parameter, `${at}.parameter`);
  const unreadable = (where: string, message: string) => notificationFault('status-unreadable', where, message);
  const only = (name: string) => parameters.find((each) => each.name === name);

  const type = only('type')?.content.valueCode;
  if (!isOneOf(TYPES, type)) {
    return unreadable(only('type')?.at ?? `${at}.parameter`, `type must be a valueCode: one of ${TYPES.join(', ')}.`);
  }
  const subscription = only('subscription');
  const target = readReference(referenceIn(subscription) ?? '');
  if ((target.kind !== 'relative' && target.kind !== 'absolute') || target.type !== 'Subscription') {
    return unreadable(
      subscription?.at ?? `${at}.parameter`,
      'subscription must be a valueReference to a Subscription.',
    );
  }
  if (target.kind === 'absolute' && !bases.some((base) => isUnder(target.base, base))) {
    return notificationFault('focus-foreign', subscription!.at, 'The subscription is one of another server.');
  }
  const status = only('status')?.content.valueCode;
  if (typeof status !== 'string' || !STATUSES.includes(status)) {
    return unreadable(only('status')?.at ?? `${at}.parameter`, `status must be a valueCode: ${STATUSES.join(', ')}.`);
  }
  const since = only('events-since-subscription-start');
  const eventsSinceSubscriptionStart = since ? numberIn(since) : null;
  if (since && eventsSinceSubscriptionStart === null) return unreadable(since.at, 'The value must be a whole number.');

  const events: NotifiedEvent[] = [];
  for (const parameter of parameters.filter(({ name }) => name === 'notification-event')) {
    const event = eventOf(parameter, bases);
    if ('code' in event) return event;
    events.push(event);
  }
  return { type, subscription: `Subscription/${target.id}`, status, eventsSinceSubscriptionStart, events };
}

function eventOf({ content, at }: Parameter, bases: readonly string[]): NotifiedEvent | NotificationFault {
  const parts = parametersOf(content.part, `${at}.part`);
  const numbered = parts.find(({ name }) => name === 'event-number');
  const number = numbered ? numberIn(numbered) : null;
  if (number === null) {
    const message = 'An event needs its event-number, a whole number as valueString.';
    return notificationFault('status-unreadable', numbered?.at ?? at, message);
  }
  const event: NotifiedEvent = { number, at: null, focus: null, context: [] };
  for (const part of parts) {
    if (part.name === 'timestamp') event.at = textOf(part.content.valueInstant);
    if (part.name !== 'focus' && part.name !== 'additional-context') continue;
    const target = readReference(referenceIn(part) ?? '');
    if (target.kind === 'absolute' && !bases.some((base) => isUnder(target.base, base))) {
      return notificationFault('focus-foreign', part.at, "The resource is one of another server than this hospital's.");
    }
    // The backport lets a focus be something that is no FHIR resource: the event then says only that there was one.
    if (target.kind !== 'relative' && target.kind !== 'absolute') continue;
    const reference = `${target.type}/${target.id}`;
    if (part.name === 'focus') event.focus = reference;
    else event.context.push(reference);
  }
  return event;
}

function parametersOf(given: unknown, at: string): Parameter[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each: unknown, index) => {
    const name = isObject(each) ? textOf(each.name) : null;
    return name === null ? [] : [{ name, at: `${at}[${index}]`, content: each as Record<string, unknown> }];
  });
}

function referenceIn(parameter: Parameter | undefined): string | null {
  const value = parameter?.content.valueReference;
  return isObject(value) ? textOf(value.reference) : null;
}

function numberIn({ content }: Parameter): number | null {
  const value = content.valueString ?? content.valueUnsignedInt ?? content.valuePositiveInt ?? content.valueInteger;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function isOneOf<T extends string>(all: readonly T[], value: unknown): value is T {
  return all.some((one) => one === value);
}
