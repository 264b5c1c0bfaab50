export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const ANGLE = 0x3c;
const QUOTE = 0x22;

/** The line without a UTF-8 byte order mark before it: files that were put together have them inside as well. */
export function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Nothing but white space. */
export function isBlank(bytes: Buffer): boolean {
  return marginOf(bytes) === bytes.length;
}

/** One byte at the very start, and white space. */
export function isOnly(bytes: Buffer, byte: number): boolean {
  return bytes[0] === byte && isBlank(bytes.subarray(1));
}

/** How many bytes of white space come first. */
export function marginOf(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d) at++;
  return at;
}

/** `{"` at this margin, as every line of NDJSON has it. */
export function startsObject(bytes: Buffer, margin: number): boolean {
  if (marginOf(bytes) !== margin || bytes[margin] !== OPEN) return false;
  const inside = bytes.subarray(margin + 1);
  return inside[marginOf(inside)] === QUOTE;
}
