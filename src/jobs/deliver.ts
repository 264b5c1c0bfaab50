import { createHmac } from 'node:crypto';

/** Why a notice was not taken; codes are stable. */
export const DELIVERY_FAULTS = {
  'endpoint-url': 'The endpoint is no https URL.',
  'endpoint-host': 'The host of the endpoint is not on the list of the site any more.',
  'endpoint-timeout': 'The endpoint did not answer in time.',
  'endpoint-unreachable': 'The endpoint could not be reached.',
  'endpoint-redirect': 'The endpoint redirects; give the address it leads to.',
  'endpoint-status': 'The endpoint answered with another status than 2xx.',
} as const;

export type DeliveryFault = keyof typeof DELIVERY_FAULTS;

/** Header of the signature: `sha256=` and HMAC-SHA-256 of the body in hexadecimal digits. */
export const SIGNATURE_HEADER = 'X-Hub-Signature-256';

/**
 * POSTs a notice, signed; redirects are not followed, and what is answered is not read.
 * @param body null sends none: the call alone is the notice
 * @returns null once the endpoint has answered 2xx
 */
export async function deliver(
  endpoint: string,
  body: string | null,
  secret: Buffer,
  milliseconds: number,
): Promise<DeliveryFault | null> {
  const signature = createHmac('sha256', secret)
    .update(body ?? '')
    .digest('hex');
  try {
    const answer = await fetch(endpoint, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(milliseconds),
      headers: {
        [SIGNATURE_HEADER]: `sha256=${signature}`,
        ...(body === null ? {} : { 'Content-Type': 'application/fhir+json' }),
      },
      body,
    });
    await answer.body?.cancel();
    if (answer.ok) return null;
    return answer.status >= 300 && answer.status < 400 ? 'endpoint-redirect' : 'endpoint-status';
  } catch (error) {
    const { name, cause } = error as { name?: unknown; cause?: unknown };
    if (name === 'TimeoutError') return 'endpoint-timeout';
    // What the network says comes as a TypeError of fetch with a cause.
    if (name === 'TypeError' && cause !== undefined) return 'endpoint-unreachable';
    throw error;
  }
}
