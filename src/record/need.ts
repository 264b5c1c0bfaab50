import type { FhirResource, r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import { concernsStudy } from '../study/consent-form.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import { readConcept, type UnmappedCode } from '../terminology/concept.ts';
import type { TextRules } from '../terminology/text.ts';
import type { ValueSets } from '../terminology/value-set.ts';
import { PATIENT_ELEMENT } from './patient-element.ts';

/** Whether the study needs a resource; when not, why. Local codes that no map knows are told either way. */
export interface Need {
  needed: boolean;
  reason: 'type-not-needed' | 'no-code-of-the-study' | 'other-consent' | 'no-hospital-stay' | 'before-the-study' | null;
  unmapped: readonly UnmappedCode[];
  alsoCoded: boolean;
}

export interface NeedRules {
  study: Study;
  valueSets: ValueSets;
  textRules: TextRules;
}

const DAYS_BEFORE = 180;
/** Classes of Encounter that are a stay (HL7 v3 ActCode). */
const INPATIENT = new Set(['IMP', 'ACUTE', 'NONAC']);
const NOT_NEEDED: Need = { needed: false, reason: 'type-not-needed', unmapped: [], alsoCoded: false };

/** Decides by what the compiled study names: codes of its ValueSets, texts its rules may read, its consent forms. */
export function needOf(resource: FhirResource, site: Site, rules: NeedRules): Need {
  const { resourceType } = resource;
  if (!(resourceType in PATIENT_ELEMENT)) return NOT_NEEDED;
  if (resourceType === 'Patient' || resourceType === 'RelatedPerson' || resourceType === 'Appointment') {
    return { needed: true, reason: null, unmapped: [], alsoCoded: false };
  }
  if (resourceType === 'Consent') {
    const needed = concernsStudy(resource as unknown as r4.Consent, rules.study);
    return { needed, reason: needed ? null : 'other-consent', unmapped: [], alsoCoded: false };
  }
  if (resourceType === 'Encounter') {
    // A hospital stay: for its list of diagnoses, and for how long it was planned to be and was.
    const { class: kind } = resource as unknown as r4.Encounter;
    if (!INPATIENT.has(kind?.code ?? '')) return { ...NOT_NEEDED, reason: 'no-hospital-stay' };
    const needed = isRecent(resource, site, rules.study);
    return { needed, reason: needed ? null : 'before-the-study', unmapped: [], alsoCoded: false };
  }
  if (resourceType === 'Specimen' || resourceType === 'AdverseEvent' || resourceType.startsWith('Medication')) {
    const needed = isRecent(resource, site, rules.study);
    return { needed, reason: needed ? null : 'before-the-study', unmapped: [], alsoCoded: false };
  }
  const report = resource as unknown as r4.DiagnosticReport;
  const concepts = [
    resource.code as r4.CodeableConcept | undefined,
    ...(report.conclusionCode ?? []),
    ...components(resource),
  ].filter((one) => one !== undefined);
  const readings = concepts.map((concept) => readConcept(concept, site.terminology, rules.valueSets));
  const coded = readings.some((reading) => [...reading.sets].some((set) => rules.study.usedValueSets.has(set)));
  const texts = [
    ...concepts.flatMap((one) => [one.text, ...(one.coding ?? []).map(({ display }) => display)]),
    report.conclusion,
  ];
  // A recent diagnosis that no map knows keeps "no such disease" from being said.
  const unread =
    resourceType === 'Condition' &&
    !readings.some((reading) => reading.understood) &&
    isRecent(resource, site, rules.study);
  // Vital signs and the like of long ago are nobody's who takes part.
  const researched =
    readings.some((reading) => [...reading.sets].some((set) => rules.study.researchValueSets.has(set))) &&
    isRecent(resource, site, rules.study);
  const needed = coded || researched || unread || texts.some((text) => text !== undefined && mayBeRead(text, rules));
  return {
    needed,
    reason: needed ? null : 'no-code-of-the-study',
    unmapped: readings.flatMap((reading) => reading.unmapped),
    alsoCoded: readings.some((reading) => reading.understood),
  };
}

// By study: two studies may share text rules and not the concepts they use.
const read = new WeakMap<Study, Map<string, boolean>>();

/** Whether a text rule of the study reads something in the text; displays repeat, so the answers are remembered. */
function mayBeRead(text: string, { textRules, study }: NeedRules): boolean {
  const memory = read.get(study) ?? new Map<string, boolean>();
  read.set(study, memory);
  let answer = memory.get(text);
  if (answer === undefined) {
    answer = [...textRules.suggest(text)].some((concept) => study.usedConcepts.has(concept));
    if (memory.size > 50_000) memory.clear();
    memory.set(text, answer);
  }
  return answer;
}

function components(resource: FhirResource): r4.CodeableConcept[] {
  return ((resource.component ?? []) as r4.ObservationComponent[]).map((component) => component.code);
}

function collected(resource: FhirResource): r4.Period | undefined {
  const { collection } = resource as unknown as r4.Specimen;
  return collection?.collectedDateTime ? { end: collection.collectedDateTime } : collection?.collectedPeriod;
}

/** Medications and stays matter for a look-back of months; what ended long before the enrolment period is in none. */
function isRecent(resource: FhirResource, site: Site, study: Study): boolean {
  const text = ['authoredOn', 'effectiveDateTime', 'dateAsserted', 'recordedDate', 'onsetDateTime', 'date']
    .map((name) => resource[name])
    .find((value) => value !== undefined);
  const period = (resource.effectivePeriod ?? resource.period ?? collected(resource)) as r4.Period | undefined;
  const end = spanOf(String(text ?? period?.end ?? ''), site.timezone);
  return end === null || end.end >= (study.enrolment.first - DAYS_BEFORE) * 86_400_000;
}
