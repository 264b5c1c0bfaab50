import { type Entries, isWaiting, kindOf } from './entries.ts';
import { HashSet } from './hash-set.ts';

/** Resources passed over, by the person they name, of a part of the people: both as hashes, in typed arrays. */
export class PassedOver {
  #persons = new HashSet();
  /** Where the resources of the person in a slot begin; one more at the end. */
  #from = new Uint32Array(1);
  #resources = new Uint32Array(0);

  /**
   * @param all walks all entries
   * @param part of how many parts of the people this is which
   * @param isPassedOver those that wait and were not taken, unless it says otherwise
   */
  constructor(
    all: () => Iterable<Entries>,
    part: { which: number; of: number },
    isPassedOver: (entries: Entries, at: number) => boolean = waits,
  ) {
    const each = (found: (person: number, resource: number) => void) => {
      for (const entries of all()) {
        for (let at = 0; at < entries.length; at++) {
          const person = entries.about[at]!;
          if (isPassedOver(entries, at) && person % part.of === part.which) found(person, entries.id[at]!);
        }
      }
    };
    each((person) => this.#persons.add(person));
    this.#from = new Uint32Array(this.#persons.slots + 1);
    each((person) => this.#from[this.#persons.slotOf(person) + 1]!++);
    for (let slot = 1; slot < this.#from.length; slot++) this.#from[slot]! += this.#from[slot - 1]!;
    this.#resources = new Uint32Array(this.#from.at(-1)!);
    const next = this.#from.slice();
    each((person, resource) => {
      this.#resources[next[this.#persons.slotOf(person)]!++] = resource;
    });
  }

  /** Those of a person: rising, some perhaps twice. */
  of(person: number): Uint32Array {
    if (!this.#persons.has(person)) return new Uint32Array(0);
    const slot = this.#persons.slotOf(person);
    return this.#resources.slice(this.#from[slot], this.#from[slot + 1]).sort();
  }
}

const waits = (entries: Entries, at: number): boolean => isWaiting(kindOf(entries, at));
