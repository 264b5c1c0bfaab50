/** Hashes (up to 53 bits, never 0) in a typed array: nothing for the collector to walk. */
export class HashSet {
  size = 0;
  #slots = new Float64Array(1024);

  add(hash: number): void {
    const at = this.slotOf(hash);
    if (this.#slots[at] === hash) return;
    this.#slots[at] = hash;
    this.size++;
    if (this.size * 2 > this.#slots.length) this.#grow();
  }

  has(hash: number): boolean {
    return this.#slots[this.slotOf(hash)] === hash;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const hash of this.#slots) if (hash !== 0) yield hash;
  }

  get slots(): number {
    return this.#slots.length;
  }

  /** The slot that holds the hash, or the free one where it belongs; it stays until more are added. */
  slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    let at = hash & mask;
    while (this.#slots[at] !== 0 && this.#slots[at] !== hash) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(before.length * 2);
    for (const hash of before) if (hash !== 0) this.#slots[this.slotOf(hash)] = hash;
  }
}
