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

/** One study of a scan: whose lines it reads, and how it counts. */
export interface Scanned {
  candidates: Candidates;
  tally: Tally;
}

/**
 * Settles which of the lines that wait are read, for any study: known only once every line that names a candidate is
 * known. The others are counted, by each study, as passed over.
 * @returns how many each study passes over
 */
export function settleTaken(
  scanned: readonly ScannedFile[],
  lines: EntryFile,
  studies: readonly Scanned[],
): readonly number[] {
  for (const entries of entriesOf(scanned, lines)) {
    for (let at = 0; at < entries.length; at++) {
      if (!isWaiting(kindOf(entries, at))) continue;
      for (const { candidates } of studies)
        if (candidates.names(entries.about[at]!)) candidates.held.add(entries.id[at]!);
    }
  }
  const passed = studies.map(() => 0);
  for (const { stretches } of scanned) {
    for (const { kept } of stretches) {
      const entries = lines.entries(kept);
      for (const [study, { candidates, tally }] of studies.entries())
        passed[study]! += countPassedOver(entries, candidates, tally);
      for (let at = 0; at < entries.length; at++) {
        if (!isWaiting(kindOf(entries, at))) continue;
        const [person, resource] = [entries.about[at]!, entries.id[at]!];
        if (studies.some(({ candidates }) => candidates.takes(person, resource))) entries.kind[at] = KIND.taken;
      }
      lines.turn(kept, entries.kind);
    }
  }
  return passed;
}

/** Whether a study passes an entry over: nobody reads it, or other studies alone. */
export function isPassedOver(entries: Entries, at: number, candidates: Candidates): boolean {
  const kind = kindOf(entries, at);
  return isWaiting(kind) || (kind === KIND.taken && !candidates.takes(entries.about[at]!, entries.id[at]!));
}

/** Counts what a study passes over before it is settled what others take. @returns how many it is but for types */
function countPassedOver(entries: Entries, candidates: Candidates, tally: Tally): number {
  const counts = [new Uint32Array(entries.types.length), new Uint32Array(entries.types.length)] as const;
  for (let at = 0; at < entries.length; at++) {
    const kind = kindOf(entries, at);
    if (kind === KIND.unneeded) counts[0][placeOf(entries, at)]!++;
    else if (isWaiting(kind) && !candidates.takes(entries.about[at]!, entries.id[at]!))
      counts[1][placeOf(entries, at)]!++;
  }
  for (const [place, type] of entries.types.entries()) {
    if (counts[0][place]! > 0) ignored(tally, type, 'type-not-needed', counts[0][place]);
    if (counts[1][place]! > 0) ignored(tally, type, PASSED_OVER, counts[1][place]);
  }
  return counts[1].reduce((sum, count) => sum + count, 0);
}
