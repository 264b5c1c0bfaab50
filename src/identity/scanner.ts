import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Identifier, IdentifierKind } from './identifiers-of.ts';
import { Finder, type Found } from './scan-find.ts';
import { patternsOf } from './scan-pattern.ts';

type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Something to be looked through: a file, or what was printed. */
export interface ScanSource {
  name: string;
  content: Content;
}

/** Where an identifier was found; never which. */
export interface Hit {
  /** Name of the source; an identifier in it is shown as `***`. */
  file: string;
  /** Byte at which it begins, in the unpacked content when `packed`; null in the name itself. */
  offset: number | null;
  kind: IdentifierKind;
  form: Found['form'];
  packed: boolean;
}

/** A source that could not be read to its end: nobody can say that it holds nothing. */
export interface Unread {
  file: string;
  unread: 'file-unreadable' | 'gzip-broken';
}

export interface Scanner {
  /** Distinct texts that are looked for. */
  texts: number;
  /** Texts too short to be looked for: under 4 characters of ASCII, under 2 of others. */
  tooShort: number;
  scan(source: ScanSource): AsyncGenerator<Hit | Unread>;
}

/**
 * Looks for every identifier in the names and contents of sources: also in gzip (gzip in gzip too), behind escapes of
 * JSON, URLs and XML, in UTF-16 of either order, in other compatibility forms (full width …) and letter case; dates,
 * telephone numbers and names also as they are otherwise written. In pieces: no source is held whole.
 * Not seen: other packings (zip), other encodings (GB 18030, base64), texts broken up by line ends or markup.
 */
export async function* scanForIdentifiers(
  sources: Iterable<ScanSource> | AsyncIterable<ScanSource>,
  identifiers: Iterable<Identifier>,
): AsyncGenerator<Hit | Unread> {
  const scanner = createScanner(identifiers);
  for await (const source of sources) yield* scanner.scan(source);
}

const PIECE = 256 * 1024;
/** What one character may take behind escapes of escapes, in bytes. */
const BYTES_OF_ONE = 24;

/** Makes the search ready once for many sources. */
export function createScanner(identifiers: Iterable<Identifier>): Scanner {
  const { patterns, tooShort } = patternsOf(identifiers);
  const finder = new Finder(patterns);
  const margin = patterns.reduce((most, { text }) => Math.max(most, text.length), 8) * BYTES_OF_ONE;

  /** Finds in pieces that overlap by two margins, so that each lies whole, with what stands beside it, in one of them. */
  async function* findsIn(content: Content, packed: boolean): AsyncGenerator<Omit<Hit, 'file'>> {
    let [held, base]: [Buffer, number] = [Buffer.alloc(0), 0];
    let mark: 'little' | 'big' | null = null;
    const piece = (bytes: Buffer, last: boolean) => {
      if (base === 0) mark = markOf(bytes);
      const to = last ? bytes.length : bytes.length - margin;
      return finder
        .find({ bytes, from: base === 0 ? 0 : margin, to, mark })
        .map(({ offset, kind, form }) => ({ offset: base + offset, kind, form, packed }));
    };
    for await (const chunk of content) {
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      while (held.length > PIECE + 2 * margin) {
        yield* piece(held.subarray(0, PIECE + 2 * margin), false);
        held = held.subarray(PIECE);
        base += PIECE;
      }
    }
    yield* piece(held, true);
  }

  async function* unpackedFinds(content: Content, packed: boolean): AsyncGenerator<Omit<Hit, 'file'>> {
    const { head, whole } = await peek(content);
    if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* findsIn(whole, packed);
    const bytes = head.subarray(0, gzipHeaderEnd(head));
    const stretch = { bytes, from: 0, to: bytes.length, mark: null };
    for (const { offset, kind, form } of finder.find(stretch, 'utf-8')) yield { offset, kind, form, packed };
    yield* unpackedFinds(unpacked(whole), true);
  }

  return {
    texts: patterns.length,
    tooShort,
    async *scan({ name, content }) {
      const bytes = Buffer.from(name);
      const inName = finder.find({ bytes, from: 0, to: bytes.length, mark: null }, 'utf-8');
      const file = masked(bytes, inName);
      for (const { kind, form } of inName) yield { file, offset: null, kind, form, packed: false };
      try {
        for await (const found of unpackedFinds(content, false)) yield { file, ...found };
      } catch (error) {
        const unread = unreadBy(error);
        if (unread === null) throw error;
        yield { file, unread };
      }
    },
  };
}

/** The first bytes of a content, at least two if it has them, and the content with them. */
async function peek(content: Content): Promise<{ head: Buffer; whole: AsyncGenerator<Uint8Array> }> {
  const chunks = iteratorOf(content);
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* chunks;
  }
  return { head, whole: whole() };
}

async function* iteratorOf(content: Content): AsyncGenerator<Uint8Array> {
  yield* content;
}

/** Where the header ends: it may hold the name of the file that was packed, and a comment (RFC 1952, section 2.3). */
function gzipHeaderEnd(head: Buffer): number {
  const flags = head[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (at + 2 <= head.length ? head.readUInt16LE(at) : 0);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, at);
    at = end < 0 ? head.length : end + 1;
  }
  return Math.min(at, head.length);
}

async function* unpacked(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let given = 0;
  const counted = async function* () {
    for await (const chunk of packed) {
      given += chunk.length;
      yield chunk;
    }
  };
  const source = Readable.from(counted());
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  yield* gunzip;
  // zlib passes over what follows the last member.
  if (gunzip.bytesWritten < given)
    throw Object.assign(new Error('The gzip file goes on after its end.'), { code: 'Z_TRAILING' });
}

function markOf(bytes: Buffer): 'little' | 'big' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'little';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'big' : null;
}

function masked(name: Buffer, found: readonly Found[]): string {
  const parts: (Buffer | string)[] = [];
  let at = 0;
  for (const { offset, end } of found) {
    if (offset >= at) parts.push(name.subarray(at, offset), '***');
    at = Math.max(at, end);
  }
  return [...parts, name.subarray(at)].map(String).join('');
}

/** Reading fails with a code of the system or of zlib; anything else is a mistake of ours. */
function unreadBy(error: unknown): Unread['unread'] | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) return 'gzip-broken';
  return /^E[A-Z0-9]+$/.test(code) ? 'file-unreadable' : null;
}
