import type { ScanPlan } from './plan.ts';
import { type Scanned, type Stretch, StretchScanner } from './stretch.ts';
import type { PhraseMeaning } from './together.ts';

/** What scans stretches of files: this thread, or others. */
export interface Scanning {
  /** How many stretches it works on at once. When that is one, what was found is good until the next is asked for. */
  width: number;
  scan(stretch: Stretch): Promise<Scanned>;
  close(): Promise<void>;
}

/** Scans in this thread. */
export function scanHere(plan: ScanPlan, meaning: PhraseMeaning): Scanning {
  const scanner = new StretchScanner(plan, (phrases) => phrases.map((phrase) => meaning.of(phrase)));
  return { width: 1, scan: (stretch) => scanner.scan(stretch), close: async () => {} };
}

/** Bytes of a stretch: long enough that starting one costs nothing, short enough that several fit into a small feed. */
export const STRETCH = 8 * 1024 * 1024;

/** The stretches of a file in order, some being scanned ahead of the one that is asked for. */
export async function* scannedIn(
  scanning: Scanning,
  fd: number,
  size: number,
  stretch = STRETCH,
): AsyncGenerator<Scanned> {
  const begun: Promise<Scanned>[] = [];
  try {
    for (let at = 0; at < size || begun.length > 0; ) {
      for (; at < size && begun.length < scanning.width; at += stretch)
        begun.push(scanning.scan({ fd, from: at, to: Math.min(at + stretch, size), size }));
      yield await begun.shift()!;
    }
  } finally {
    // Who stops early does not wait for the rest, and a fault in it is nobody's any more.
    for (const one of begun) one.catch(() => {});
  }
}
