import type { Arrival, SetAside } from './arrival.ts';
import type { FeedFile } from './files.ts';
import type { LineSplitter } from './lines.ts';
import { arrivalsIn, lastTexts, readersFor } from './read.ts';
import { type BadText, bad, type Text, type TextReader } from './texts.ts';

const LINE_FEED = 0x0a;

/**
 * Reads those parts of a file that somebody else has chosen, in their order: what is left out must be whole lines that
 * stand for themselves. While `idle` is false, a document has begun and the next lines belong to it.
 */
export class PieceReader {
  #file: FeedFile;
  #lines: LineSplitter;
  #texts: TextReader;
  #amid = false;

  constructor(file: FeedFile) {
    this.#file = file;
    const { lines, texts } = readersFor({});
    this.#lines = lines;
    this.#texts = texts;
  }

  get idle(): boolean {
    return this.#texts.idle;
  }

  /** Says the number of the line that begins here; nothing when it is amid one. */
  begin(line: number): void {
    if (!this.#amid) this.#lines.number = line;
  }

  /** The next bytes, which may be written over afterwards; lines may go on in the next piece. */
  *push(bytes: Buffer): Generator<Arrival | SetAside> {
    for (const line of this.#lines.push(bytes)) yield* this.#arrivals(this.#texts.push(line));
    if (bytes.length > 0) this.#amid = bytes.at(-1) !== LINE_FEED;
    this.#lines.own();
  }

  /** The file is over. @param broken it could not be read to its end, which is told with the line that was reached */
  *end(broken: Pick<BadText, 'reason' | 'message'> | null): Generator<Arrival | SetAside> {
    const line = this.#lines.number;
    const last = this.#lines.end();
    if (broken) {
      yield* this.#arrivals(lastTexts(this.#texts, last));
      yield* arrivalsIn(this.#file, { line, ...broken });
      return;
    }
    if (last) yield* this.#arrivals(this.#texts.push(last));
    yield* this.#arrivals(this.#texts.end(false));
  }

  *#arrivals(texts: Iterable<Text | BadText>): Generator<Arrival | SetAside> {
    for (const text of texts) yield* arrivalsIn(this.#file, text);
  }
}

/** Reads one line that stands for itself: one that does not end is broken, whatever follows. */
export function* arrivalsOfLine(file: FeedFile, line: number, bytes: Buffer): Generator<Arrival | SetAside> {
  const { texts } = readersFor({});
  for (const text of texts.push({ number: line, bytes })) yield* arrivalsIn(file, text);
  if (!texts.idle) yield* arrivalsIn(file, bad(line, 'invalid-json', bytes));
}
