import { VERDICT } from './verdicts.ts';

/** What was released of one person: `Type/<id of ours>`, `Verdict/<criterion>` → version on our side, and a digest of what was shown. */
export type Shown = Readonly<Record<string, readonly [version: number, digest: string]>>;

export type DiffCause = 'new' | 'changed' | 'correction' | 'withdrawn' | 'agreement';
export interface PersonDiff {
  subject: string;
  /** Participant number; null before enrolment. */
  participant: string | null;
  causes: DiffCause[];
  added: number;
  altered: number;
  removed: number;
}

export interface DiffPerson {
  participant: string | null;
  shown: Shown;
  /** What their consent does not cover, by name. */
  withheld: ReadonlySet<string>;
}

export interface DiffSide {
  people: ReadonlyMap<string, DiffPerson>;
  /** Resource types that were agreed. */
  types: ReadonlySet<string>;
}

/** In these what is new is the way of things; in all others, what was released is no longer so. */
const MOVES_ON = new Set(['ResearchSubject', 'Consent', VERDICT]);

const ORDER: readonly DiffCause[] = ['new', 'changed', 'correction', 'withdrawn', 'agreement'];

/**
 * What changed between two releases, person by person in the order of subjects; who did not change is not named.
 * @param gone why somebody of the first is not in the second: the consent, or what was agreed; else it is a correction
 */
export function diffOf(
  before: DiffSide,
  after: DiffSide,
  gone: (subject: string) => 'withdrawn' | 'agreement' | 'correction',
): PersonDiff[] {
  const subjects = [...new Set([...before.people.keys(), ...after.people.keys()])].sort();
  return subjects.flatMap((subject) => {
    const [was, is] = [before.people.get(subject), after.people.get(subject)];
    const participant = is?.participant ?? was?.participant ?? null;
    const count = (shown: Shown) => Object.keys(shown).length;
    const base = { subject, participant, added: 0, altered: 0, removed: 0 };
    if (!was) return [{ ...base, causes: ['new'], added: count(is!.shown) }];
    if (!is) return [{ ...base, causes: [gone(subject)], removed: count(was.shown) }];
    const found = compared(was, is, before, after);
    return found.causes.length > 0 ? [{ ...base, ...found }] : [];
  });
}

function compared(was: DiffPerson, is: DiffPerson, before: DiffSide, after: DiffSide) {
  const causes = new Set<DiffCause>();
  let [added, altered, removed] = [0, 0, 0];
  for (const name of new Set([...Object.keys(was.shown), ...Object.keys(is.shown)])) {
    const type = name.split('/')[0]!;
    const [old, now] = [was.shown[name], is.shown[name]];
    if (old && now && old[1] === now[1]) continue;
    if (!old) {
      added++;
      causes.add(before.types.has(type) ? 'changed' : 'agreement');
    } else if (!now) {
      removed++;
      if (!after.types.has(type)) causes.add('agreement');
      else causes.add(is.withheld.has(name) ? 'withdrawn' : 'correction');
    } else {
      altered++;
      // The same version shown in another way: what was agreed has changed, not the person.
      causes.add(old[0] === now[0] ? 'agreement' : MOVES_ON.has(type) ? 'changed' : 'correction');
    }
  }
  return { causes: ORDER.filter((cause) => causes.has(cause)), added, altered, removed };
}
