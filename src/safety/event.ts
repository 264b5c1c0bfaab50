import { readReference } from '../fhir/reference.ts';
import type { r4 } from '../fhir/resource.ts';
import { orderOf, type Span } from '../fhir/time.ts';
import { readConcept } from '../terminology/concept.ts';
import { normaliseText } from '../terminology/normalise.ts';
import type { AroundEvent, SafetyContext, SuspectProcedure } from './about.ts';
import { type ReportClock, reportClock } from './clock.ts';
import { DEATH, HOSPITALIZATION, isRetracted, readSeriousness, type SaidOfSeriousness } from './criteria.ts';
import { isInWindow, readStays, type StayReading, timeOf } from './time.ts';
import { type Ask, type AskCode, asksOf } from './words.ts';

/** What is to be said of an adverse event at one moment. */
export interface AdverseEventAssessment {
  /** `AdverseEvent/id`, the hospital's. */
  event: string;
  /** It happened: not entered in error, and not only potential (a death did happen). Nothing else is reported. */
  counts: boolean;
  serious: boolean;
  /** The criteria that hold (NCI Thesaurus), sorted. */
  criteria: string[];
  /** The source's word and what holds differ, or the source contradicts itself: for an investigator to look at. */
  conflict: boolean;
  /** On the study's list of expected post-operative events, after a procedure. */
  expected: boolean;
  /** From consent to the end of the study's window; null when dates leave it open. */
  inWindow: boolean | null;
  suspect: string | null;
  /** An investigator is to be told: serious, or not expected; unless it does not count or lies outside the window. */
  alarm: boolean;
  /** Of serious events in the window, or possibly so; null for others. */
  clock: ReportClock | null;
  asks: Ask[];
}

/**
 * Judges an adverse event (study protocol reading, "Adverse events"). Fails closed: an event called serious is serious
 * without a criterion, and one that may lie in the window runs its clock.
 * @param now the clock, ms
 */
export function assessAdverseEvent(
  event: r4.AdverseEvent,
  about: AroundEvent,
  context: SafetyContext,
  now: number,
): AdverseEventAssessment {
  const { rules, site } = context;
  const asks = new Set<AskCode>();
  const at = timeOf(event, site.timezone);
  if (!at) asks.add('event-undated');
  const said = readSeriousness(event, rules.criteria);
  const judged = judge(said, readStays(at, about.stays, site.timezone, now), asks);
  const inWindow = isInWindow(at, about, context);
  const suspect = suspectOf(event, at, about.procedures, asks);
  const expected = suspect !== null && isExpected(event.event, context);
  const counts = !isRetracted(event) && (event.actuality !== 'potential' || said.fatal);
  const concerns = counts && inWindow !== false;
  const clock = concerns && judged.serious ? reportClock(event, about, context, now) : null;
  if (clock && about.awareAt === null) asks.add('awareness-missing');
  return {
    event: `AdverseEvent/${event.id}`,
    counts,
    ...judged,
    expected,
    inWindow,
    suspect,
    alarm: concerns && (judged.serious || !expected),
    clock,
    asks: asksOf(asks),
  };
}

function judge(
  said: SaidOfSeriousness,
  stays: StayReading,
  asks: Set<AskCode>,
): Pick<AdverseEventAssessment, 'serious' | 'criteria' | 'conflict'> {
  const criteria = new Set(said.present);
  let conflict = [...said.absent].some((code) => said.present.has(code));
  const planned = stays.asPlanned && criteria.delete(HOSPITALIZATION);
  if (planned) asks.add('stay-planned');
  if (stays.prolonged && !criteria.has(HOSPITALIZATION)) {
    // A source that rules the criterion out has looked; one that is silent may not have.
    if (said.absent.has(HOSPITALIZATION)) conflict = true;
    else {
      criteria.add(HOSPITALIZATION);
      asks.add('stay-prolonged');
    }
  }
  if (said.fatal) {
    criteria.add(DEATH);
    if (said.absent.has(DEATH)) conflict = true;
  }
  if (said.unknown) asks.add('criterion-unknown');
  const bare = said.serious && said.present.size === 0 && !said.fatal;
  const serious = criteria.size > 0 || said.unknown || bare;
  if (serious && criteria.size === 0 && !said.unknown) asks.add('criterion-missing');
  if (said.nonSerious && (serious || said.serious)) conflict = true;
  // The source's criterion does not hold.
  if (planned) conflict = true;
  return { serious, criteria: [...criteria].sort(), conflict };
}

/**
 * The suspect is always a procedure, as the study has no drug: the one the source names, else the last that had begun
 * or, where the order is open, may have.
 */
function suspectOf(
  event: r4.AdverseEvent,
  at: Span | null,
  procedures: readonly SuspectProcedure[],
  asks: Set<AskCode>,
): string | null {
  const named = new Set(
    (event.suspectEntity ?? []).flatMap(({ instance }) => {
      const target = readReference(instance?.reference ?? '');
      return target.kind === 'relative' ? [`${target.type}/${target.id}`] : ['?'];
    }),
  );
  const known = procedures.filter(({ reference }) => named.has(reference));
  if (known.length < named.size) asks.add('suspect-unknown');
  const before = procedures.filter(({ start }) => !start || !at || orderOf(start, at) !== 'after');
  const candidates = known.length > 0 ? known : before;
  const latest = candidates.toSorted(
    (a, b) => (b.start?.start ?? -Infinity) - (a.start?.start ?? -Infinity) || (a.reference < b.reference ? -1 : 1),
  );
  return latest[0]?.reference ?? null;
}

/** By code, or by a text that says this and nothing else. */
function isExpected(concept: r4.CodeableConcept | undefined, { rules, site }: SafetyContext): boolean {
  if (readConcept(concept, site.terminology, rules.sets).sets.has(rules.expected.id)) return true;
  return !concept?.coding?.length && rules.expected.texts.has(normaliseText(concept?.text ?? '').trim());
}
