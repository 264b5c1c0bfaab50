import type { Refused } from '../fhir/refusal.ts';

/** What became of everything that was read; nothing vanishes without a reason and a count. */
export interface Tally {
  read: number;
  accepted: number;
  ignored: number;
  quarantined: number;
  /** type → reason → count */
  ignoredBy: Map<string, Map<string, number>>;
  quarantinedBy: Map<string, number>;
  /** What the accepted ones did to the record. */
  changes: { added: number; updated: number; unchanged: number; stale: number; deleted: number };
}

export function emptyTally(): Tally {
  return {
    read: 0,
    accepted: 0,
    ignored: 0,
    quarantined: 0,
    ignoredBy: new Map(),
    quarantinedBy: new Map(),
    changes: { added: 0, updated: 0, unchanged: 0, stale: 0, deleted: 0 },
  };
}

export function ignored(tally: Tally, type: string, reason: string, count = 1): void {
  tally.read += count;
  tally.ignored += count;
  const reasons = tally.ignoredBy.get(type) ?? new Map<string, number>();
  tally.ignoredBy.set(type, reasons);
  reasons.set(reason, (reasons.get(reason) ?? 0) + count);
}

export function accepted(tally: Tally, change: keyof Tally['changes']): void {
  tally.read++;
  tally.accepted++;
  tally.changes[change]++;
}

export function quarantined(tally: Tally, refused: Refused): void {
  tally.read++;
  tally.quarantined++;
  tally.quarantinedBy.set(refused.reason, (tally.quarantinedBy.get(refused.reason) ?? 0) + 1);
}
