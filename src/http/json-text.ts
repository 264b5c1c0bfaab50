import { isUtf8 } from 'node:buffer';
import { withoutMark } from '../intake/line-form.ts';
import { parseUnique, repeatedAt } from '../intake/repeated-member.ts';
import { JsonScan, type ScanState } from '../intake/scan.ts';
import type { HttpRefusal } from './respond.ts';

export type ParsedJson = { ok: true; value: unknown } | { ok: false; refusal: HttpRefusal };

const LINE_FEED = Buffer.from('\n');
const PIECE = 4096;

/**
 * Parses a JSON text (RFC 8259) after its encoding, grammar and depth were looked at without building anything. A
 * byte order mark before it is passed over. A key `__proto__` becomes a key like any other; the check of shape
 * refuses it.
 * @param maxDepth deepest nesting: 1 for `{}`
 */
export function parseJson(given: Buffer, maxDepth: number): ParsedJson {
  const bytes = withoutMark(given);
  if (!isUtf8(bytes))
    return refused('invalid-utf8', `The body is not UTF-8 at ${placeAt(bytes, notUtf8At(bytes))}. Send it as UTF-8.`);
  const scan = new JsonScan(maxDepth);
  scan.push(bytes);
  // A number at the top level ends only with white space.
  const state = scan.push(LINE_FEED);
  if (state === 'complete') {
    const text = bytes.toString('utf8');
    const parsed = parseUnique(text, scan.members);
    if (parsed) return { ok: true, value: parsed.value };
    const again = placeAt(bytes, Buffer.byteLength(text.slice(0, repeatedAt(text) ?? 0)));
    return refused('repeated-member', `An object names the same element again at ${again}. Send each once.`);
  }
  const place = placeOf(bytes, maxDepth, state);
  if (state === 'too-deep')
    return refused('too-deep', `The JSON is nested deeper than ${maxDepth} levels, at ${place}. Send it flatter.`);
  return state === 'open'
    ? refused('invalid-json', `The JSON ends too early, at ${place}. Send the whole of it.`)
    : refused('invalid-json', `The JSON is broken at ${place}. Send it as RFC 8259 says.`);
}

/** Where the text stops being JSON. */
function placeOf(bytes: Buffer, maxDepth: number, state: ScanState): string {
  return placeAt(bytes, state === 'open' ? bytes.length : brokenAt(bytes, maxDepth));
}

/** The first byte that decoding replaces: written again, it differs. */
function notUtf8At(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  return at;
}

/** Line and column (in bytes, both from 1). */
function placeAt(bytes: Buffer, at: number): string {
  const before = bytes.subarray(0, at);
  const lineStart = before.lastIndexOf(0x0a) + 1;
  let line = 1;
  for (let next = before.indexOf(0x0a); next >= 0; next = before.indexOf(0x0a, next + 1)) line++;
  return `line ${line}, column ${at - lineStart + 1}`;
}

/** The scan tells no place, so it is made again: in pieces up to the one that breaks it, and that one byte by byte. */
function brokenAt(bytes: Buffer, maxDepth: number): number {
  const isOpen = (scan: JsonScan) => scan.state === 'open' || scan.state === 'complete';
  const scan = new JsonScan(maxDepth);
  let from = 0;
  while (from < bytes.length) {
    scan.push(bytes.subarray(from, from + PIECE));
    if (!isOpen(scan)) break;
    from += PIECE;
  }
  const closer = new JsonScan(maxDepth);
  closer.push(bytes.subarray(0, from));
  let at = from;
  for (; at < bytes.length; at++) {
    closer.push(bytes.subarray(at, at + 1));
    if (!isOpen(closer)) return at;
  }
  return bytes.length;
}

function refused(code: string, message: string): ParsedJson {
  return { ok: false, refusal: { status: 400, code, issue: 'structure', message } };
}
