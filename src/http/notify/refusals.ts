import type { NotificationFault } from '../../intake/notification-fault.ts';
import type { HttpRefusal } from '../respond.ts';

/** What a delivery is refused with before it is read. */
export const NOTIFY_REFUSALS = {
  site: {
    status: 404,
    code: 'site-unknown',
    issue: 'not-found',
    message: 'There is no such site. Check the endpoint of the Subscription.',
  },
  client: {
    status: 401,
    code: 'client-missing',
    issue: 'login',
    message: 'Send an access token of this site, or sign the delivery.',
  },
  otherSite: {
    status: 403,
    code: 'client-other-site',
    issue: 'forbidden',
    message: 'The client belongs to another site. Use the endpoint of its own.',
  },
  unsigned: {
    status: 401,
    code: 'signature-missing',
    issue: 'security',
    message: 'A secret is agreed with this site, so every delivery must be signed: HMAC-SHA-256 of the body.',
  },
  signature: {
    status: 401,
    code: 'signature-invalid',
    issue: 'security',
    message: 'The signature is not that of this body under the agreed secret. Compare the secrets.',
  },
  method: {
    status: 405,
    code: 'method-unsupported',
    issue: 'not-supported',
    message: 'Deliver with POST to the endpoint, or with PUT or DELETE to {endpoint}/{type}/{id}.',
  },
  mediaType: {
    status: 415,
    code: 'media-type',
    issue: 'not-supported',
    message: 'Deliver application/fhir+json, not packed; set the payload of the Subscription to it.',
  },
  tooLong: {
    status: 413,
    code: 'body-too-long',
    issue: 'too-long',
    message: 'The delivery is longer than the limit. Let the Subscription deliver ids only.',
  },
  unfinished: {
    status: 400,
    code: 'body-unfinished',
    issue: 'incomplete',
    message: 'The body did not arrive whole. Deliver it again.',
  },
  noConnection: {
    status: 422,
    code: 'no-connection',
    issue: 'not-supported',
    message:
      'What is only hinted at would have to be read from the hospital, and site.yaml has no connection. Add it, or sign deliveries of whole resources.',
  },
} as const satisfies Record<string, HttpRefusal>;

/** A body that is no notification. */
export function faultRefusal({ code, expression, message }: NotificationFault): HttpRefusal {
  const issue = code === 'not-a-notification' ? 'structure' : code === 'status-missing' ? 'required' : 'invalid';
  return { status: 422, code, issue, message, expression };
}
