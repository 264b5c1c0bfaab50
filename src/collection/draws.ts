import type { r4 } from '../fhir/resource.ts';
import { dayOf, type Span } from '../fhir/time.ts';
import type { Coded } from '../study/coded.ts';
import type { Collecting, CollectionContext, Surgery } from './about.ts';
import { collectionTime } from './order.ts';
import { kindOf } from './specimen.ts';
import { surgeryOf } from './surgery.ts';
import { capOf, isMinorOn } from './volume.ts';
import { type DeviationCode, deviation } from './words.ts';

/** A draw of blood before an operation. */
export interface Draw {
  /** `Procedure/id` or `ServiceRequest/id` of the operation, the hospital's. */
  surgery: string;
  /** `due`: announce it; `blocked`: nothing may be drawn until a new signature; `drawn`; `missed`. */
  state: 'due' | 'blocked' | 'drawn' | 'missed';
  /** The first possible beginning of the operation, ms; null when it is booked without a time. */
  by: number | null;
  /** mL: the least of an adult, the most of a minor (null when weight or formula is missing); both null, age unknown. */
  atLeastMl: number | null;
  atMostMl: number | null;
  /** `missed`, or null. */
  deviation: Coded<DeviationCode> | null;
}

/** Somebody for whom draws are asked about. */
export interface DrawPerson extends Collecting {
  specimens: readonly r4.Specimen[];
  /** ResearchSubject.status; null for nobody's subject. */
  status: string | null;
}

/**
 * The draws before operations: announced once an operation is booked, for everybody consented or eligible; missed once
 * it has begun with consent and no blood that belongs to it (study protocol reading, "Specimens"). Blood drawn too late
 * is not missed, nor is what was
 * drawn without consent: it is marked itself. Blood of any status but entered in error counts as drawn. Blood that nobody knows the time of leaves open whether one was missed.
 * @param now the clock, ms
 */
export function drawsDue(person: DrawPerson, context: CollectionContext, now: number): Draw[] {
  const { rules } = context;
  if (person.status === null || rules.neverOwed.has(person.status)) return [];
  const present = { start: now, end: now + 1 };
  const blood = person.specimens.filter((one) => one.status !== 'entered-in-error' && kindOf(one, context) === 'blood');
  const belongs = blood.map((one) => {
    const time = collectionTime(one.collection, context.site.timezone);
    const belongs = time && surgeryOf(time, person.surgeries);
    return belongs && { ...belongs, covered: person.consented(rules.purposes.blood, time.began) !== 'no' };
  });
  const undecided = belongs.some((one) => one === null || one.surgery.start === null);
  const bloodOf = (surgeries: readonly Surgery[]) =>
    belongs.filter((one) => one && surgeries.some(({ reference }) => reference === one.surgery.reference));
  const announces = announced(person, context, present);
  const draws = perDay(person.surgeries, context.site.timezone).flatMap(({ surgeries, start, started }): Draw[] => {
    const surgery = surgeries[0]!.reference;
    const base = { surgery, by: start?.start ?? null, ...volumes(person, start ?? present, context), deviation: null };
    const drawn = bloodOf(surgeries);
    // What was drawn without consent may not be used: while there is time it is to be drawn again.
    if (drawn.some((one) => started || one?.covered)) return [{ ...base, state: 'drawn' }];
    if (!started) return announces ? [{ ...base, state: announces }] : [];
    if (!start || start.start > now || undecided) return [];
    if (person.consented(rules.purposes.blood, start) !== 'yes') return [];
    return [{ ...base, state: 'missed', deviation: deviation('missed') }];
  });
  return draws.sort((a, b) => (a.by ?? Infinity) - (b.by ?? Infinity) || (a.surgery < b.surgery ? -1 : 1));
}

/** How a booked operation is announced now; null when it is not. */
function announced(person: DrawPerson, { rules }: CollectionContext, present: Span): 'due' | 'blocked' | null {
  if (person.withdrawn || person.enrolledInError || rules.noLongerDue.has(person.status!)) return null;
  const consented = person.consented(rules.purposes.blood, present);
  const waits = person.collectionWaitsFrom !== null && person.collectionWaitsFrom < present.end;
  if (person.guardianEnded || (waits && consented !== 'no')) return 'blocked';
  if (consented !== 'no') return 'due';
  return person.status === 'eligible' ? 'blocked' : null;
}

/**
 * One entry for an operation that came twice, as order and as booked Procedure, or in two steps of one day: what lies on
 * one day is one. Bookings without a time say nothing beside one that has one.
 */
function perDay(surgeries: readonly Surgery[], zone: string) {
  const groups = Map.groupBy(surgeries, ({ start }) => (start ? dayOf(start.start, zone) : null));
  const entries = [...groups].map(([day, members]) => {
    const begun = members.filter(({ started }) => started);
    const own = (begun.length > 0 ? begun : members).toSorted(
      (a, b) => (a.start?.start ?? 0) - (b.start?.start ?? 0) || (a.reference < b.reference ? -1 : 1),
    );
    return {
      day,
      surgeries: [...own, ...members.filter((one) => !own.includes(one))],
      start: own[0]!.start,
      started: begun.length > 0,
    };
  });
  const booked = entries.some(({ day, started }) => day !== null && !started);
  return entries.filter(({ day, started }) => day !== null || started || !booked);
}

function volumes(person: Collecting, at: Span, context: CollectionContext): Pick<Draw, 'atLeastMl' | 'atMostMl'> {
  const minor = isMinorOn(person.birth, at, context);
  return {
    atLeastMl: minor === false ? context.rules.bloodMl : null,
    atMostMl: minor ? capOf(person.weightKg, context) : null,
  };
}
