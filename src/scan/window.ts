import { fill } from './stretch.ts';

/** Bytes read at a time, so that lines near one another cost one call. */
const AHEAD = 256 * 1024;
const LINE_FEED = 0x0a;

/** Reads places of a file, mostly one after the other. What it gives stays as it is. */
export class Window {
  #fd: number;
  #size: number;
  #from = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  bytes(from: number, to: number): Buffer {
    if (from < this.#from || to > this.#from + this.#bytes.length) {
      const length = Math.min(Math.max(to - from, AHEAD), this.#size - from);
      this.#bytes = Buffer.allocUnsafeSlow(length);
      this.#from = from;
      fill(this.#fd, this.#bytes, 0, length, from);
    }
    return this.#bytes.subarray(from - this.#from, to - this.#from);
  }

  /** A line without its line feed. */
  line(from: number, to: number): Buffer {
    const bytes = this.bytes(from, to);
    return bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
  }
}
