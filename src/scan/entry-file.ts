import { closeSync, readSync, writeSync } from 'node:fs';
import { openTemporary } from '../operations/temporary-file.ts';
import type { Entries } from './entries.ts';

/** Where the entries of a stretch are kept. */
export interface KeptEntries {
  at: number;
  length: number;
  types: string[];
}

const WORD = Uint32Array.BYTES_PER_ELEMENT;

/**
 * The entries of a feed between its readings, thirteen bytes a line, in a temporary file: memory does not grow with the
 * feed. A fault of the disk throws, and is none of the feed's.
 */
export class EntryFile {
  #fd: number | null = null;
  #size = 0;

  keep({ length, types, offset, about, id, kind }: Entries): KeptEntries {
    const kept = { at: this.#size, length, types };
    for (const part of [offset, about, id, kind]) this.#size += this.#put(part, this.#size);
    return kept;
  }

  /** Copies, to be changed at will. */
  entries({ at, length, types }: KeptEntries): Entries {
    const bytes = new ArrayBuffer(WORD * (3 * length + 1) + length);
    this.#fill(new Uint8Array(bytes), at);
    const offset = new Uint32Array(bytes, 0, length + 1);
    const about = new Uint32Array(bytes, offset.byteLength, length);
    const id = new Uint32Array(bytes, offset.byteLength + about.byteLength, length);
    const kind = new Uint8Array(bytes, offset.byteLength + 2 * about.byteLength, length);
    return { length, types, offset, about, id, kind };
  }

  /** Keeps other kinds for them. */
  turn({ at, length }: KeptEntries, kind: Uint8Array): void {
    this.#put(kind, at + WORD * (3 * length + 1));
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #put({ buffer, byteOffset, byteLength }: Uint32Array | Uint8Array, at: number): number {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    guarded(() => {
      this.#fd ??= openTemporary();
      for (let put = 0; put < byteLength; ) put += writeSync(this.#fd, bytes, put, byteLength - put, at + put);
    });
    return byteLength;
  }

  #fill(bytes: Uint8Array, at: number): void {
    guarded(() => {
      for (let held = 0; held < bytes.length; ) {
        const count = readSync(this.#fd!, bytes, held, bytes.length - held, at + held);
        if (count === 0) throw new Error('it has become shorter');
        held += count;
      }
    });
  }
}

/** Who reads a feed takes a fault of the system for one of the feed's files; this is another file. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new Error('The temporary file of the scan cannot be written or read.', { cause });
  }
}
