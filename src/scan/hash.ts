import { QUOTE } from './bytes.ts';

/** Prime of 32-bit FNV-1a, and what it begins with. */
const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;
/** A second walk that goes apart from the first: another odd factor, another beginning. */
const OTHER_FACTOR = 0x9e3779b1;
const OTHER_BASIS = 0x6a09e667;

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

/** What the hashes of the Patients of one site begin with. */
export interface PersonSeed {
  low: number;
  high: number;
}

/** @param site id of the site */
export function personSeed(site: string): PersonSeed {
  return { low: hashOf(site), high: walked(site, OTHER_BASIS, OTHER_FACTOR) };
}

/** The hash of the Patient whose id begins here among bytes, as `personHash`; -1 when it is no id. */
export function personAt(bytes: Uint8Array, from: number, { low, high }: PersonSeed): number {
  let at = from;
  for (let byte = bytes[at]!; IN_ID[byte] === 1; byte = bytes[++at]!) {
    low = Math.imul(low ^ byte, PRIME);
    high = Math.imul(high ^ byte, OTHER_FACTOR);
  }
  return bytes[at] === QUOTE && at > from && at - from <= LONGEST_ID ? wide(low, high) : -1;
}

/** 53 bits, all that a number holds of an integer: 32 of one walk, above them 21 of the other. */
function wide(low: number, high: number): number {
  return (finished(high) >>> 11) * 2 ** 32 + finished(low);
}

/** The hash of a text in ASCII, as ids are; 32 bits. */
export function hashOf(text: string, seed = BASIS): number {
  return finished(walked(text, seed, PRIME));
}

function walked(text: string, seed: number, factor: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
  return hash;
}

/**
 * The person of a Patient id at a site, 53 bits: whether there is a Patient decides what may be passed over, so two ids
 * must not share a hash (chance: one in 10^12 where 10,000 Patients are known).
 */
export function personHash(site: string, patient: string): number {
  return personHashFrom(personSeed(site), patient);
}

/** The same, where the site's seed is at hand. */
export function personHashFrom({ low, high }: PersonSeed, patient: string): number {
  return wide(walked(patient, low, PRIME), walked(patient, high, OTHER_FACTOR));
}

/** A resource by type and id, whatever its hospital; 32 bits. Two that share one are read more often than need be. */
export function resourceHash(type: string, id: string): number {
  return hashOf(id, hashOf(type));
}
