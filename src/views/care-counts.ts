import type { ScreenedSubject } from '../pipeline/screen.ts';

/** Counts of `summary.json` about specimens and adverse events; no identifiers. */
export interface CareCounts {
  /** Specimens of the study. */
  specimens: number;
  /** Code of a deviation → specimens and participants that have it, accepted ones too. */
  deviations: Record<string, number>;
  /** Code of a hold → specimens. */
  holds: Record<string, number>;
  quarantined: number;
  events: number;
  serious: number;
  /** What is open, by what it is. */
  toDo: Record<string, number>;
}

/** Counts what the rules said of everybody's specimens, draws and events. */
export function careCounts(subjects: readonly Pick<ScreenedSubject, 'care' | 'duties'>[]): CareCounts {
  const specimens = subjects.flatMap(({ care }) => [...care.specimens.values()]);
  const events = subjects.flatMap(({ care }) => [...care.events.values()]).filter(({ counts }) => counts);
  const missed = subjects.flatMap(({ care }) => care.draws.flatMap(({ deviation }) => deviation ?? []));
  const open = subjects.flatMap(({ duties }) => duties).filter(({ state }) => state === 'open');
  return {
    specimens: specimens.length,
    deviations: counted([...specimens.flatMap(({ deviations }) => deviations), ...missed].map(({ code }) => code)),
    holds: counted(specimens.flatMap(({ holds }) => holds).map(({ code }) => code)),
    quarantined: specimens.filter(({ quarantined }) => quarantined).length,
    events: events.length,
    serious: events.filter(({ serious }) => serious).length,
    toDo: counted(open.map(({ kind }) => kind)),
  };
}

function counted(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes.toSorted()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
