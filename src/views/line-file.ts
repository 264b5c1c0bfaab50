import { closeSync, writeSync } from 'node:fs';
import { openTemporary } from '../operations/temporary-file.ts';
import { fill } from '../scan/stretch.ts';

/** Bytes read or written at a time. */
const PIECE = 64 * 1024;

/** Lines that come in any order and are read in that of their keys. They stand in a temporary file; memory has the keys. */
export class LineFile {
  #places = new Map<string, { at: number; length: number }>();
  #fd: number | null = null;
  #size = 0;

  /** Keeps the line of a key, with its line feed; each key once. */
  put(key: string, line: string): void {
    const bytes = Buffer.from(line, 'utf8');
    this.#fd ??= openTemporary();
    for (let put = 0; put < bytes.length; )
      put += writeSync(this.#fd, bytes, put, bytes.length - put, this.#size + put);
    this.#places.set(key, { at: this.#size, length: bytes.length });
    this.#size += bytes.length;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** All lines by their keys, rising as UTF-16, several in a piece. */
  *inOrder(): Generator<Buffer> {
    let lines: Buffer[] = [];
    let bytes = 0;
    for (const key of [...this.#places.keys()].sort()) {
      const { at, length } = this.#places.get(key)!;
      const line = Buffer.allocUnsafe(length);
      fill(this.#fd!, line, 0, length, at);
      lines.push(line);
      bytes += length;
      if (bytes < PIECE) continue;
      yield Buffer.concat(lines);
      [lines, bytes] = [[], 0];
    }
    if (bytes > 0) yield Buffer.concat(lines);
  }

  /** Forgets every line. */
  clear(): void {
    this.#places.clear();
    this.#size = 0;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
