import { createHmac } from 'node:crypto';
import { base32 } from './base32.ts';
import { keyObjectOf } from './key-object.ts';

/** 26 characters carry 130 bits. */
const CHARACTERS = 26;

/**
 * HMAC-SHA-256 under `key` over a domain and its parts, as 26 characters of [a-z2-7]. Each domain is a family of
 * its own: the same parts under another domain give an unrelated text. The parts are framed as a JSON array, so no
 * two lists of parts run together to the same input.
 */
export function keyedHash(key: Buffer, domain: string, ...parts: string[]): string {
  const mac = createHmac('sha256', keyObjectOf(key)).update(JSON.stringify([domain, ...parts]));
  return base32(mac.digest(), CHARACTERS);
}
