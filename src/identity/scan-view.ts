/** A stretch of bytes read as text and folded: code units, and where in the bytes each begins and ends. */
export interface View {
  units: Uint16Array;
  starts: Int32Array;
  ends: Int32Array;
  length: number;
  /** How many bytes it has room for. */
  bytes: number;
}

/** One character folds into 18 code units at most (U+FDFA), in UTF-8 from 3 bytes. */
const GROWTH = 6;
const REPLACEMENT = 0xfffd;

export function emptyView(bytes: number): View {
  const size = bytes * GROWTH + 32;
  return { units: new Uint16Array(size), starts: new Int32Array(size), ends: new Int32Array(size), length: 0, bytes };
}

const folds = new Map<number, string>();

/** Compatibility forms, accents apart, lower case; what is not seen (zero width, soft hyphen) goes (Unicode UAX 15). */
function foldPoint(point: number): string {
  let folded = folds.get(point);
  if (folded === undefined) {
    const plain = String.fromCodePoint(point).normalize('NFKD').toLowerCase().normalize('NFKD');
    folded = plain.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
    folds.set(point, folded);
  }
  return folded;
}

/** A text as views have it: character by character, so that it does not matter where a stretch begins. */
export function foldText(text: string): string {
  return [...text].map((one) => foldPoint(one.codePointAt(0)!)).join('');
}

const [UNSEEN, SEVERAL] = [-1, -2];
/** What a character folds into when that is one code unit: nearly every one, and a table answers faster. */
const single = new Int32Array(0x10000).fill(UNSEEN);

function put(view: View, point: number, start: number, end: number): void {
  if (point < 0x80) {
    view.units[view.length] = point >= 0x41 && point <= 0x5a ? point + 0x20 : point;
    view.starts[view.length] = start;
    view.ends[view.length++] = end;
    return;
  }
  const one = point < 0x10000 ? single[point]! : SEVERAL;
  if (one >= 0) {
    view.units[view.length] = one;
    view.starts[view.length] = start;
    view.ends[view.length++] = end;
    return;
  }
  const folded = foldPoint(point);
  if (one === UNSEEN) single[point] = folded.length === 1 ? folded.charCodeAt(0) : SEVERAL;
  for (let at = 0; at < folded.length; at++) {
    view.units[view.length] = folded.charCodeAt(at);
    view.starts[view.length] = start;
    view.ends[view.length++] = end;
  }
}

/** Reads bytes as UTF-8; with `escapes` also what JSON, URLs and XML write in ASCII, over several layers. */
export function readUtf8(bytes: Uint8Array, view: View, escapes: boolean): void {
  view.length = 0;
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    if (escapes && (first === BACKSLASH || first === PERCENT || first === AMPERSAND)) {
      const escaped = escapeAt(bytes, at);
      if (escaped) {
        put(view, escaped.point, at, escaped.end);
        at = escaped.end;
        continue;
      }
    }
    const point = first < 0x80 ? first : pointAt(bytes, at);
    // What begins no character costs itself alone: the bytes after it are read for themselves.
    const size = point === REPLACEMENT ? 1 : sizeOf(first);
    put(view, point, at, at + size);
    at += size;
  }
}

/** Reads bytes as UTF-16 from a byte on. */
export function readUtf16(bytes: Uint8Array, view: View, from: number, littleEndian: boolean): void {
  view.length = 0;
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  for (let at = from; at + 1 < bytes.length; at += 2) {
    const unit = bytes[at + low]! | (bytes[at + high]! << 8);
    put(view, unit >= 0xd800 && unit <= 0xdfff ? REPLACEMENT : unit, at, at + 2);
  }
}

const [BACKSLASH, PERCENT, AMPERSAND] = [0x5c, 0x25, 0x26];

/** Whether a stretch may hold escapes at all: most do not, and are read once. */
export function mayEscape(bytes: Uint8Array): boolean {
  return bytes.includes(BACKSLASH) || bytes.includes(PERCENT) || bytes.includes(AMPERSAND);
}

interface Escape {
  point: number;
  end: number;
}

const ASCII = new TextDecoder('latin1');
const LONGEST = 64;

function escapeAt(bytes: Uint8Array, at: number): Escape | null {
  const text = ASCII.decode(bytes.subarray(at, at + LONGEST));
  const first = bytes[at];
  if (first === PERCENT) return percentAt(text, at);
  const forms =
    first === BACKSLASH
      ? /^\\+(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|(\/))/i
      : /^&(?:amp;)*#(?:x([0-9a-f]{1,6})|(\d{1,7}));/i;
  const found = forms.exec(text);
  if (!found) return null;
  const end = at + found[0].length;
  if (first === AMPERSAND)
    return { point: pointFrom(found[1] ? Number.parseInt(found[1], 16) : Number(found[2])), end };
  if (found[4]) return { point: 0x2f, end };
  const unit = Number.parseInt(found[1] ?? found[2] ?? found[3]!, 16);
  const pair = unit >= 0xd800 && unit <= 0xdbff ? /^\\+u(d[c-f][0-9a-f]{2})/i.exec(text.slice(found[0].length)) : null;
  if (!pair) return { point: pointFrom(unit), end };
  const low = Number.parseInt(pair[1]!, 16);
  return { point: 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), end: end + pair[0].length };
}

/** `%E5%BC%A0`, also when its percent signs were escaped again (`%25E5`). */
function percentAt(text: string, at: number): Escape | null {
  const found: number[] = [];
  const ends: number[] = [];
  let [rest, end, size] = [text, at, 1];
  while (found.length < size) {
    const next = /^%(?:25)*([0-9a-f]{2})/i.exec(rest);
    if (!next) break;
    found.push(Number.parseInt(next[1]!, 16));
    if (found.length === 1) size = sizeOf(found[0]!);
    end += next[0].length;
    ends.push(end);
    rest = rest.slice(next[0].length);
  }
  if (found.length === 0) return null;
  const point = pointAt(found, 0);
  return { point, end: point === REPLACEMENT ? ends[0]! : end };
}

function pointFrom(number: number): number {
  return number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff) ? REPLACEMENT : number;
}

/** Bytes that a character takes in UTF-8 by its first (RFC 3629); 1 for a byte that begins none. */
function sizeOf(first: number): number {
  if (first >= 0xf0 && first < 0xf5) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc2 ? 2 : 1;
}

function pointAt(bytes: ArrayLike<number>, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  const size = sizeOf(first);
  if (size === 1 || at + size > bytes.length) return REPLACEMENT;
  let point = first & (0xff >> (size + 1));
  for (let next = at + 1; next < at + size; next++) {
    const byte = bytes[next]!;
    if ((byte & 0xc0) !== 0x80) return REPLACEMENT;
    point = (point << 6) | (byte & 0x3f);
  }
  return pointFrom(point);
}
