import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { concept, localDiagnosis, loinc } from './codes.ts';
import { condition } from './condition.ts';
import { plain, referenceTo, type Stamped, stamped, subjectOf } from './meta.ts';
import { observation, quantity } from './observation.ts';

/** R4 MedicationRequest, a finished order of a drug named in text only. */
export function medicationRequest(ctx: FeedContext, options: Stamped & { drug: string; on: string }): FhirResource {
  return plain({
    resourceType: 'MedicationRequest',
    ...stamped(ctx, 'm', options),
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: options.drug },
    subject: subjectOf(ctx),
    authoredOn: options.on,
  });
}

/** R4 DiagnosticReport over Observations already built. */
export function diagnosticReport(
  ctx: FeedContext,
  options: Stamped & { text: string; on: string; results?: FhirResource[]; conclusion?: string },
): FhirResource {
  const results = options.results ?? [];
  return plain({
    resourceType: 'DiagnosticReport',
    ...stamped(ctx, 'd', options),
    status: 'final',
    code: { text: options.text },
    subject: subjectOf(ctx),
    effectiveDateTime: options.on,
    ...(results.length === 0 ? {} : { result: results.map((result) => ({ reference: referenceTo(result) })) }),
    ...(options.conclusion === undefined ? {} : { conclusion: options.conclusion }),
  });
}

/** R4 Encounter: an inpatient stay; `diagnoses` is the list of the admission. */
export function encounter(
  ctx: FeedContext,
  options: Stamped & { period: r4.Period; diagnoses?: FhirResource[] },
): FhirResource {
  const diagnoses = options.diagnoses ?? [];
  return plain({
    resourceType: 'Encounter',
    ...stamped(ctx, 'e', options),
    status: options.period.end === undefined ? 'in-progress' : 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: subjectOf(ctx),
    period: options.period,
    ...(diagnoses.length === 0
      ? {}
      : { diagnosis: diagnoses.map((each) => ({ condition: { reference: referenceTo(each) } })) }),
  });
}

/** R4 AllergyIntolerance that no study asks for. */
export function allergyIntolerance(ctx: FeedContext): FhirResource {
  return plain({
    resourceType: 'AllergyIntolerance',
    ...stamped(ctx, 'al', {}),
    code: { text: '青霉素' },
    patient: subjectOf(ctx),
  });
}

/** What else a hospital sends about anybody: hypertension, a stay, glucose, ALT, an allergy. */
export function noise(ctx: FeedContext): FhirResource[] {
  const glucose = quantity(ctx.random.int(42, 60) / 10, 'mmol/L');
  const alt = quantity(ctx.random.int(15, 80), 'U/L');
  const all = [
    condition(ctx, { code: concept(localDiagnosis(ctx, 'DX1001')) }),
    encounter(ctx, { period: { start: '2024-11-04', end: '2024-11-09' } }),
    observation(ctx, { code: concept(loinc('2345-7')), on: '2025-05-20', value: glucose }),
    observation(ctx, { code: concept(loinc('1742-6')), on: '2025-05-20', value: alt }),
    allergyIntolerance(ctx),
  ];
  return all.filter(() => ctx.random.next() < 0.4);
}
