import { fill } from '../operations/fill.ts';

/** Bytes read at a time, so that lines near one another cost one call. */
const AHEAD = 256 * 1024;
const LINE_FEED = 0x0a;

/** Reads places of a file, mostly one after the other. What it gives is good until it is asked again. */
export class Window {
  #fd: number;
  #size: number;
  #from = 0;
  #held = 0;
  #ahead = Buffer.allocUnsafeSlow(AHEAD);

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  bytes(from: number, to: number): Buffer {
    if (to - from > AHEAD) {
      const bytes = Buffer.allocUnsafe(to - from);
      fill(this.#fd, bytes, 0, bytes.length, from);
      return bytes;
    }
    if (from < this.#from || to > this.#from + this.#held) this.#move(from);
    return this.#ahead.subarray(from - this.#from, to - this.#from);
  }

  /** A line without its line feed. */
  line(from: number, to: number): Buffer {
    const bytes = this.bytes(from, to);
    return bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
  }

  #move(from: number): void {
    this.#held = 0;
    const length = Math.min(AHEAD, this.#size - from);
    fill(this.#fd, this.#ahead, 0, length, from);
    [this.#from, this.#held] = [from, length];
  }
}
