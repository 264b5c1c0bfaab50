import type { JSONWebKeySet } from 'jose';
import { readKeySet } from './key-set.ts';
import { type AuthRefusal, authRefusal, isAuthRefusal } from './refusal.ts';

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MILLISECONDS = 5_000;

export interface FetchedKeys {
  set: JSONWebKeySet;
  /** `max-age` of the answer in seconds, 0 where it forbids keeping; null where it says nothing. */
  maxAge: number | null;
}

/**
 * Fetches a key set: no redirects, at most 64 KiB (unpacked), at most five seconds in all.
 * @param url one that `checkKeyUrl` let pass
 */
export async function fetchKeys(url: string, milliseconds = TIMEOUT_MILLISECONDS): Promise<FetchedKeys | AuthRefusal> {
  const answer = await answerOf(url, milliseconds).catch(() => authRefusal('jwks-unavailable'));
  if (isAuthRefusal(answer)) return answer;
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch {
    return authRefusal('jwks-malformed');
  }
  const set = await readKeySet(value);
  return isAuthRefusal(set) ? set : { set, maxAge: answer.maxAge };
}

/** Rejects when the network or the time limit ends it. */
async function answerOf(
  url: string,
  milliseconds: number,
): Promise<{ text: string; maxAge: number | null } | AuthRefusal> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(milliseconds),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  const refused =
    response.status === 200
      ? null
      : authRefusal(response.status >= 300 && response.status < 400 ? 'jwks-redirect' : 'jwks-unavailable');
  if (refused || response.body === null) {
    await response.body?.cancel();
    return refused ?? authRefusal('jwks-malformed');
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) return authRefusal('jwks-too-large');
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), maxAge: maxAgeOf(response.headers.get('cache-control')) };
}

function maxAgeOf(header: string | null): number | null {
  if (header === null) return null;
  if (/(^|[\s,])no-(store|cache)\b/i.test(header)) return 0;
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/i.exec(header)?.[1];
  return seconds === undefined ? null : Number(seconds);
}
