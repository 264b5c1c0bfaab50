import { constants } from 'node:buffer';
import type { Arrival, SetAside } from './arrival.ts';
import { arrivalsOf } from './bundle.ts';
import { contentOf } from './bytes.ts';
import type { FeedFile } from './files.ts';
import { type Line, LineSplitter } from './lines.ts';
import { type BadText, MAX_DEPTH, type Text, TextReader } from './texts.ts';

/** Limits of reading and what to tell while it goes on. */
export interface ReadOptions {
  /** Longest line taken in, in bytes (default 64 MiB). */
  maxLineBytes?: number;
  /** Longest JSON document of several lines, in bytes (default 256 MiB); NDJSON files have no limit. */
  maxDocumentBytes?: number;
  /** Deepest nesting of JSON (default 64). */
  maxDepth?: number;
  /** Hears of every chunk read: its bytes as they are on disk, packed if they are packed. */
  onBytes?: (bytes: number) => void;
  /** Whether gzip is unpacked (default: yes). Few bytes may become many, which is nothing for what comes over a network. */
  unpacks?: boolean;
  /** What stands behind the file `-` (default: standard input of the process). */
  stdin?: AsyncIterable<Buffer>;
}

const MIB = 1024 * 1024;

/**
 * Reads a feed file by file: NDJSON, Bundles, single resources; plain or gzip; whatever the files are called. Every
 * item yields exactly one arrival or refusal, in the order of the feed; what is bad costs only itself. An NDJSON file
 * is never held whole. Throws only on mistakes of ours.
 */
export async function* readFeed(
  files: Iterable<FeedFile>,
  options: ReadOptions = {},
): AsyncGenerator<Arrival | SetAside> {
  for (const file of files) {
    for await (const text of textsOf(file, options)) {
      yield* arrivalsIn(file, text);
    }
  }
}

/** What a value of a file brings, or its refusal. */
export function* arrivalsIn(file: FeedFile, text: Text | BadText): Generator<Arrival | SetAside> {
  if ('value' in text) yield* arrivalsOf(text.value, { file: file.name, line: text.line, entry: null }, text.spread);
  else yield refused(file, text);
}

/** What cuts a file into lines, and makes values of them, within the limits. */
export function readersFor(options: ReadOptions): { lines: LineSplitter; texts: TextReader } {
  return {
    lines: new LineSplitter(withinString(options.maxLineBytes ?? 64 * MIB)),
    texts: new TextReader({
      maxDepth: options.maxDepth ?? MAX_DEPTH,
      maxDocumentBytes: withinString(options.maxDocumentBytes ?? 256 * MIB),
    }),
  };
}

async function* textsOf(file: FeedFile, options: ReadOptions): AsyncGenerator<Text | BadText> {
  const { lines, texts } = readersFor(options);
  const { stdin = process.stdin, onBytes = () => {}, unpacks = true } = options;
  const source = { stdin, onBytes, unpacks };
  let start = true;
  for await (const chunk of contentOf(file, source)) {
    if (!Buffer.isBuffer(chunk)) {
      const line = lines.number;
      yield* lastTexts(texts, lines.end());
      yield { line, reason: chunk.reason, message: chunk.message };
      return;
    }
    if (start && isUtf16(chunk)) {
      yield { line: 1, reason: 'invalid-utf8', message: 'The file is UTF-16. Export it as UTF-8.' };
      return;
    }
    start = false;
    for (const line of lines.push(chunk)) yield* texts.push(line);
  }
  const last = lines.end();
  if (last) yield* texts.push(last);
  yield* texts.end(false);
}

/** The end of a file that broke off: what is whole counts, what is cut is told once, by the caller. */
export function* lastTexts(texts: TextReader, cut: Line | null): Generator<Text | BadText> {
  if (cut) for (const text of texts.push(cut)) if ('value' in text || text.line !== cut.number) yield text;
  yield* texts.end(true);
}

function refused(file: FeedFile, bad: BadText): SetAside {
  const place = { file: file.name, line: bad.line, entry: null };
  const refusal: SetAside = { kind: 'refused', place, reason: bad.reason, expression: null, message: bad.message };
  const { text } = bad;
  return text === undefined ? refusal : { ...refusal, content: () => ({ form: 'text', text }) };
}

/** No limit beyond what a string can hold. */
function withinString(bytes: number): number {
  return Math.min(bytes, constants.MAX_STRING_LENGTH);
}

/** Whether a file that begins so is UTF-16. */
export function isUtf16(head: Buffer): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
