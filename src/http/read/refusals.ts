import type { SubscribeRefusal } from '../../pipeline/subscribe.ts';
import type { HttpRefusal } from '../respond.ts';

const told = (status: HttpRefusal['status'], code: string, issue: HttpRefusal['issue'], message: string) =>
  ({ status, code, issue, message }) satisfies HttpRefusal;

export const UNKNOWN = told(404, 'not-known', 'not-found', 'There is no such resource at this base.');
export const GONE = told(
  410,
  'gone',
  'deleted',
  'The resource was deleted; what came in its place is found by a search.',
);
export const TOO_MANY_STREAMS = told(
  429,
  'too-many-streams',
  'throttled',
  'The client has as many event streams open as it may. Close one first.',
);
export const LAST_EVENT_ID = told(
  400,
  'last-event-id',
  'value',
  'Last-Event-ID must be the id of an event. Leave it out to begin now.',
);

/** What a Subscription is refused with, beside faults of its content. */
export const SUBSCRIBE: Readonly<Record<SubscribeRefusal, HttpRefusal>> = {
  'too-many': told(422, 'subscription-many', 'too-costly', 'The site has as many Subscriptions as it may. Delete one.'),
  unknown: told(405, 'subscription-id', 'not-supported', 'There is no such Subscription. POST gives a new one its id.'),
  gone: GONE,
  stale: told(412, 'version-stale', 'conflict', 'There is a newer version than the one in If-Match. Read it first.'),
};
