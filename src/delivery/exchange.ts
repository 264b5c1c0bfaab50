import { readJsonBody } from '../fhir/json-body.ts';
import { type Fetch, retryAfterOf } from '../pull/answer.ts';
import type { TokenSource } from '../pull/token.ts';
import { type DeliveryRefusal, deliveryRefusal, isDeliveryRefusal, refusalOf } from './refusal.ts';
import type { Target } from './target.ts';

export interface ExchangeParts {
  fetch: Fetch;
  clock: () => number;
  /** Null when the target asks for no token. */
  tokens: TokenSource | null;
}

/** Longest answer taken in, in bytes after unpacking. */
const MAX_ANSWER = 32 * 1024 * 1024;

/**
 * One request to a target, with its token: a 2xx answer of JSON (an empty body is null), or the refusal. Time and size
 * count for headers and body together; redirects are not followed. Never throws on what the other side does.
 */
export function createExchange(
  { base, timeoutMilliseconds }: Pick<Target, 'base' | 'timeoutMilliseconds'>,
  { fetch, clock, tokens }: ExchangeParts,
): (url: string, init: RequestInit) => Promise<{ json: unknown } | DeliveryRefusal> {
  async function once(url: string, init: RequestInit): Promise<{ json: unknown } | DeliveryRefusal> {
    if (url !== base && !url.startsWith(`${base}/`)) throw new Error('A request to another place than the target.');
    const token = tokens ? await tokens.token() : null;
    if (token !== null && typeof token !== 'string')
      return deliveryRefusal(token.lasts === 'permanent' ? 'token-refused' : 'token-unavailable', token.retryAfter);
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    try {
      const response = await fetch(url, { ...init, headers, redirect: 'manual', signal });
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of response.body ?? []) {
        length += part.length;
        // Leaving the loop cancels the rest of the body.
        if (length > MAX_ANSWER) return deliveryRefusal('answer-too-long');
        parts.push(part);
      }
      const { ok, status } = response;
      if (!ok) return refusalOf(status, true, retryAfterOf(response.headers.get('retry-after'), clock()));
      const read = length === 0 ? { ok: true as const, value: null } : readJsonBody(Buffer.concat(parts));
      return read.ok ? { json: read.value } : deliveryRefusal('answer-not-fhir');
    } catch (error) {
      return deliveryRefusal(neverSent(error) ? 'unreachable' : signal.aborted ? 'timed-out' : 'cut-off');
    }
  }

  return async (url, init) => {
    const answer = await once(url, init);
    // A token may have been revoked before its time: one more try with a new one.
    if (!tokens || !isDeliveryRefusal(answer) || answer.code !== 'answer-401') return answer;
    tokens.drop();
    return once(url, init);
  };
}

const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** No connection came about: nothing of the request can have arrived. */
function neverSent(error: unknown): boolean {
  // Not by instanceof: an error may come from another realm.
  const { cause } = error as { cause?: { code?: unknown } | null };
  return NEVER_SENT.test(String(cause?.code ?? ''));
}
