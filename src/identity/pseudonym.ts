import { keyedHash } from './keyed-hash.ts';

export type PseudonymKind = 'patient' | 'subject';

/**
 * The pseudonym of a person: 26 characters of [a-z2-7] (130 bits), usable as a FHIR id. It is a function of key,
 * kind and id alone; without the key nobody can tell which subject and which patient belong together.
 * @param key pseudonym key of the site and study (32 bytes)
 * @param hospitalId Patient id at the hospital
 */
export function pseudonymFor(key: Buffer, kind: PseudonymKind, hospitalId: string): string {
  return keyedHash(key, `pseudonym:${kind}`, hospitalId);
}
