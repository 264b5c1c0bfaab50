import type { ScreenedSubject } from '../pipeline/screen.ts';
import { CareTally } from './care-counts.ts';
import { Counted } from './counted.ts';
import type { WorklistRow } from './worklist.ts';

/** Reason of those whose evidence was taken back: they have a bin of their own. */
const RETRACTED = 'evidence-retracted';

/** Something that would settle a criterion, whomever it concerns. */
interface Open {
  criterion: string;
  what: string;
  standing: string;
  zh: string;
  en: string;
}

/** What `summary.json` counts of subjects, one after the other; nothing depends on their order. */
export class SubjectCounts {
  subjects = 0;
  retracted = 0;
  /** Status → people, without those counted as retracted. */
  readonly statuses = new Map<string, number>();
  readonly reasons = new Counted<{ status: string; reason: string }>();
  readonly groups = new Counted<{ group: string; stratum: string | null }>();
  /** The same of those who are eligible. */
  readonly eligible = new Counted<{ group: string; stratum: string | null }>();
  readonly flags = new Counted<{ flag: string }>();
  readonly missing = new Counted<Open>();
  readonly care = new CareTally();

  add({ status, reason, group, stratum, flags, criteria }: WorklistRow, found: ScreenedSubject): void {
    this.subjects++;
    if (reason === RETRACTED) this.retracted++;
    else this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (reason) this.reasons.add({ status, reason });
    if (group) this.groups.add({ group, stratum });
    if (group && status === 'eligible') this.eligible.add({ group, stratum });
    for (const flag of flags) this.flags.add({ flag });
    for (const { id, missing } of criteria) {
      for (const { what, standing, zh, en } of missing ?? [])
        this.missing.add({ criterion: id, what, standing, zh: undecidedOf(zh), en: undecidedOf(en) });
    }
    this.care.add(found);
  }
}

/** A to-do about one resource is counted with those about others: the reference in brackets goes. */
function undecidedOf(words: string): string {
  return words.replace(/ ?[（(][A-Z][A-Za-z]+\/[^（(]*[)）]$/, '');
}
