import type { JsonScan } from './scan.ts';

const LINE_FEED = Buffer.from('\n');

/**
 * Lines kept apart from the rest, to see that the "document" was lines of NDJSON: one that is cut off after a comma or
 * a colon swallows the next, and so on while the next is cut off in the same way.
 */
const FIRST = 32;

/** A line of a document, a copy kept for a second look. */
export interface KeptLine {
  number: number;
  bytes: Buffer;
}

/** A JSON document while its lines come in. */
export class JsonDocument {
  /** Number of its first line. */
  first: number;
  /** Number of its newest line. */
  last: number;
  /** Lines so far, blank ones not counted. */
  lines = 1;
  #scan: JsonScan;
  #text: Buffer;
  #length = 0;
  #firstLines: KeptLine[];

  /** @param scan has taken in the first line already */
  constructor(scan: JsonScan, number: number, bytes: Buffer) {
    this.first = number;
    this.last = number;
    this.#scan = scan;
    this.#text = Buffer.allocUnsafe(64 * 1024);
    this.#firstLines = [{ number, bytes: Buffer.from(bytes) }];
    this.#append(bytes);
  }

  /** Takes the next line; the refusal when the text breaks in it. */
  add(number: number, bytes: Buffer): 'invalid-json' | 'too-deep' | null {
    this.last = number;
    this.lines++;
    if (this.lines <= FIRST) this.#firstLines.push({ number, bytes: Buffer.from(bytes) });
    this.#scan.push(bytes);
    const state = this.#scan.push(LINE_FEED);
    if (state === 'broken') return 'invalid-json';
    if (state === 'too-deep') return 'too-deep';
    this.#append(bytes);
    return null;
  }

  get complete(): boolean {
    return this.#scan.state === 'complete';
  }

  /** Members of its objects. */
  get members(): number {
    return this.#scan.members;
  }

  /** Bytes taken in. */
  get bytes(): number {
    return this.#length;
  }

  /** Its lines while it has only few of them, else null. */
  get firstLines(): KeptLine[] | null {
    return this.lines <= FIRST ? this.#firstLines : null;
  }

  text(): string {
    return this.#text.toString('utf8', 0, this.#length);
  }

  /** Copied into one growing block: a document has a line for every element, too many to keep as objects. */
  #append(bytes: Buffer): void {
    const needed = this.#length + bytes.length + 1;
    if (needed > this.#text.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#text.length * 2));
      this.#text.copy(larger, 0, 0, this.#length);
      this.#text = larger;
    }
    bytes.copy(this.#text, this.#length);
    this.#text[needed - 1] = 0x0a;
    this.#length = needed;
  }
}
