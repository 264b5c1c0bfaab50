import { type Entries, isWaiting, KIND, kindOf, placeOf } from '../scan/entries.ts';
import type { EntryFile } from '../scan/entry-file.ts';
import { anyOf, type Candidates } from './candidates.ts';
import type { ScannedFile } from './readings.ts';
import { ignored, type Tally } from './tally.ts';

/** Reason under which lines are counted that were passed over because nothing of the study is known of their person. */
export const PASSED_OVER = 'person-without-evidence';

/** Every entry of the scanned files, stretch by stretch. */
export function* entriesOf(scanned: readonly ScannedFile[], lines: EntryFile): Generator<Entries> {
  for (const { stretches } of scanned) for (const { kept } of stretches) yield lines.entries(kept);
}

/** One study of a scan: whose lines it reads, and how it counts. */
export interface ScanningStudy {
  candidates: Candidates;
  tally: Tally;
}

/** How many lines that waited were passed over. */
export interface Settled {
  /** By all studies. */
  byAll: number;
  /** By each study, while another takes them. */
  byOne: readonly number[];
}

/**
 * Settles which of the lines that wait are read, for any study: known only once every line that names a candidate is
 * known. The others are counted, by each study, as passed over.
 */
export function settleTaken(
  scanned: readonly ScannedFile[],
  lines: EntryFile,
  studies: readonly ScanningStudy[],
): Settled {
  // Most lines are nobody's: they are asked about once, however many studies there are.
  const any = anyOf(studies.map(({ candidates }) => candidates));
  for (const entries of entriesOf(scanned, lines)) {
    for (let at = 0; at < entries.length; at++) {
      const person = entries.about[at]!;
      if (!isWaiting(kindOf(entries, at)) || !any.names(person)) continue;
      any.held.add(entries.id[at]!);
      for (const { candidates } of studies) if (candidates.names(person)) candidates.held.add(entries.id[at]!);
    }
  }
  const settled = { byAll: 0, byOne: studies.map(() => 0) };
  for (const { stretches } of scanned) {
    for (const { kept } of stretches) {
      const entries = lines.entries(kept);
      settle(entries, studies, any, settled);
      lines.turn(kept, entries.kind);
    }
  }
  return settled;
}

/** Settles, and counts, the entries of a stretch. */
function settle(
  entries: Entries,
  studies: readonly ScanningStudy[],
  any: Pick<Candidates, 'takes'>,
  settled: { byAll: number; byOne: number[] },
): void {
  const counts = () => new Uint32Array(entries.types.length);
  const [unneeded, byAll, byOne] = [counts(), counts(), studies.map(counts)];
  for (let at = 0; at < entries.length; at++) {
    const [kind, place] = [kindOf(entries, at), placeOf(entries, at)];
    const [person, resource] = [entries.about[at]!, entries.id[at]!];
    if (kind === KIND.unneeded) unneeded[place]!++;
    else if (isWaiting(kind) && !any.takes(person, resource)) byAll[place]!++;
    else if (isWaiting(kind)) {
      for (let study = 0; study < studies.length; study++)
        if (!studies[study]!.candidates.takes(person, resource)) byOne[study]![place]!++;
      entries.kind[at] = KIND.taken;
    }
  }
  const sum = (of: Uint32Array) => of.reduce((all, one) => all + one, 0);
  settled.byAll += sum(byAll);
  for (const [study, { tally }] of studies.entries()) {
    settled.byOne[study]! += sum(byOne[study]!);
    for (const [place, type] of entries.types.entries()) {
      const passed = byAll[place]! + byOne[study]![place]!;
      if (unneeded[place]! > 0) ignored(tally, type, 'type-not-needed', unneeded[place]);
      if (passed > 0) ignored(tally, type, PASSED_OVER, passed);
    }
  }
}

/** Whether an entry is read, but not by this study. */
export function isOfOthers(entries: Entries, at: number, candidates: Candidates): boolean {
  return kindOf(entries, at) === KIND.taken && !candidates.takes(entries.about[at]!, entries.id[at]!);
}
