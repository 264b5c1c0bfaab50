import { closeSync, openSync, readSync } from 'node:fs';

/** Bytes looked through at a time: the file is never held whole. */
const PIECE = 1024 * 1024;

/**
 * Cuts resources out of a file that holds a Bundle, as text.
 * @param fullUrls of the entries they stand in
 * @returns the JSON of each; null where there is no such entry
 * @throws Error when the file cannot be read, or ends amid a resource
 */
export function cutOut(path: string, fullUrls: readonly string[]): (string | null)[] {
  if (fullUrls.length === 0) return [];
  const fd = openSync(path, 'r');
  try {
    return placesOf(fd, fullUrls).map((at) => (at < 0 ? null : objectAt(fd, at)));
  } finally {
    closeSync(fd);
  }
}

/** Where each of the texts `"fullUrl" : "…"` begins; -1 where there is none. */
function placesOf(fd: number, fullUrls: readonly string[]): number[] {
  const needles = fullUrls.map((url) => Buffer.from(`"fullUrl" : "${url}"`));
  const longest = Math.max(...needles.map(({ length }) => length));
  const places = needles.map(() => -1);
  const piece = Buffer.allocUnsafe(PIECE + longest);
  for (let from = 0; places.includes(-1); from += PIECE) {
    const bytes = piece.subarray(0, readSync(fd, piece, 0, piece.length, from));
    for (const [at, needle] of needles.entries()) {
      const found = places[at] === -1 ? bytes.indexOf(needle) : -1;
      if (found >= 0) places[at] = from + found;
    }
    if (bytes.length < piece.length) break;
  }
  return places;
}

/** The value of `"resource"` after a place. */
function objectAt(fd: number, place: number): string {
  for (let size = PIECE; ; size *= 2) {
    const piece = Buffer.allocUnsafe(size);
    const bytes = piece.subarray(0, readSync(fd, piece, 0, size, place));
    const named = bytes.indexOf('"resource"');
    const start = named < 0 ? -1 : bytes.indexOf('{', named);
    const end = start < 0 ? -1 : endOfObject(bytes, start);
    if (end >= 0) return bytes.toString('utf8', start, end);
    if (bytes.length < size) throw new Error('The definitions of R4 are cut off. Install the packages again.');
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [...Buffer.from('"\\{}')] as [number, number, number, number];

/** Where the JSON object that begins at `start` ends; braces inside strings do not count. -1 when it does not end. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return at + 1;
  }
  return -1;
}
