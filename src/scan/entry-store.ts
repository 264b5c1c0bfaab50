import { closeSync, readSync, writeSync } from 'node:fs';
import type { Entries } from './entries.ts';

/** Bytes of entries that are held; a feed of 60 MB has about as many. */
const MOST_HELD = 1024 * 1024;

/** The entries of all stretches of a feed: the first megabyte in memory, the rest in a file. */
export class EntryStore {
  #makeFile: () => number;
  #fd: number | null = null;
  #size = 0;
  #held = 0;
  #most: number;
  #room = new ArrayBuffer(0);

  /**
   * @param makeFile opens an empty file for reading and writing; called when there is more than is held
   * @param most bytes that are held
   */
  constructor(makeFile: () => number, most = MOST_HELD) {
    [this.#makeFile, this.#most] = [makeFile, most];
  }

  /** Takes entries over. @returns what gives them back, each time; what it gives stands until the next are asked for */
  add(entries: Entries): () => Entries {
    const size = sizeOf(entries.length);
    if (this.#held + size <= this.#most) {
      this.#held += size;
      return () => entries;
    }
    const { length, types } = entries;
    let at: number;
    try {
      at = this.#write(entries);
    } catch {
      // No room for a file: then they are held.
      return () => entries;
    }
    return () => ({ length, types, ...this.#read(at, length) });
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(entries: Entries): number {
    const parts = partsOf(this.#roomFor(entries.length), entries.length);
    parts.offset.set(entries.offset);
    parts.about.set(entries.about);
    parts.id.set(entries.id);
    parts.kind.set(entries.kind);
    this.#fd ??= this.#makeFile();
    const size = sizeOf(entries.length);
    for (let done = 0; done < size; )
      done += writeSync(this.#fd, new Uint8Array(this.#room, done, size - done), 0, size - done, this.#size + done);
    this.#size += size;
    return this.#size - size;
  }

  #read(at: number, length: number): Pick<Entries, 'offset' | 'kind' | 'about' | 'id'> {
    const size = sizeOf(length);
    const into = new Uint8Array(this.#roomFor(length), 0, size);
    for (let done = 0; done < size; ) {
      const count = readSync(this.#fd!, into, done, size - done, at + done);
      if (count === 0) throw new Error('The file of entries has become shorter.');
      done += count;
    }
    return partsOf(this.#room, length);
  }

  #roomFor(length: number): ArrayBuffer {
    if (this.#room.byteLength < sizeOf(length)) this.#room = new ArrayBuffer(2 * sizeOf(length));
    return this.#room;
  }
}

function sizeOf(length: number): number {
  return 13 * length + 4;
}

/** The arrays of so many entries, one after the other. */
function partsOf(room: ArrayBuffer, length: number): Pick<Entries, 'offset' | 'kind' | 'about' | 'id'> {
  return {
    offset: new Uint32Array(room, 0, length + 1),
    about: new Uint32Array(room, 4 * length + 4, length),
    id: new Uint32Array(room, 8 * length + 4, length),
    kind: new Uint8Array(room, 12 * length + 4, length),
  };
}
