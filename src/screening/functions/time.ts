import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { type Days, monthsAfter, monthsBefore, yearsAfter, yearsBetween } from '../../fhir/time.ts';
import type { Session } from '../session.ts';

/** Nobody is older: bounds above it are no birthdays to wait for. */
const OLDEST = 120;

/** Those that nothing is certainly newer than; what carries no date is older than everything dated. */
export function newest(session: Session, resources: FhirResource[]): FhirResource[] {
  const dated = resources.filter((resource) => session.when(resource));
  if (dated.length === 0) return resources;
  const latest = Math.max(...dated.map((resource) => session.when(resource)!.start));
  return dated.filter((resource) => session.when(resource)!.end > latest);
}

/** Those that nothing is certainly older than; undated ones are left out when there are dated ones. */
export function oldest(session: Session, resources: FhirResource[]): FhirResource[] {
  const dated = resources.filter((resource) => session.when(resource));
  if (dated.length === 0) return resources;
  const earliest = Math.min(...dated.map((resource) => session.when(resource)!.end));
  return dated.filter((resource) => session.when(resource)!.start < earliest);
}

/** Whether a resource is of the days (`d`) or months (`mo`) before the anchor, or since: whole days, both ends included. */
export function within(session: Session, resource: FhirResource, amount: number, unit: string): boolean | [] {
  const days = session.days(resource);
  if (!days) return session.undecided(resource, 'date');
  const { days: anchor, from } = anchorOf(session);
  const back = (day: number) => (unit === 'mo' ? monthsBefore(day, amount) : day - amount);
  // A look-back from the present moves on; the resource leaves it on the day after its last.
  if (from === 'now') {
    for (const day of [days.first, days.last])
      session.turns((unit === 'mo' ? monthsAfter(day, amount) : day + amount) + 1);
  }
  if (days.last < back(anchor.first)) return false;
  return days.first < back(anchor.last) ? session.undecided(resource, 'date') : true;
}

/** Whether a resource is certainly newer than everything in the collection; nothing when that cannot be said. */
export function newerThan(session: Session, resource: FhirResource, others: FhirResource[]): boolean | [] {
  const own = session.when(resource);
  const spans = others.map((other) => session.when(other));
  if (!own) return session.undecided(resource, 'date');
  if (spans.every((span) => span && own.start >= span.end)) return true;
  return spans.some((span) => span && own.end <= span.start) ? false : session.undecided(resource, 'date');
}

/**
 * Whether something of the collection is dated on the same day or before; undated things count as older than all.
 * Nothing when partial dates leave it open.
 */
export function notBefore(session: Session, resource: FhirResource, others: FhirResource[]): boolean | [] {
  const own = session.days(resource);
  if (!own) return others.length === 0 ? false : session.undecided(resource, 'date');
  let open = false;
  for (const other of others) {
    const days = session.days(other);
    if (!days || days.last <= own.first) return true;
    if (days.first <= own.last) open = true;
  }
  return open ? session.undecided(resource, 'date') : false;
}

/** Whether something of the collection was certainly over before the resource began; nothing when that cannot be said. */
export function after(session: Session, resource: FhirResource, others: FhirResource[]): boolean | [] {
  const own = session.when(resource);
  const spans = others.map((other) => session.when(other));
  if (own && spans.some((span) => span && span.end <= own.start)) return true;
  const surely = own && spans.every((span) => span && span.start >= own.end);
  return surely || others.length === 0 ? false : session.undecided(resource, 'date');
}

/** Whether the patient's completed years lie between two ages (both included) on the day of a resource, else today. */
export function aged(session: Session, on: FhirResource | null, min: number, max: number): boolean | [] {
  const patient = session.view.patient as unknown as FhirResource;
  const ages = agesOn(session, on ? session.days(on) : { first: session.today, last: session.today });
  if (!ages) return session.undecided(patient, 'age');
  if (!on) {
    const birth = session.birth()!;
    for (const age of [min, max + 1].filter((years) => years < OLDEST)) {
      session.turns(yearsAfter(birth.first, age));
      session.turns(yearsAfter(birth.last, age));
    }
  }
  if (ages.min >= min && ages.max <= max) return true;
  return ages.max < min || ages.min > max ? false : session.undecided(patient, 'age');
}

/** Every age in completed years the patient may have had on the given days; null when that is unknown. */
export function agesOn(session: Session, days: Days | null): { min: number; max: number } | null {
  const birth = session.birth();
  if (!birth || !days || !Number.isFinite(days.first) || !Number.isFinite(days.last)) return null;
  return { min: yearsBetween(birth.last, days.first), max: yearsBetween(birth.first, days.last) };
}

/** Whether the period of a consent has ended. */
export function periodOver(session: Session, consent: FhirResource): boolean | [] {
  const end = (consent as unknown as r4.Consent).provision?.period;
  if (!end?.end) return false;
  const days = session.endOf(end);
  if (days === null) return session.undecided(consent, 'date');
  session.turns(days + 1);
  return days < session.today;
}

function anchorOf(session: Session): NonNullable<Session['anchor']> {
  if (!session.anchor) throw new Error('within() was asked before the anchor was known: its sets must come first.');
  return session.anchor;
}
