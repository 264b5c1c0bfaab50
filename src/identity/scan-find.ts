import type { IdentifierKind } from './identifiers-of.ts';
import type { Pattern } from './scan-pattern.ts';
import { ScanTree } from './scan-tree.ts';
import { emptyView, mayEscape, readUtf8, readUtf16, type View } from './scan-view.ts';

/** One find in a stretch of bytes: where it begins and ends. */
export interface Found {
  offset: number;
  end: number;
  kind: IdentifierKind;
  form: 'plain' | 'escaped' | 'utf-16';
}

/** The part of a stretch in which finds count, by their first byte: pieces overlap, and each find counts once. */
export interface Stretch {
  bytes: Uint8Array;
  from: number;
  to: number;
  /** The byte order mark of UTF-16 at the head of the content. */
  mark: 'little' | 'big' | null;
}

/** Reads a stretch of bytes in every way it may be meant, and finds patterns in each. */
export class Finder {
  readonly #patterns: readonly Pattern[];
  readonly #tree: ScanTree;
  #view: View = emptyView(0);

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
    this.#tree = new ScanTree(patterns.map(({ text }) => text));
  }

  /** An identifier that two readings show is told once. */
  find(stretch: Stretch, encodings: 'utf-8' | 'any' = 'any'): Found[] {
    const { bytes, mark } = stretch;
    if (this.#view.bytes < bytes.length) this.#view = emptyView(bytes.length);
    const view = this.#view;
    const found = new Map<string, Found>();
    readUtf8(bytes, view, false);
    this.#collect(stretch, 'plain', false, found);
    if (mayEscape(bytes)) {
      readUtf8(bytes, view, true);
      this.#collect(stretch, 'escaped', false, found);
    }
    for (const from of encodings === 'any' ? [0, 1] : []) {
      for (const order of ['little', 'big'] as const) {
        readUtf16(bytes, view, from, order === 'little');
        this.#collect(stretch, 'utf-16', mark !== order, found);
      }
    }
    return widest([...found.values()]);
  }

  #collect({ from, to }: Stretch, form: Found['form'], doubtful: boolean, into: Map<string, Found>): void {
    const { units, starts, ends, length } = this.#view;
    this.#tree.walk(units, length, (index, last) => {
      const { kind, text, alone, faint } = this.#patterns[index]!;
      const first = last - text.length + 1;
      const offset = starts[first]!;
      if (offset < from || offset >= to) return;
      if (alone && ((first > 0 && isWord(units[first - 1]!)) || (last + 1 < length && isWord(units[last + 1]!))))
        return;
      if (faint && doubtful && !isAmidText(this.#view, first, last)) return;
      // Latin letters in UTF-16 read the same one byte further on in the other order.
      const near = form === 'utf-16' ? [offset - 1, offset, offset + 1] : [offset];
      if (near.some((at) => into.has(`${at} ${index}`))) return;
      into.set(`${offset} ${index}`, { offset, end: ends[last]!, kind, form });
    });
  }
}

/** In the order of the bytes, without what lies inside another find of its kind (a number within the same, written longer). */
function widest(found: Found[]): Found[] {
  const reached = new Map<IdentifierKind, number>();
  return found
    .sort((a, b) => a.offset - b.offset || b.end - a.end)
    .filter(({ kind, end }) => {
      const inside = (reached.get(kind) ?? 0) >= end;
      if (!inside) reached.set(kind, end);
      return !inside;
    });
}

function isWord(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

const NEAR = 8;

/** Real UTF-16 has ASCII in it (quotes, commas, line ends); ASCII read as UTF-16 never looks like ASCII. */
function isAmidText({ units, length }: View, first: number, last: number): boolean {
  for (let at = Math.max(0, first - NEAR); at < Math.min(length, last + 1 + NEAR); at++) {
    if ((units[at]! >= 0x20 && units[at]! < 0x7f) || units[at] === 0x0a || units[at] === 0x0d) return true;
  }
  return false;
}
