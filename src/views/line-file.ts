import { TemporaryFile } from '../operations/temporary-file.ts';

/** Bytes read at a time. */
const PIECE = 64 * 1024;

/** Lines that come in any order and are read in that of their keys. They stand in a temporary file; memory has the keys. */
export class LineFile {
  #places = new Map<string, { at: number; length: number }>();
  #file = new TemporaryFile();

  /** Keeps the line of a key, with its line feed; each key once. */
  put(key: string, line: string): void {
    const bytes = Buffer.from(line, 'utf8');
    this.#places.set(key, { at: this.#file.append(bytes), length: bytes.length });
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
      this.#file.read(line, at);
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
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
