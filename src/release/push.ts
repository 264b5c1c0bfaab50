import { createHash } from 'node:crypto';

export interface PushParts {
  endpoint: string;
  /** Sent as `Authorization: Bearer`; null for none. */
  bearer: string | null;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Waits before another attempt. */
  wait: (attempts: number, retryAfterMilliseconds: number | null) => Promise<void>;
  /** How often a file is tried. */
  attempts: number;
  timeoutMilliseconds: number;
}

/** Why a release did not arrive; stable codes. */
export const PUSH_REFUSALS = {
  unreachable: 'The registry could not be reached. Try again: what it has already is told by its name and digest.',
  'answer-5xx': 'The registry answers with an error of its own. Try again later.',
  'answer-4xx': 'The registry does not take the file. Ask its people why, then try again.',
  redirected: 'The registry sends us elsewhere; nothing was sent there. Correct the endpoint of the agreement.',
} as const;
export type PushRefusal = { file: string; code: keyof typeof PUSH_REFUSALS; status: number | null };

/**
 * Posts files in the order given, each to `<endpoint>/<release>/<name>` with its `Content-Digest` (RFC 9530) and an
 * `Idempotency-Key`, so that a repeated one can be known; what may pass is tried again, what is refused is not.
 * @returns the first file that was not taken; null when all were
 */
export async function pushFiles(
  release: string,
  files: readonly { name: string; type: string; bytes: Buffer }[],
  parts: PushParts,
): Promise<PushRefusal | null> {
  for (const { name, type, bytes } of files) {
    const digest = createHash('sha256').update(bytes).digest('base64');
    const init = {
      method: 'POST',
      redirect: 'manual' as const,
      body: new Uint8Array(bytes),
      headers: {
        'content-type': type,
        'content-digest': `sha-256=:${digest}:`,
        'idempotency-key': `"${release}/${name}"`,
        ...(parts.bearer === null ? {} : { authorization: `Bearer ${parts.bearer}` }),
      },
    };
    const refusal = await pushed(`${parts.endpoint}/${release}/${name}`, init, parts);
    if (refusal) return { file: name, ...refusal };
  }
  return null;
}

async function pushed(
  url: string,
  init: RequestInit,
  { fetch, wait, attempts, timeoutMilliseconds }: PushParts,
): Promise<Omit<PushRefusal, 'file'> | null> {
  let refusal: Omit<PushRefusal, 'file'> = { code: 'unreachable', status: null };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    let retryAfter: number | null = null;
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMilliseconds) });
      const { status, headers } = response;
      await response.body?.cancel();
      if (status >= 200 && status < 300) return null;
      if (status >= 300 && status < 400) return { code: 'redirected', status };
      refusal = { code: status >= 500 ? 'answer-5xx' : 'answer-4xx', status };
      if (status < 500 && ![408, 425, 429].includes(status)) return refusal;
      const seconds = headers.get('retry-after');
      if (seconds !== null && /^\d{1,4}$/.test(seconds)) retryAfter = Number(seconds) * 1000;
    } catch {
      refusal = { code: 'unreachable', status: null };
    }
    if (attempt < attempts) await wait(attempt, retryAfter);
  }
  return refusal;
}
