import { keyedHash } from './keyed-hash.ts';

function normalised(text: string): string {
  // NFKC first: it turns an ideographic space, which hospital systems pad with, into one that trim removes.
  return text.normalize('NFKC').trim();
}

/**
 * What stands in the store for an identifier (a record number, a national id): 26 characters of [a-z2-7]. Full-width
 * and half-width forms and outer spaces are the same identifier; upper and lower case are not.
 * @param key identifier-hash key of the site and study (32 bytes)
 */
export function identifierAlias(key: Buffer, system: string, value: string): string {
  return keyedHash(key, 'identifier', normalised(system), normalised(value));
}

/** What stands in the store for the id of a resource that was read and not kept: 26 characters of [a-z2-7]. */
export function idHash(key: Buffer, type: string, id: string): string {
  return keyedHash(key, 'resource', type, id);
}
