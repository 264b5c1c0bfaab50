import type { FhirResource, r4 } from '../fhir/resource.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import { type EndpointRules, endpointFault } from './subscription-endpoint.ts';

/** Extension of a Subscription that holds the key of its signatures; only ever sent by us when we have made the key. */
export const SECRET_EXTENSION = `${EXTENSION_BASE}subscription-secret`;

/** What a client asks for with a Subscription. */
export interface SubscriptionRequest {
  off: boolean;
  reason: string;
  type: 'ResearchSubject' | 'Task';
  statuses: readonly string[] | null;
  endpoint: string;
  payload: boolean;
  /** Key of the signatures; null when the client gave none. */
  secret: string | null;
}

/** Why a Subscription is not taken; codes are stable. */
export interface SubscriptionFault {
  code: `subscription-${string}`;
  expression: string;
  message: string;
}

const KNOWN = ['resourceType', 'id', 'meta', 'extension', 'status', 'reason', 'criteria', 'channel', 'error'];
const KNOWN_OF_CHANNEL = ['type', 'endpoint', 'payload'];
const CRITERIA = /^(ResearchSubject|Task)(?:\?(?:status=([a-z-]+(?:,[a-z-]+)*))?)?$/;
const SECRET = /^[\x21-\x7e]{32,128}$/;
const MOST_REASON = 200;

/**
 * Reads an R4 Subscription (shape checked before): rest-hook alone, on the criteria `ResearchSubject?` or `Task?`, with
 * statuses or without. What is not offered is refused rather than left out.
 */
export function readSubscription(
  resource: FhirResource,
  rules: EndpointRules,
): { ok: true; value: SubscriptionRequest } | { ok: false; fault: SubscriptionFault } {
  const { status, reason, criteria, channel, extension } = resource as unknown as r4.Subscription;
  const refused = (code: string, at: string, message: string) => ({
    ok: false as const,
    fault: { code: `subscription-${code}` as const, expression: `Subscription.${at}`, message },
  });
  const beyond =
    Object.keys(resource).find((name) => !KNOWN.includes(name)) ??
    Object.keys(channel)
      .filter((name) => !KNOWN_OF_CHANNEL.includes(name))
      .map((name) => `channel.${name}`)[0];
  if (beyond !== undefined) return refused('element', beyond, 'This element is not offered here. Leave it out.');
  if (channel.type !== 'rest-hook') return refused('channel', 'channel.type', 'Only the channel rest-hook is offered.');
  const [, type, list] = CRITERIA.exec(criteria) ?? [];
  if (type === undefined) {
    const message = 'The criteria must be ResearchSubject? or Task?, with status=<codes> or without.';
    return refused('criteria', 'criteria', message);
  }
  if (channel.payload !== undefined && channel.payload !== 'application/fhir+json') {
    return refused('payload', 'channel.payload', 'The payload must be application/fhir+json or left out.');
  }
  if (reason.length > MOST_REASON) return refused('reason', 'reason', `Give a reason of ${MOST_REASON} characters.`);
  const fault = endpointFault(channel.endpoint ?? '', rules);
  if (fault) return refused(fault, 'channel.endpoint', ENDPOINT[fault]);
  const given = extension ?? [];
  const secret = given[0]?.valueString ?? null;
  if (given.length > 1 || given.some(({ url }) => url !== SECRET_EXTENSION)) {
    return refused('element', 'extension', 'The only extension is one with the key of the signatures.');
  }
  if (given.length > 0 && (secret === null || !SECRET.test(secret))) {
    const message = 'The key of the signatures is a valueString of 32 to 128 characters of ASCII, without spaces.';
    return refused('secret', 'extension[0]', message);
  }
  return {
    ok: true,
    value: {
      off: status === 'off',
      reason,
      type: type as SubscriptionRequest['type'],
      statuses: list === undefined ? null : list.split(','),
      endpoint: channel.endpoint!,
      payload: channel.payload !== undefined,
      secret,
    },
  };
}

const ENDPOINT = {
  'endpoint-url': 'The endpoint must be an https URL without user and fragment.',
  'endpoint-host':
    'The host of the endpoint is not on the list of this site. Ask the operator of the gateway to add it.',
} as const;
