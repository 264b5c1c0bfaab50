import type { SpecimenAssessment } from '../collection/specimen.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Days, daysOf, type Span, spanOf, startOfDay, yearsBetween } from '../fhir/time.ts';
import { type ConsentingPerson, type GateStudy, type Grants, grantsOf } from '../research/gate/grants.ts';
import type { Assessment } from '../screening/assessment.ts';
import { isCurrent } from '../screening/condition-status.ts';
import type { PersonRecord } from '../screening/view.ts';
import { whenOf } from '../screening/when.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';

/** What a person's consent lets pass now, and the age that goes with it. */
export interface Passage {
  grants: Grants;
  /** The present as the gate asks it. */
  present: Span;
  birth: Days | null;
  /** What the gate read. */
  person: ConsentingPerson;
  study: GateStudy;
}

/** Reads the person's Consents into grants; data of the index admission may be of before the signature. */
export function passageOf(
  record: PersonRecord,
  assessment: Assessment,
  site: Site,
  study: Study,
  now: number,
): Passage {
  const patient = record.resources.find((one) => one.resourceType === 'Patient' && one.id === record.patient);
  const born = patient ? spanOf(String(patient.birthDate ?? ''), site.timezone) : null;
  const birth = born && daysOf(born, site.timezone);
  const factOf = (consent: r4.Consent) => assessment.consents.find((one) => one.consent.id === consent.id);
  const person = {
    consents: assessment.consents.map(({ consent }) => consent as unknown as r4.Consent),
    birth,
    selves: record.selves,
    signerOf: (consent: r4.Consent) => factOf(consent)?.signer ?? 'other',
    formInForce: (consent: r4.Consent) => factOf(consent)?.formInForce ?? null,
  };
  const window = Number(study.parameters.admissionWindowDays ?? 0);
  const anchor = spanOf(assessment.anchor.day, site.timezone);
  const earlierFrom = anchor ? startOfDay(daysOf(anchor, site.timezone).first - window, site.timezone) : null;
  const gate = { ...study, purposes: { ...study.purposes, codes: new Set(study.purposes.codes) } };
  const grants = grantsOf(person, site, gate, now, earlierFrom);
  return { grants, present: { start: now, end: now + 1 }, birth, person, study: gate };
}

/** Whether a resource of the record may pass to the study side now; unknown is told to the operator. */
export function mayPass(
  resource: FhirResource,
  { grants, present }: Passage,
  site: Site,
  study: Study,
  specimens: ReadonlyMap<string, SpecimenAssessment>,
): 'yes' | 'no' | 'unknown' {
  const { ofData } = study.purposes;
  const now = grants.may(ofData, present);
  if (now !== 'yes') return now;
  // Who takes part and what they consented to are told from the consent on; a disease that goes on is of the present.
  if (resource.resourceType === 'Patient' || resource.resourceType === 'Consent') return 'yes';
  if (resource.resourceType === 'Condition' && isCurrent(resource) === true) return 'yes';
  const at = timeOf(resource, site.timezone, specimens);
  return at ? grants.may(ofData, at) : 'unknown';
}

/** Completed years on the day of the first valid consent; undefined when the birth date leaves it open. */
export function ageAtConsent(assessment: Assessment, { birth }: Passage, site: Site): number | undefined {
  const days = assessment.consents.flatMap(({ consent, formInForce }) => {
    const span = formInForce === true ? spanOf(String(consent.dateTime ?? ''), site.timezone) : null;
    return span ? [daysOf(span, site.timezone)] : [];
  });
  const first = days.sort((a, b) => a.first - b.first)[0];
  if (!first || !birth) return undefined;
  const [least, most] = [yearsBetween(birth.last, first.first), yearsBetween(birth.first, first.last)];
  return least === most ? least : undefined;
}

function timeOf(resource: FhirResource, zone: string, specimens: ReadonlyMap<string, SpecimenAssessment>): Span | null {
  const event = resource as unknown as r4.AdverseEvent;
  switch (resource.resourceType) {
    case 'Specimen': {
      const time = specimens.get(`Specimen/${resource.id}`)?.collected;
      return time ? { start: time.began.start, end: time.finished.end } : null;
    }
    case 'AdverseEvent':
      return spanOf(event.date ?? event.detected ?? event.recordedDate ?? '', zone);
    default:
      return whenOf(resource, zone, new Map());
  }
}
