import { type Entries, isWaiting, KIND, kindOf, placeOf } from '../scan/entries.ts';
import type { EntryFile } from '../scan/entry-file.ts';
import type { Candidates } from './candidates.ts';
import type { ScannedFile } from './readings.ts';
import { ignored, type Tally } from './tally.ts';

/** Reason under which lines are counted that were passed over because nothing of the study is known of their person. */
export const PASSED_OVER = 'person-without-evidence';

/** Every entry of the scanned files, stretch by stretch. */
export function* entriesOf(scanned: readonly ScannedFile[], lines: EntryFile): Generator<Entries> {
  for (const { stretches } of scanned) for (const { kept } of stretches) yield lines.entries(kept);
}

/**
 * Settles which of the lines that wait are read: known only once every line that names a candidate is known. The others
 * are counted as passed over.
 * @returns how many were
 */
export function settleTaken(
  scanned: readonly ScannedFile[],
  lines: EntryFile,
  { people, patients, held }: Candidates,
  tally: Tally,
): number {
  const names = (person: number) => people.has(person) || !patients.has(person);
  for (const entries of entriesOf(scanned, lines)) {
    for (let at = 0; at < entries.length; at++) {
      if (isWaiting(kindOf(entries, at)) && names(entries.about[at]!)) held.add(entries.id[at]!);
    }
  }
  let passed = 0;
  for (const { stretches } of scanned) {
    for (const { kept } of stretches) {
      const entries = lines.entries(kept);
      for (let at = 0; at < entries.length; at++) {
        if (!isWaiting(kindOf(entries, at))) continue;
        if (names(entries.about[at]!) || held.has(entries.id[at]!)) entries.kind[at] = KIND.taken;
        else passed++;
      }
      lines.turn(kept, entries.kind);
      countPassedOver(entries, tally);
    }
  }
  return passed;
}

function countPassedOver(entries: Entries, tally: Tally): void {
  const counts = [new Uint32Array(entries.types.length), new Uint32Array(entries.types.length)] as const;
  for (let at = 0; at < entries.length; at++) {
    const kind = kindOf(entries, at);
    if (kind === KIND.unneeded) counts[0][placeOf(entries, at)]!++;
    else if (isWaiting(kind)) counts[1][placeOf(entries, at)]!++;
  }
  for (const [place, type] of entries.types.entries()) {
    if (counts[0][place]! > 0) ignored(tally, type, 'type-not-needed', counts[0][place]);
    if (counts[1][place]! > 0) ignored(tally, type, PASSED_OVER, counts[1][place]);
  }
}
