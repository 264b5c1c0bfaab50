import { readJsonBody } from '../fhir/json-body.ts';
import { type PullRefusal, pullRefusal } from './refusal.ts';

/** An answer as it came, within the limit. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined when the body is none. */
  body: unknown;
}

export interface AnswerLimits {
  timeoutMilliseconds: number;
  maxAnswerBytes: number;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Asks once. Time and size count for headers and body together; redirects are not followed.
 * Never throws on what the other side does.
 */
export async function ask(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  { timeoutMilliseconds, maxAnswerBytes }: AnswerLimits,
): Promise<Answer | PullRefusal> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    const { status, headers } = response;
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      // Leaving the loop cancels the rest of the body.
      if (length > maxAnswerBytes) return pullRefusal('answer-too-long');
      parts.push(part);
    }
    const json = readJsonBody(Buffer.concat(parts));
    return { status, headers, body: json.ok ? json.value : undefined };
  } catch {
    return pullRefusal(signal.aborted ? 'timed-out' : 'unreachable');
  }
}

/**
 * What a status that is no success means; null for 2xx, and for 404 and 410, which mean something else to each caller.
 * @param now milliseconds, for a Retry-After that is a date (RFC 9110, section 10.2.3)
 */
export function refusedBy({ status, headers }: Answer, now: number): PullRefusal | null {
  if ((status >= 200 && status < 300) || status === 404 || status === 410) return null;
  if (status >= 300 && status < 400) return pullRefusal('redirected');
  const retryAfter = retryAfterOf(headers.get('retry-after'), now);
  if (status === 429) return pullRefusal('answer-429', retryAfter);
  // 408 and 425 ask for nothing but another try.
  if (status >= 500 || status === 408 || status === 425) return pullRefusal('answer-5xx', retryAfter);
  if (status === 401) return pullRefusal('answer-401');
  if (status === 403) return pullRefusal('answer-403');
  return pullRefusal('answer-4xx');
}

const DAY = 86_400_000;

/**
 * Milliseconds of a Retry-After, at most a day; null when there is none (RFC 9110, section 10.2.3).
 * @param now milliseconds, for one that is a date
 */
export function retryAfterOf(text: string | null, now: number): number | null {
  if (text === null) return null;
  const wait = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), DAY) : null;
}
