import { QUOTE } from './bytes.ts';

/** Prime of 32-bit FNV-1a, and what it begins with. */
const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;

function finished(hash: number): number {
  // FNV leaves the high bits of short texts poor.
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  // Nothing is hashed to 0: a free place of a table is 0.
  return (mixed ^ (mixed >>> 13)) >>> 0 || 1;
}

/** What an id is made of (R4: `[A-Za-z0-9\-\.]{1,64}`). */
const IN_ID = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.')
  IN_ID[letter.charCodeAt(0)] = 1;
const LONGEST_ID = 64;

/** An id among bytes and its hash (32 bits, the same in every thread), by one walk. */
export class HashedId {
  /** Where it ends, at its quote; -1 when it is none. */
  end = -1;
  hash = 0;

  /** @param seed the hash of what stands before @returns whether what begins here is an id */
  read(bytes: Uint8Array, from: number, seed: number): boolean {
    let hash = seed;
    let at = from;
    let byte = bytes[at]!;
    for (; IN_ID[byte] === 1; byte = bytes[++at]!) hash = Math.imul(hash ^ byte, PRIME);
    const isId = byte === QUOTE && at > from && at - from <= LONGEST_ID;
    this.end = isId ? at : -1;
    this.hash = isId ? finished(hash) : 0;
    return isId;
  }
}

/** The same hash of a text in ASCII, as ids are. */
export function hashOf(text: string, seed = BASIS): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return finished(hash);
}

/** The person of a Patient id at a site. Two who share a hash are read more often than they need be; nothing is lost. */
export function personHash(site: string, patient: string): number {
  return hashOf(patient, hashOf(site));
}

/** A resource by type and id, whatever its hospital. */
export function resourceHash(type: string, id: string): number {
  return hashOf(id, hashOf(type));
}
