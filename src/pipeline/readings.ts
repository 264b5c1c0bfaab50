import type { Arrival, SetAside } from '../intake/arrival.ts';
import { isSystemError, unreadable } from '../intake/bytes.ts';
import type { FeedFile } from '../intake/files.ts';
import { arrivalsOfLine, PieceReader } from '../intake/pieces.ts';
import { readFeed } from '../intake/read.ts';
import { isUtf16File, type OpenFile, openTwice, spoolChunks } from '../intake/spool.ts';
import { type Entries, KIND, kindOf } from '../scan/entries.ts';
import type { EntryFile, KeptEntries } from '../scan/entry-file.ts';
import { type Scanning, scannedIn } from '../scan/scanning.ts';
import { Window } from '../scan/window.ts';
import type { Candidates } from './candidates.ts';

/** A file whose lines are known. */
export interface ScannedFile {
  file: FeedFile;
  size: number;
  stretches: { from: number; firstLine: number; kept: KeptEntries }[];
  /** Kept open only where it could not be opened again. */
  opened: OpenFile | null;
}

interface Reading {
  stdin?: AsyncIterable<Buffer>;
  onBytes?: (bytes: number) => void;
}

/** Bytes handed on at a time where lines are read as they stand. */
const PIECE = 64 * 1024;

/**
 * Scans every file and reads what is not to wait.
 * @param scanned gets each file, whose lines are kept in `lines`
 * @param candidates of the studies: whom a line of evidence names is one (of several studies such lines are read)
 */
export async function* firstReading(
  files: readonly FeedFile[],
  scanning: Scanning,
  { scanned, lines }: { scanned: ScannedFile[]; lines: EntryFile },
  candidates: readonly Candidates[],
  { stdin = process.stdin, onBytes = () => {} }: Reading,
): AsyncGenerator<Arrival | SetAside> {
  for (const file of files) {
    let opened: OpenFile | null = null;
    const reader = new PieceReader(file);
    try {
      opened = await openTwice(file, { stdin, onBytes, unpacks: true });
      if (isUtf16File(opened)) {
        yield* readFeed([{ ...file, path: '-' }], { stdin: spoolChunks(opened), unpacks: false });
        opened.close();
        continue;
      }
      const { fd, size, again, spooled } = opened;
      const one: ScannedFile = { file, size, stretches: [], opened: again ? null : opened };
      scanned.push(one);
      const window = new Window(fd, size);
      let firstLine = 1;
      for await (const { from, end, entries } of scannedIn(scanning, fd, size)) {
        const begun = firstLine;
        try {
          firstLine = yield* readNow(reader, window, { from, firstLine, entries }, candidates);
        } finally {
          one.stretches.push({ from, firstLine: begun, kept: lines.keep(entries) });
        }
        if (!spooled) onBytes(end - from);
      }
      reader.begin(firstLine);
      yield* reader.end(opened.broken);
      if (again) opened.close();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield* reader.end(unreadable(error.code));
    }
  }
}

/** Reads the lines of a stretch that are not to wait, and those that a document reaches over. @returns the next line */
function* readNow(
  reader: PieceReader,
  window: Window,
  { from, firstLine, entries }: { from: number; firstLine: number; entries: Entries },
  candidates: readonly Candidates[],
): Generator<Arrival | SetAside, number> {
  let line = firstLine;
  for (let at = 0; at < entries.length; at++) {
    const kind = kindOf(entries, at);
    if (kind === KIND.read || !reader.idle) {
      reader.begin(line);
      const end = from + entries.offset[at + 1]!;
      for (let place = from + entries.offset[at]!; place < end; place += PIECE)
        yield* reader.push(window.bytes(place, Math.min(place + PIECE, end)));
      if (kind !== KIND.read) entries.kind[at] = KIND.done;
    } else if (kind === KIND.evidence) {
      for (const { people, held } of candidates) {
        people.add(entries.about[at]!);
        held.add(entries.id[at]!);
      }
    }
    line += kind === KIND.read ? entries.about[at]! : 1;
  }
  return line;
}

/**
 * Reads the lines that waited and are taken.
 * @param onLine is told the person and the resource of each, as hashes, before what it brings is yielded; null before a
 * fault of the whole file
 */
export async function* secondReading(
  scanned: readonly ScannedFile[],
  lines: EntryFile,
  onLine: (line: { person: number; resource: number } | null) => void,
): AsyncGenerator<Arrival | SetAside> {
  for (const { file, size, stretches, opened } of scanned) {
    let again: OpenFile | null = opened;
    let window: Window | null = null;
    let line = 1;
    try {
      for (const { from, firstLine, kept } of stretches) {
        const entries = lines.entries(kept);
        line = firstLine;
        for (let at = 0; at < entries.length; at++) {
          const kind = kindOf(entries, at);
          if (kind === KIND.taken) {
            again ??= await openTwice(file, { stdin: NOTHING, onBytes: () => {}, unpacks: true });
            window ??= new Window(again.fd, size);
            const bytes = window.line(from + entries.offset[at]!, from + entries.offset[at + 1]!);
            onLine({ person: entries.about[at]!, resource: entries.id[at]! });
            yield* arrivalsOfLine(file, line, bytes);
          }
          line += kind === KIND.read ? entries.about[at]! : 1;
        }
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const { reason, message } = unreadable(error.code);
      const place = { file: file.name, line, entry: null };
      onLine(null);
      yield { kind: 'refused', place, reason, expression: null, message };
    } finally {
      if (opened === null) again?.close();
    }
  }
}

const NOTHING: AsyncIterable<Buffer> = (async function* () {})();
