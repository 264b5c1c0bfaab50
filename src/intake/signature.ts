import { createHmac, timingSafeEqual } from 'node:crypto';

/** Headers in which servers sign: WebSub and GitHub (`sha256=` before the digits), Medplum (the digits alone). */
export const SIGNATURE_HEADERS = ['x-hub-signature-256', 'x-signature'] as const;

/** Whether a delivery is signed with one of the site's secrets. */
export type Signed = 'valid' | 'invalid' | 'missing';

const DIGITS = /^(?:sha256=)?([0-9a-f]{64})$/i;

/**
 * Checks the HMAC-SHA-256 of a body (W3C WebSub, "Signature Validation"; Medplum, "Subscription extensions").
 * @param body the bytes as they came
 * @param header names in lower case; the first that is there counts
 * @param secrets any of them may have signed, so that a secret can be changed
 */
export function checkSignature(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  header: readonly string[],
  secrets: readonly Buffer[],
): Signed {
  const given = header.map((name) => headers[name]).find((value) => value !== undefined);
  if (given === undefined) return 'missing';
  const digits = typeof given === 'string' ? DIGITS.exec(given.trim())?.[1] : undefined;
  if (digits === undefined) return 'invalid';
  const signature = Buffer.from(digits, 'hex');
  // Every secret is tried, so that the time says nothing of which one it was.
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature),
  );
  return matches.includes(true) ? 'valid' : 'invalid';
}
