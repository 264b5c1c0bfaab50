import { closeSync, writeSync } from 'node:fs';
import { openTemporary } from '../operations/temporary-file.ts';
import type { Entries } from './entries.ts';
import { fill } from './stretch.ts';

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
  #fd: number | null = null;
  #size = 0;
  /** One room for whatever is read: else each stretch leaves garbage behind. */
  #room = new ArrayBuffer(0);

  keep({ length, types, offset, about, id, kind }: Entries): KeptEntries {
    const kept = { at: this.#size, length, types };
    for (const part of [about, offset, id, kind]) this.#size += this.#put(part, this.#size);
    return kept;
  }

  /** Copies, to be changed at will until the next are asked for. */
  entries({ at, length, types }: KeptEntries): Entries {
    const size = kindsAt(length) + length;
    if (this.#room.byteLength < size) this.#room = new ArrayBuffer(2 * size);
    const bytes = this.#room;
    guarded(() => fill(this.#fd!, new Uint8Array(bytes, 0, size), 0, size, at));
    const about = new Float64Array(bytes, 0, length);
    const offset = new Uint32Array(bytes, about.byteLength, length + 1);
    const id = new Uint32Array(bytes, about.byteLength + offset.byteLength, length);
    const kind = new Uint8Array(bytes, kindsAt(length), length);
    return { length, types, offset, about, id, kind };
  }

  /** Keeps other kinds for them. */
  turn({ at, length }: KeptEntries, kind: Uint8Array): void {
    this.#put(kind, at + kindsAt(length));
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #put({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array | Uint8Array, at: number): number {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    guarded(() => {
      this.#fd ??= openTemporary();
      for (let put = 0; put < byteLength; ) put += writeSync(this.#fd, bytes, put, byteLength - put, at + put);
    });
    return byteLength;
  }
}

/** Where the kinds of so many entries begin: after the persons, the places and the ids. */
function kindsAt(length: number): number {
  return HASH * length + WORD * (2 * length + 1);
}

/** Who reads a feed takes a fault of the system for one of the feed's files; this is another file. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new Error('The temporary file of the scan cannot be written or read.', { cause });
  }
}
