import { type Entries, isWaiting, kindOf } from './entries.ts';
import { HashSet } from './hash-set.ts';

/** Resources passed over, by the person they name, a part of the people at a time: both as hashes, in typed arrays. */
export class PassedOver {
  #all: () => Iterable<Entries>;
  #isPassedOver: (entries: Entries, at: number) => boolean;
  #persons = new HashSet();
  /** Where the resources of the person in a slot begin; one more at the end. */
  #from = new Uint32Array(1);
  #resources = new Uint32Array(0);

  /**
   * @param all walks all entries
   * @param isPassedOver those that wait and were not taken, unless it says otherwise
   */
  constructor(all: () => Iterable<Entries>, isPassedOver: (entries: Entries, at: number) => boolean = waits) {
    this.#all = all;
    this.#isPassedOver = isPassedOver;
  }

  /** Takes up which of so many parts of the people, in the room of the one before: else each leaves megabytes behind. */
  takeUp(which: number, of: number): void {
    const each = (found: (person: number, resource: number) => void) => {
      for (const entries of this.#all()) {
        for (let at = 0; at < entries.length; at++) {
          const person = entries.about[at]!;
          if (this.#isPassedOver(entries, at) && person % of === which) found(person, entries.id[at]!);
        }
      }
    };
    const persons = new HashSet();
    each((person) => persons.add(person));
    const from = roomFor(this.#from, persons.slots + 1).fill(0);
    each((person) => from[persons.slotOf(person)]!++);
    // First where those of each slot end, then, one taken after the other, where they begin.
    for (let slot = 1; slot < from.length; slot++) from[slot]! += from[slot - 1]!;
    const resources = roomFor(this.#resources, from.at(-1)!);
    each((person, resource) => {
      resources[--from[persons.slotOf(person)]!] = resource;
    });
    [this.#persons, this.#from, this.#resources] = [persons, from, resources];
  }

  /** Those of a person: rising, some perhaps twice. */
  of(person: number): Uint32Array {
    if (!this.#persons.has(person)) return new Uint32Array(0);
    const slot = this.#persons.slotOf(person);
    return this.#resources.slice(this.#from[slot], this.#from[slot + 1]).sort();
  }

  /** Gives the room back at once: the collector would wait. */
  close(): void {
    for (const { buffer } of [this.#from, this.#resources]) buffer.transfer(0);
  }
}

const waits = (entries: Entries, at: number): boolean => isWaiting(kindOf(entries, at));

function roomFor(room: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  return room.buffer.byteLength < length * room.BYTES_PER_ELEMENT
    ? new Uint32Array(length)
    : new Uint32Array(room.buffer, 0, length);
}
