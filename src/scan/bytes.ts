export const QUOTE = 0x22;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/** Whether these bytes stand here. */
export function standsAt(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false;
  return true;
}

/** Where the value of the name that ends at `at` begins: after the colon, spaces aside; -1 when there is no colon. */
export function valueAt(bytes: Uint8Array, at: number): number {
  let next = at;
  while (isSpace(bytes[next]!)) next++;
  if (bytes[next] !== COLON) return -1;
  next++;
  while (isSpace(bytes[next]!)) next++;
  return next;
}

/** Where the object, list or string that begins at `from` ends (after its last sign); -1 when that is not before `to`. */
export function valueEnd(bytes: Uint8Array, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at++; at < to && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
      if (at >= to) return -1;
      if (depth === 0) return at + 1;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      depth++;
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (--depth === 0) return at + 1;
    }
  }
  return -1;
}
