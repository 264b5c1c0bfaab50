/** Prime of 32-bit FNV-1a, and what it begins with. */
const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;

function finished(hash: number): number {
  // FNV leaves the high bits of short texts poor.
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  // Nothing is hashed to 0: a free place of a table is 0.
  return (mixed ^ (mixed >>> 13)) >>> 0 || 1;
}

/** A hash of bytes, 32 bits, the same in every thread. @param seed the hash of what stands before */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, PRIME);
  return finished(hash);
}

/** The same of a text in ASCII, as ids are. */
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
