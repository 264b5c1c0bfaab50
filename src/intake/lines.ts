/** One line of a file without its line feed; `bytes` is null when the line was longer than the limit. */
export interface Line {
  /** counted from 1 */
  number: number;
  bytes: Buffer | null;
}

const LINE_FEED = 0x0a;

/** Cuts a stream of bytes into lines. Keeps at most one line, and of a line over the limit nothing at all. */
export class LineSplitter {
  /** The line that is being read. */
  number = 1;
  #parts: Buffer[] = [];
  #length = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk, in order. */
  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      this.#add(chunk.subarray(from, to));
      from = to + 1;
      yield this.#take();
    }
    this.#add(chunk.subarray(from));
  }

  /** What is kept of the last chunk becomes a copy: the chunk may be written over. */
  own(): void {
    const last = this.#parts.pop();
    if (last) this.#parts.push(Buffer.from(last));
  }

  /** The last line, when the stream does not end with a line feed. */
  end(): Line | null {
    return this.#length === 0 ? null : this.#take();
  }

  #add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): Line {
    const tooLong = this.#length > this.#maxBytes;
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const line = { number: this.number, bytes: tooLong ? null : bytes };
    this.number++;
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
