import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Where the JSON of a line stands, in a file that nobody changes: a newer one takes its place. */
export interface Place {
  fd: number;
  at: number;
  length: number;
}

/** Bytes read at a time: the file is never held whole. */
const PIECE = 64 * 1024;
/** Characters of a hash. */
const KEY = 64;
const NEWLINE = 10;

/**
 * Where the lines of a shelf's file stand, by the hash each begins with; none when the file is not there, or is not sound.
 * It stays open, so that what stands there is what was checked.
 */
export function linesIn(path: string, mark: string): Map<string, Place> {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const ends = soundLines(fd, mark);
    if (ends) return placesOf(fd, ends);
  } catch {
    // What cannot be read counts as empty.
  }
  if (fd !== null) closeSync(fd);
  return new Map();
}

/** What stands at a place; undefined when it cannot be read any more. */
export function textAt({ fd, at, length }: Place): string | undefined {
  const bytes = Buffer.allocUnsafe(length);
  try {
    return readSync(fd, bytes, 0, length, at) === length ? bytes.toString('utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Where the mark's line ends and each after it; null when hash or mark is not as it should be. */
function soundLines(fd: number, mark: string): number[] | null {
  const head = Buffer.alloc(KEY + 1 + Buffer.byteLength(mark) + 1);
  readSync(fd, head, 0, head.length, 0);
  if (head.toString('utf8', KEY) !== `\n${mark}\n`) return null;
  const hash = createHash('sha256');
  const ends: number[] = [];
  const piece = Buffer.allocUnsafe(PIECE);
  const { size } = fstatSync(fd);
  for (let at = KEY + 1; at < size; at += PIECE) {
    const bytes = piece.subarray(0, readSync(fd, piece, 0, PIECE, at));
    hash.update(bytes);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) ends.push(at + end);
  }
  return hash.digest('hex') === head.toString('latin1', 0, KEY) ? ends : null;
}

function placesOf(fd: number, ends: readonly number[]): Map<string, Place> {
  const key = Buffer.alloc(KEY);
  const places = new Map<string, Place>();
  for (let line = 1; line < ends.length; line++) {
    const begin = ends[line - 1]! + 1;
    readSync(fd, key, 0, KEY, begin);
    const at = begin + KEY + 1;
    places.set(key.toString('latin1'), { fd, at, length: ends[line]! - at });
  }
  return places;
}
