import type { r4 } from '../../fhir/resource.ts';
import { spanOf } from '../../fhir/time.ts';
import type { Person } from '../cohort.ts';
import type { TableSettings } from '../load.ts';

/** Status of a ResearchSubject by where somebody stands: enrolled once, or never to be. */
const ENROLLED: ReadonlySet<string> = new Set([
  'on-study',
  'on-study-intervention',
  'on-study-observation',
  'follow-up',
  'off-study',
]);
const FAILED: ReadonlySet<string> = new Set(['ineligible', 'not-registered', 'withdrawn']);

export function isEnrolled({ subject }: Person): boolean {
  return subject !== null && ENROLLED.has(subject.status);
}

/** Consented, and neither enrolled nor any more on the way there. */
export function isScreenFailure({ subject }: Person): boolean {
  return subject !== null && FAILED.has(subject.status);
}

/** Begins every record of a person: USUBJID is the study and the pseudonym, which stays when a number is given. */
export function identified(person: Person, settings: TableSettings, domain: string) {
  return { STUDYID: settings.studyId, DOMAIN: domain, USUBJID: subjectName(person, settings) };
}

export function subjectName(person: Person, { studyId }: TableSettings): string {
  return `${studyId}-${person.id}`;
}

/** Consents that were given, the earliest first; refused ones are none. */
export function consentsGiven(person: Person, { timezone }: TableSettings): r4.Consent[] {
  const given = person.of('Consent').filter(({ status }) => status === 'active' || status === 'inactive');
  const at = ({ dateTime }: r4.Consent) => (dateTime ? (spanOf(dateTime, timezone)?.start ?? Infinity) : Infinity);
  return [...given].sort((a, b) => at(a) - at(b) || ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
}
