/**
 * All texts in one tree that is walked once over the input, whatever their number (Aho and Corasick 1975). Nodes lie in
 * typed arrays, children as lists; the root, where the walk is nearly always, answers from a table.
 */
export class ScanTree {
  readonly #root = new Int32Array(0x10000);
  readonly #unit: Uint16Array;
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #fail: Int32Array;
  /** Index of the text that ends here and 1; 0 for none. */
  readonly #text: Int32Array;
  /** The next node on the way of failure at which a text ends. */
  readonly #shorter: Int32Array;
  #size = 1;

  constructor(texts: readonly string[]) {
    const most = texts.reduce((sum, text) => sum + text.length, 1);
    this.#unit = new Uint16Array(most);
    this.#child = new Int32Array(most);
    this.#sibling = new Int32Array(most);
    this.#fail = new Int32Array(most);
    this.#text = new Int32Array(most);
    this.#shorter = new Int32Array(most);
    for (const [index, text] of texts.entries()) this.#text[this.#insert(text)] = index + 1;
    this.#link();
  }

  /** Tells of every text that ends in a unit: the index of the text, and of its last unit. */
  walk(units: Uint16Array, length: number, tell: (text: number, last: number) => void): void {
    let node = 0;
    for (let at = 0; at < length; at++) {
      node = this.#step(node, units[at]!);
      if (node === 0) continue;
      let end = this.#text[node] ? node : this.#shorter[node]!;
      for (; end !== 0; end = this.#shorter[end]!) tell(this.#text[end]! - 1, at);
    }
  }

  #insert(text: string): number {
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      node = this.#childOf(node, unit) || this.#add(node, unit);
    }
    return node;
  }

  #add(parent: number, unit: number): number {
    const node = this.#size++;
    this.#unit[node] = unit;
    if (parent === 0) this.#root[unit] = node;
    this.#sibling[node] = this.#child[parent]!;
    this.#child[parent] = node;
    return node;
  }

  #childOf(node: number, unit: number): number {
    if (node === 0) return this.#root[unit]!;
    let child = this.#child[node]!;
    while (child !== 0 && this.#unit[child] !== unit) child = this.#sibling[child]!;
    return child;
  }

  #step(from: number, unit: number): number {
    for (let node = from; node !== 0; node = this.#fail[node]!) {
      const child = this.#childOf(node, unit);
      if (child !== 0) return child;
    }
    return this.#root[unit]!;
  }

  /** Breadth first: whatever a node may fail to is nearer to the root, and linked before. */
  #link(): void {
    const queue = [0];
    for (const node of queue) {
      for (let child = this.#child[node]!; child !== 0; child = this.#sibling[child]!) {
        queue.push(child);
        if (node === 0) continue;
        const fail = this.#step(this.#fail[node]!, this.#unit[child]!);
        this.#fail[child] = fail;
        this.#shorter[child] = this.#text[fail] ? fail : this.#shorter[fail]!;
      }
    }
  }
}
