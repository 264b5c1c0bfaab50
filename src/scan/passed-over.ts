import { type Entries, isWaiting, kindOf } from './entries.ts';
import { HashSet } from './hash-set.ts';

/** Resources told of at a time: four bytes each. */
const SHARE = 1_000_000;

/**
 * What was passed over, in shares of whole people, so that little of it is held at a time.
 * @param all the entries of all stretches, asked for several times
 * @param taken whether a line is read after all
 */
export function* passedOverIn(
  all: readonly (() => Entries)[],
  taken: (entries: Entries, at: number) => boolean,
  share = SHARE,
): Generator<PassedOver> {
  let waiting = 0;
  for (const entries of all) {
    const given = entries();
    for (let at = 0; at < given.length; at++) if (isWaiting(kindOf(given, at))) waiting++;
  }
  const shares = Math.max(1, Math.ceil(waiting / share));
  for (let one = 0; one < shares; one++) yield new PassedOver(all, taken, (person) => person % shares === one);
}

/** Resources passed over, by the person they name: both as hashes, in typed arrays. */
export class PassedOver {
  #persons = new HashSet();
  /** Where the resources of the person in a slot begin; one more at the end. */
  #from = new Uint32Array(1);
  #resources = new Uint32Array(0);

  /** @param told whether resources of this person are told of */
  constructor(
    all: readonly (() => Entries)[],
    taken: (entries: Entries, at: number) => boolean,
    told: (person: number) => boolean,
  ) {
    const each = (found: (person: number, resource: number) => void) => {
      for (const given of all) {
        const entries = given();
        for (let at = 0; at < entries.length; at++) {
          const kind = kindOf(entries, at);
          if (!isWaiting(kind) || !told(entries.about[at]!) || taken(entries, at)) continue;
          found(entries.about[at]!, entries.id[at]!);
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
