import type { r4 } from '../fhir/resource.ts';
import type { NoticeRow } from '../store/feed-rows.ts';

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

/** What a notification tells of its subscription. */
export interface Notified {
  id: string;
  status: 'requested' | 'active';
  /** Number of the last event before this notification. */
  eventsBefore: number;
}

/**
 * Notification Bundle of the Subscriptions R5 Backport for R4, id-only: the status first, then one entry for each event.
 * Without events it is a handshake. It names pseudonymous ids and Tasks, nothing else.
 * @param base URL of the site's FHIR base, without a closing slash
 * @param at instant of the notification (ISO 8601, UTC)
 */
export function notificationBundle(
  { id, status, eventsBefore }: Notified,
  notices: readonly NoticeRow[],
  base: string,
  at: string,
): r4.Bundle {
  const subscription = `${base}/Subscription/${id}`;
  const parameter: r4.ParametersParameter[] = [
    { name: 'subscription', valueReference: { reference: subscription } },
    { name: 'status', valueCode: status },
    { name: 'type', valueCode: notices.length === 0 ? 'handshake' : 'event-notification' },
    { name: 'events-since-subscription-start', valueString: String(eventsBefore + notices.length) },
    ...notices.map((notice, index) => ({
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: String(eventsBefore + index + 1) },
        { name: 'timestamp', valueInstant: notice.at },
        { name: 'focus', valueReference: { reference: `${base}/${notice.type}/${notice.id}` } },
      ],
    })),
  ];
  const told: r4.Parameters = {
    resourceType: 'Parameters',
    meta: { profile: [`${BACKPORT}/backport-subscription-status-r4`] },
    parameter,
  };
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${BACKPORT}/backport-subscription-notification-r4`] },
    type: 'history',
    timestamp: at,
    entry: [
      {
        resource: told,
        request: { method: 'GET', url: subscription },
        response: { status: '200' },
      },
      ...entriesOf(notices, base),
    ],
  };
}

/** One entry for each resource, as its last event left it. */
function entriesOf(notices: readonly NoticeRow[], base: string): r4.BundleEntry[] {
  const last = new Map(notices.map((notice) => [`${notice.type}/${notice.id}`, notice]));
  return [...last].map(([url, { kind, version, at }]) => {
    const [method, status] =
      kind === 'gone'
        ? (['DELETE', '204'] as const)
        : version === 1
          ? (['POST', '201'] as const)
          : (['PUT', '200'] as const);
    return {
      fullUrl: `${base}/${url}`,
      request: { method, url: method === 'POST' ? url.split('/')[0]! : url },
      response: { status, etag: `W/"${version}"`, lastModified: at },
    };
  });
}
