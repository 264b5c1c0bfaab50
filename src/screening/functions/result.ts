import {
  type Interval,
  inUnit,
  isAbove,
  isBelow,
  type Measured,
  readNumber,
  readQuantity,
  readRange,
} from '../../fhir/quantity.ts';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { readQualitative } from '../../terminology/qualitative.ts';
import type { Session } from '../session.ts';

type Result = 'positive' | 'negative' | 'open';

/** Whether a result is positive; nothing (and a note) when it is indeterminate, below the limit of quantification or unreadable. */
export function positive(session: Session, resource: FhirResource): boolean | [] {
  const result = resultOf(session, resource as unknown as r4.Observation);
  return result === 'open' ? session.undecided(resource, 'value') : result === 'positive';
}

/** Whether a result is negative; the same three answers. */
export function negative(session: Session, resource: FhirResource): boolean | [] {
  const result = resultOf(session, resource as unknown as r4.Observation);
  return result === 'open' ? session.undecided(resource, 'value') : result === 'negative';
}

/** Whether a result reads positive beyond doubt; what cannot be read is not, and leaves no note. */
export function clearlyPositive(session: Session, resource: FhirResource): boolean {
  return resultOf(session, resource as unknown as r4.Observation) === 'positive';
}

/** Compares a measured value with a bound in a UCUM unit; nothing when the unit does not convert or a comparator leaves it open. */
export function compare(
  session: Session,
  resource: FhirResource,
  bound: number,
  unit: string,
  how: 'below' | 'atLeast' | 'above' | 'atMost',
): boolean | [] {
  const value = valueIn(session, resource as unknown as r4.Observation, unit);
  if (!value) return session.undecided(resource, 'unit');
  const answer = how === 'below' || how === 'atLeast' ? isBelow(value, bound) : isAbove(value, bound);
  if (answer === null) return session.undecided(resource, 'value');
  return how === 'below' || how === 'above' ? answer : !answer;
}

/** The value of an Observation (or component) in a unit; null when there is none or it does not convert. */
export function valueIn(
  session: Session,
  observation: r4.Observation | r4.ObservationComponent,
  unit: string,
): Interval | null {
  const measured = measuredOf(observation);
  if (!measured) return null;
  if (measured.unit !== null) return inUnit(measured, unit);
  const { sets } = session.reading(observation.code);
  const assumed = session.study.assumedUnits.find((one) => sets.has(one.valueSet));
  return inUnit({ ...measured, unit: assumed?.unit ?? null }, unit);
}

/** The number an Observation carries, in whichever value[x]. */
export function measuredOf(observation: r4.Observation | r4.ObservationComponent): Measured | null {
  if (observation.valueQuantity) return readQuantity(observation.valueQuantity);
  if (observation.valueRange) return readRange(observation.valueRange);
  if (typeof observation.valueInteger === 'number') return readQuantity({ value: observation.valueInteger });
  if (observation.valueString) return readNumber(observation.valueString);
  return null;
}

function resultOf(session: Session, observation: r4.Observation): Result {
  const number = ofNumber(session, observation);
  const readings = [
    ofConcept(session, observation.valueCodeableConcept),
    // Of a text that is a number the number decides: "<0.05" is below a limit of positivity.
    number === null ? ofText(observation.valueString) : null,
    observation.valueBoolean === undefined ? null : observation.valueBoolean ? 'positive' : 'negative',
    number,
    ...(observation.interpretation ?? []).map((concept) => ofConcept(session, concept)),
  ].filter((reading): reading is Result => reading !== null);
  // Value and interpretation must agree: two that contradict each other settle nothing.
  return new Set(readings).size === 1 ? readings[0]! : 'open';
}

function ofConcept(session: Session, concept: r4.CodeableConcept | undefined): Result | null {
  if (!concept) return null;
  const { sets } = session.reading(concept);
  const { results } = session.study;
  const positiveCode = sets.has(results.positive);
  const negativeCode = sets.has(results.negative);
  if (sets.has(results.indeterminate) || (positiveCode && negativeCode)) return 'open';
  if (positiveCode) return 'positive';
  if (negativeCode) return 'negative';
  return ofText(concept.text ?? concept.coding?.find((coding) => coding.display)?.display);
}

function ofText(text: string | undefined): Result | null {
  const reading = text === undefined ? null : readQualitative(text);
  return reading === null ? null : reading === 'positive' || reading === 'negative' ? reading : 'open';
}

/** A number is positive from the study's detection limit on; `<20` says nothing about what lies below. */
function ofNumber(session: Session, observation: r4.Observation): Result | null {
  const measured = measuredOf(observation);
  if (!measured) return null;
  const { sets } = session.reading(observation.code);
  const detections = session.study.detections.filter(({ valueSet }) => sets.has(valueSet));
  const answers = detections.flatMap(({ unit, bound, inclusive }) => {
    // A bare number may be in any of the units: it is read where all readings agree.
    const value = unit === null || measured.unit === null ? measured : inUnit(measured, unit);
    if (!value) return [];
    const below = inclusive ? isBelow(value, bound) : negate(isAbove(value, bound));
    // `<20` leaves open what lies below a limit of quantification, but is below a limit of positivity.
    return [below === null ? 'open' : below ? 'negative' : 'positive'] as const;
  });
  return answers.length === 0 ? null : new Set(answers).size === 1 ? answers[0]! : 'open';
}

function negate(answer: boolean | null): boolean | null {
  return answer === null ? null : !answer;
}
