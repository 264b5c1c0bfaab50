/** Equal things with how many people they concern, counted as they come. */
export class Counted<T extends object> {
  #counts = new Map<string, { thing: T; people: number }>();

  add(thing: T): void {
    const key = JSON.stringify(thing);
    const known = this.#counts.get(key);
    if (known) known.people++;
    else this.#counts.set(key, { thing, people: 1 });
  }

  /** The people whom a thing concerns. */
  of(thing: T): number {
    return this.#counts.get(JSON.stringify(thing))?.people ?? 0;
  }

  /** The most first; in an order that does not depend on that in which they came. */
  all(): (T & { people: number })[] {
    return [...this.#counts]
      .sort(([a, one], [b, two]) => two.people - one.people || (a < b ? -1 : 1))
      .map(([, { thing, people }]) => ({ ...thing, people }));
  }
}
