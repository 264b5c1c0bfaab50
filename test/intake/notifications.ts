export const BASE = 'https://ya.example.cn/fhir';
export const SUBSCRIPTION = `${BASE}/Subscription/admission`;

export interface Told {
  type?: string;
  status?: string;
  total?: string | null;
  events?: { number: unknown; focus?: string; context?: string[]; at?: string }[];
  entries?: object[];
  timestamp?: string;
  subscription?: string;
}

/** A notification Bundle in the shape of the examples of the Subscriptions R5 Backport 1.1 for R4. */
export function notificationBundle({
  type = 'event-notification',
  status = 'active',
  total = '2',
  events = [],
  entries = [],
  timestamp = '2025-06-01T11:44:13.188-05:00',
  subscription = SUBSCRIPTION,
}: Told = {}) {
  return {
    resourceType: 'Bundle',
    id: 'r4-notification',
    meta: {
      profile: [
        'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification-r4',
      ],
    },
    type: 'history',
    timestamp,
    entry: [
      {
        fullUrl: 'urn:uuid:292d3c72-edc1-4d8a-afaa-d85e19c7f563',
        resource: {
          resourceType: 'Parameters',
          id: '292d3c72-edc1-4d8a-afaa-d85e19c7f563',
          parameter: [
            { name: 'subscription', valueReference: { reference: subscription } },
            { name: 'topic', valueCanonical: 'http://hl7.org/SubscriptionTopic/admission' },
            { name: 'status', valueCode: status },
            { name: 'type', valueCode: type },
            ...(total === null ? [] : [{ name: 'events-since-subscription-start', valueString: total }]),
            ...events.map(({ number, focus, context = [], at }) => ({
              name: 'notification-event',
              part: [
                { name: 'event-number', valueString: number },
                ...(at ? [{ name: 'timestamp', valueInstant: at }] : []),
                ...(focus ? [{ name: 'focus', valueReference: { reference: focus } }] : []),
                ...context.map((reference) => ({ name: 'additional-context', valueReference: { reference } })),
              ],
            })),
          ],
        },
        request: { method: 'GET', url: `${SUBSCRIPTION}/$status` },
        response: { status: '200' },
      },
      ...entries,
    ],
  };
}
