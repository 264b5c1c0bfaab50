/**
 * Why a target did not take what was sent. The codes are stable. Transient: nothing was done, and it goes by itself.
 * Ambiguous: it may have been done; it is sent again, which changes nothing since every entry is conditional.
 * Permanent: it stays until somebody does something. Of the `target`: a matter of the whole server, no resource's fault.
 */
export const DELIVERY_REFUSALS = {
  unreachable: ['transient', 'target', 'The server cannot be reached. Check address, network and certificate.'],
  'cut-off': ['ambiguous', 'target', 'The connection broke before the answer was whole.'],
  'timed-out': ['ambiguous', 'target', 'The server did not answer in time. If this goes on, raise timeoutSeconds.'],
  'answer-429': ['transient', 'target', 'The server asks for fewer requests. If this goes on, lower parallel.'],
  'answer-5xx': ['transient', 'target', 'The server failed.'],
  'answer-not-fhir': ['ambiguous', 'target', 'The answer is not what FHIR says. Check base.'],
  'answer-too-long': ['ambiguous', 'target', 'The answer is too long. Lower entries.'],
  'answer-401': [
    'permanent',
    'target',
    'The server does not accept our token. Check how our client is registered there.',
  ],
  'token-refused': ['permanent', 'target', 'The token endpoint refuses our client. Check clientId, scope and key.'],
  'token-unavailable': ['transient', 'target', 'The token endpoint gives no answer.'],
  'no-endpoint': ['permanent', 'target', 'There is no FHIR endpoint that takes transactions. Check base.'],
  redirected: ['permanent', 'target', 'The server redirects, which is not followed. Correct base.'],
  conflict: ['transient', 'request', 'The server sees a conflict (409, 412).'],
  'answer-403': [
    'permanent',
    'request',
    'The server does not let us write this. Check the scopes of our client there.',
  ],
  refused: ['permanent', 'request', 'The server does not accept this resource. See its own log; then retry.'],
} as const;

export type DeliveryCode = keyof typeof DELIVERY_REFUSALS;

export interface DeliveryRefusal {
  kind: 'delivery-refused';
  code: DeliveryCode;
  lasts: 'transient' | 'ambiguous' | 'permanent';
  scope: 'target' | 'request';
  /** Says what to do; names no resource. */
  message: string;
  /** Milliseconds for which the server asks to be left alone; null when it does not say. */
  retryAfter: number | null;
}

export function deliveryRefusal(code: DeliveryCode, retryAfter: number | null = null): DeliveryRefusal {
  const [lasts, scope, message] = DELIVERY_REFUSALS[code];
  return { kind: 'delivery-refused', code, lasts, scope, message, retryAfter };
}

export function isDeliveryRefusal(value: object): value is DeliveryRefusal {
  return 'kind' in value && value.kind === 'delivery-refused';
}

/**
 * What a status that is no success means (FHIR R4, "RESTful API"; RFC 9110).
 * @param whole of a whole request; false of one entry of a Bundle
 */
export function refusalOf(status: number, whole: boolean, retryAfter: number | null = null): DeliveryRefusal {
  if (status >= 500 || status === 408 || status === 425) return deliveryRefusal('answer-5xx', retryAfter);
  if (status === 429) return deliveryRefusal('answer-429', retryAfter);
  if (status === 401) return deliveryRefusal('answer-401');
  if (status === 403) return deliveryRefusal('answer-403');
  if (status === 409 || status === 412) return deliveryRefusal('conflict', retryAfter);
  if (status >= 400 && !(whole && (status === 404 || status === 405 || status === 410)))
    return deliveryRefusal('refused');
  if (status >= 400) return deliveryRefusal('no-endpoint');
  return deliveryRefusal(status >= 300 ? 'redirected' : 'answer-not-fhir');
}
