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

/** Counts what the rules said of everybody's specimens, draws and events, one person after the other. */
export class CareTally {
  #deviations = new Map<string, number>();
  #holds = new Map<string, number>();
  #toDo = new Map<string, number>();
  #plain = { specimens: 0, quarantined: 0, events: 0, serious: 0 };

  add({ care, duties }: Pick<ScreenedSubject, 'care' | 'duties'>): void {
    for (const { deviations, holds, quarantined } of care.specimens.values()) {
      this.#plain.specimens++;
      if (quarantined) this.#plain.quarantined++;
      for (const { code } of deviations) count(this.#deviations, code);
      for (const { code } of holds) count(this.#holds, code);
    }
    for (const { deviation } of care.draws) if (deviation) count(this.#deviations, deviation.code);
    for (const { counts, serious } of care.events.values()) {
      if (counts) this.#plain.events++;
      if (counts && serious) this.#plain.serious++;
    }
    for (const { kind, state } of duties) if (state === 'open') count(this.#toDo, kind);
  }

  counts(): CareCounts {
    const { specimens, quarantined, events, serious } = this.#plain;
    return {
      specimens,
      deviations: byCode(this.#deviations),
      holds: byCode(this.#holds),
      quarantined,
      events,
      serious,
      toDo: byCode(this.#toDo),
    };
  }
}

function count(counts: Map<string, number>, code: string): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

const byCode = (counts: Map<string, number>): Record<string, number> => Object.fromEntries([...counts].sort());
