/** What the scan says of a line. */
export const KIND = {
  /** A line, or several, for the reader of feeds: no plain line of one resource, or of a type that is always read. */
  read: 0,
  /** A type that no study keeps. */
  unneeded: 1,
  /** Read when it names a candidate, somebody unknown, or a resource that is held; passed over if not. */
  waiting: 2,
  /** The same, and whom it names is a candidate. */
  evidence: 3,
  /** It was taken over by a document that began above it. */
  done: 4,
  /** It waited, and is read in the second reading. */
  taken: 5,
} as const;

/** The lines of a stretch of a file in typed arrays, in order: seventeen bytes a line. */
export interface Entries {
  length: number;
  /** Where each begins, from the beginning of the stretch; one more at the end. */
  offset: Uint32Array;
  /** `KIND`, and from the fourth bit on the place of its type in `types`. */
  kind: Uint8Array;
  /** Of `read` the number of lines it spans; of `waiting` and `evidence` the hash of the person. */
  about: Float64Array;
  /** Of `waiting` and `evidence` the hash of the resource. */
  id: Uint32Array;
  types: string[];
}

export const kindOf = (entries: Entries, at: number): number => entries.kind[at]! & 7;
/** The place of its type in `types`. */
export const placeOf = (entries: Entries, at: number): number => entries.kind[at]! >> 3;
/** Whether it is known only later that it is read. */
export const isWaiting = (kind: number): boolean => kind === KIND.waiting || kind === KIND.evidence;

/** More types than any feed has: what is beyond is read. */
const MOST_TYPES = 31;
const BLANK = '';

/** Puts the entries of one stretch after the other together, in the same room. */
export class EntryList {
  types = [BLANK];
  length = 0;
  #offset = new Uint32Array(256);
  #kind = new Uint8Array(256);
  #about = new Float64Array(256);
  #id = new Uint32Array(256);

  /** From here on the entries of another stretch. */
  begin(): void {
    [this.types, this.length] = [[BLANK], 0];
  }

  /** The place of a type; 0 when there is no more room. */
  typeAt(type: string): number {
    const found = this.types.indexOf(type);
    if (found >= 0) return found;
    return this.types.length > MOST_TYPES ? 0 : this.types.push(type) - 1;
  }

  /** A line that is to be read; lines of this kind in a row are one entry, at most `MOST_LINES` long. */
  read(offset: number): void {
    const last = this.length - 1;
    if (last >= 0 && this.#kind[last] === KIND.read && this.#about[last]! < MOST_LINES) this.#about[last]!++;
    else this.add(offset, KIND.read, 0, 1, 0);
  }

  add(offset: number, kind: number, type: number, about: number, id: number): void {
    const at = this.length++;
    if (this.length >= this.#offset.length) this.#grow();
    this.#offset[at] = offset;
    this.#kind[at] = kind | (type << 3);
    this.#about[at] = about;
    this.#id[at] = id;
  }

  /** Tells more of an entry that waits: what is to be read stays so. */
  turn(at: number, kind: number): void {
    if ((this.#kind[at]! & 7) === KIND.read) return;
    this.#kind[at] = (this.#kind[at]! & ~7) | kind;
    if (kind === KIND.read) this.#about[at] = 1;
  }

  /**
   * What was put together, good until the next stretch begins.
   * @param end where the stretch ends
   */
  done(end: number): Entries {
    this.#offset[this.length] = end;
    const { length, types } = this;
    return {
      length,
      types,
      offset: this.#offset.subarray(0, length + 1),
      kind: this.#kind.subarray(0, length),
      about: this.#about.subarray(0, length),
      id: this.#id.subarray(0, length),
    };
  }

  #grow(): void {
    const more = <T extends Uint32Array | Float64Array | Uint8Array>(old: T, grown: T): T => {
      grown.set(old);
      return grown;
    };
    const size = this.#offset.length * 2;
    this.#offset = more(this.#offset, new Uint32Array(size));
    this.#kind = more(this.#kind, new Uint8Array(size));
    this.#about = more(this.#about, new Float64Array(size));
    this.#id = more(this.#id, new Uint32Array(size));
  }
}

/** Lines read at a time. */
const MOST_LINES = 200;
