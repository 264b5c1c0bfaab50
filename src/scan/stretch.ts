import { fill } from '../operations/fill.ts';
import { type Entries, EntryList } from './entries.ts';
import { LineScanner } from './lines.ts';
import type { Phrase, ScanPlan } from './plan.ts';

/** A stretch of a file: the lines that begin in `[from, to)`. */
export interface Stretch {
  fd: number;
  from: number;
  to: number;
  /** The size of the file. */
  size: number;
}

/** What the scan found in a stretch; its entries are good until the next stretch is scanned. */
export interface Scanned {
  /** Where its first line begins, and its last ends. */
  from: number;
  end: number;
  entries: Entries;
}

/** Tells what phrases mean, `MEANS` for each in their order. */
export type Ask = (phrases: readonly Phrase[]) => Promise<readonly number[]> | readonly number[];

/** Bytes read and scanned at a time: what fits the caches is walked several times for the price of once. */
const PIECE = 64 * 1024;
/** A line longer than this is not looked at: it is read. */
const LONGEST = 4 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** Scans stretches of files, one after the other. */
export class StretchScanner {
  #lines: LineScanner;
  #ask: Ask;
  #buffer: Buffer = Buffer.allocUnsafeSlow(PIECE * 2);
  #entries = new EntryList();

  constructor(plan: ScanPlan, ask: Ask) {
    this.#lines = new LineScanner(plan);
    this.#ask = ask;
  }

  async scan({ fd, from, to, size }: Stretch): Promise<Scanned> {
    const start = from === 0 ? 0 : this.#lineStart(fd, from - 1, size);
    const entries = this.#entries;
    entries.begin();
    let at = start;
    while (at < to && at < size) at = this.#piece(fd, at, start, to, size, entries);
    const questions = this.#lines.phrases.questions();
    if (questions.length > 0) this.#lines.phrases.settle(await this.#ask(questions), entries);
    return { from: start, end: at, entries: entries.done(at - start) };
  }

  /** Scans whole lines from `at` on. @returns where the next one begins */
  #piece(fd: number, at: number, start: number, to: number, size: number, into: EntryList): number {
    let held = 0;
    let wanted = PIECE;
    for (;;) {
      // One byte more than the lines: what comes after a line tells whether it stands alone.
      if (wanted + 1 > this.#buffer.length) this.#buffer = enlarged(this.#buffer, wanted * 2, held);
      held += fill(fd, this.#buffer, held, Math.min(wanted + 1, size - at) - held, at + held);
      const whole = held <= wanted;
      const last = whole ? held : this.#buffer.lastIndexOf(LINE_FEED, wanted - 1) + 1;
      const end = Math.min(last, lineEndBefore(this.#buffer, to - at, last));
      if (end > 0) {
        const next = at + end < size ? this.#buffer[end]! : -1;
        this.#lines.scan(this.#buffer.subarray(0, end), at - start, next, into);
        return at + end;
      }
      if (wanted >= LONGEST) {
        into.read(at - start);
        return this.#lineStart(fd, at, size);
      }
      wanted *= 4;
    }
  }

  /** Where the first line after the line feed at or after `at` begins. */
  #lineStart(fd: number, at: number, size: number): number {
    const buffer = Buffer.allocUnsafe(PIECE);
    for (let from = at; from < size; ) {
      const count = fill(fd, buffer, 0, Math.min(buffer.length, size - from), from);
      const feed = buffer.subarray(0, count).indexOf(LINE_FEED);
      if (feed >= 0) return from + feed + 1;
      from += count;
    }
    return size;
  }
}

/** Of whole lines up to `last` those that begin before `to`. */
function lineEndBefore(bytes: Buffer, to: number, last: number): number {
  if (to >= last) return last;
  const feed = bytes.indexOf(LINE_FEED, to - 1);
  return feed < 0 || feed >= last ? last : feed + 1;
}

function enlarged(buffer: Buffer, size: number, held: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  buffer.copy(larger, 0, 0, held);
  return larger;
}
