import { TemporaryFile } from '../operations/temporary-file.ts';
import type { Entries } from './entries.ts';

/** Where the entries of a stretch are kept. */
export interface KeptEntries {
  at: number;
  length: number;
  types: string[];
}

const WORD = Uint32Array.BYTES_PER_ELEMENT;
const HASH = Float64Array.BYTES_PER_ELEMENT;

/**
 * The entries of a feed between its readings, seventeen bytes a line, in a temporary file: memory does not grow with the
 * feed. A fault of the disk throws, and is none of the feed's.
 */
export class EntryFile {
  #file = new TemporaryFile();
  /** One room for whatever is read: else each stretch leaves garbage behind. */
  #room = new ArrayBuffer(0);

  keep({ length, types, offset, about, id, kind }: Entries): KeptEntries {
    const [at] = guarded(() => [about, offset, id, kind].map((part) => this.#file.append(part)));
    return { at: at!, length, types };
  }

  /** Copies, to be changed at will until the next are asked for. */
  entries({ at, length, types }: KeptEntries): Entries {
    const size = kindsAt(length) + length;
    if (this.#room.byteLength < size) this.#room = new ArrayBuffer(2 * size);
    const bytes = this.#room;
    guarded(() => this.#file.read(new Uint8Array(bytes, 0, size), at));
    const about = new Float64Array(bytes, 0, length);
    const offset = new Uint32Array(bytes, about.byteLength, length + 1);
    const id = new Uint32Array(bytes, about.byteLength + offset.byteLength, length);
    const kind = new Uint8Array(bytes, kindsAt(length), length);
    return { length, types, offset, about, id, kind };
  }

  /** Keeps other kinds for them. */
  turn({ at, length }: KeptEntries, kind: Uint8Array): void {
    guarded(() => this.#file.write(kind, at + kindsAt(length)));
  }

  close(): void {
    this.#file.close();
  }
}

/** Where the kinds of so many entries begin: after the persons, the places and the ids. */
function kindsAt(length: number): number {
  return HASH * length + WORD * (2 * length + 1);
}

/** Who reads a feed takes a fault of the system for one of the feed's files; this is another file. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error('The temporary file of the scan cannot be written or read.', { cause });
  }
}
