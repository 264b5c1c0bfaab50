import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { chineseName } from '../names.ts';
import { RESIDENT_ID_SYSTEM } from '../sites.ts';
import { plain, type Stamped, stamped, subjectOf } from './meta.ts';

export interface PatientOptions extends Stamped {
  /** FHIR date of any precision; null leaves it out. Default: an adult of 26 to 44 years. */
  birthDate?: string | null;
  gender?: r4.Patient['gender'];
  deceasedDateTime?: string;
  deceasedBoolean?: boolean;
  link?: r4.PatientLink[];
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

/** The check character that GB 11643 gives to the first 17 digits of a resident id. */
export function residentIdCheck(digits: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/** Looks like a resident id and can never be one: region 000000 does not exist and the check character is wrong. */
export function syntheticResidentId(birthDate: string, number: number): string {
  const digits = `000000${birthDate.replaceAll('-', '').padEnd(8, '0')}${String(number % 1000).padStart(3, '0')}`;
  const wrong = (CHECK_CHARACTERS.indexOf(residentIdCheck(digits)) + 3) % 11;
  return digits + CHECK_CHARACTERS.charAt(wrong);
}

/** The person's hospital number, clearly of the test: `YA-TEST-000001`. */
export function mrn(ctx: FeedContext): r4.Identifier {
  const value = `${ctx.site.id.toUpperCase()}-TEST-${ctx.patientId.slice(5)}`;
  return { use: 'usual', system: ctx.site.mrnSystem, value };
}

/** R4 Patient with Chinese name, hospital number and a synthetic resident id. */
export function patient(ctx: FeedContext, options: PatientOptions = {}): FhirResource {
  const day = (max: number) => String(ctx.random.int(1, max)).padStart(2, '0');
  const adult = `${ctx.random.int(1981, 1998)}-${day(12)}-${day(28)}`;
  const birthDate = options.birthDate === undefined ? adult : options.birthDate;
  return plain({
    resourceType: 'Patient',
    ...stamped(ctx, 'p', { ...options, id: options.id ?? ctx.patientId }),
    identifier: [
      mrn(ctx),
      { use: 'official', system: RESIDENT_ID_SYSTEM, value: syntheticResidentId(birthDate ?? '0000', ctx.number) },
    ],
    name: chineseName(ctx.random),
    telecom: [{ system: 'phone', value: `000-0000${String(ctx.number % 10000).padStart(4, '0')}` }],
    gender: options.gender ?? ctx.random.pick(['female', 'male'] as const),
    ...(birthDate === null ? {} : { birthDate }),
    ...(options.deceasedDateTime === undefined ? {} : { deceasedDateTime: options.deceasedDateTime }),
    ...(options.deceasedBoolean === undefined ? {} : { deceasedBoolean: options.deceasedBoolean }),
    ...(options.link === undefined ? {} : { link: options.link }),
  });
}

/** `Patient.link` to the record that takes this one's place. */
export function replacedBy(survivor: FeedContext): r4.PatientLink {
  return { other: subjectOf(survivor), type: 'replaced-by' };
}

/** R4 RelatedPerson of the person; `relationship` is a v3-RoleCode, by default the mother. */
export function relatedPerson(ctx: FeedContext, options: Stamped & { relationship?: string } = {}): FhirResource {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
  return plain({
    resourceType: 'RelatedPerson',
    ...stamped(ctx, 'r', options),
    active: true,
    patient: subjectOf(ctx),
    relationship: [{ coding: [{ system, code: options.relationship ?? 'MTH' }] }],
    name: chineseName(ctx.random),
  });
}
