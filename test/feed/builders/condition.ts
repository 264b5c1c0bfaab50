import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { concept, icd10, icd10cn, localDiagnosis, snomed } from './codes.ts';
import { plain, type Stamped, stamped, subjectOf } from './meta.ts';

export interface ConditionOptions extends Stamped {
  code: r4.CodeableConcept;
  /** condition-ver-status; null leaves it out. Default confirmed. */
  verification?: string | null;
  /** condition-clinical; default active, left out of entered-in-error (invariant con-5). */
  clinical?: string;
  bodySite?: r4.Coding;
  onset?: string;
  recordedDate?: string;
  encounter?: FhirResource;
}

const TERMS = 'http://terminology.hl7.org/CodeSystem';

/** R4 Condition of the person. */
export function condition(ctx: FeedContext, options: ConditionOptions): FhirResource {
  const verification = options.verification === undefined ? 'confirmed' : options.verification;
  const clinical = options.clinical ?? 'active';
  return plain({
    resourceType: 'Condition',
    ...stamped(ctx, 'c', options),
    ...(verification === 'entered-in-error'
      ? {}
      : { clinicalStatus: { coding: [{ system: `${TERMS}/condition-clinical`, code: clinical }] } }),
    ...(verification === null
      ? {}
      : { verificationStatus: { coding: [{ system: `${TERMS}/condition-ver-status`, code: verification }] } }),
    category: [{ coding: [{ system: `${TERMS}/condition-category`, code: 'encounter-diagnosis' }] }],
    code: options.code,
    ...(options.bodySite === undefined ? {} : { bodySite: [{ coding: [options.bodySite] }] }),
    subject: subjectOf(ctx),
    ...(options.encounter === undefined ? {} : { encounter: { reference: `Encounter/${options.encounter.id}` } }),
    ...(options.onset === undefined ? {} : { onsetDateTime: options.onset }),
    recordedDate: options.recordedDate ?? '2025-05-12',
  });
}

export type Diagnosis = (ctx: FeedContext, options?: Omit<ConditionOptions, 'code'>) => FhirResource;

/** A diagnosis in one of the ways its code may come; every way must be read alike. */
const oneOf =
  (...ways: ((ctx: FeedContext) => r4.Coding[])[]): Diagnosis =>
  (ctx, options = {}) =>
    condition(ctx, { ...options, code: concept(...ctx.random.pick(ways)(ctx)) });

export const hemangioma = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0101')],
  (ctx) => [localDiagnosis(ctx, 'DX0101'), icd10('D18.0')],
  () => [icd10('D18.013', '肝血管瘤')],
  () => [icd10cn('D18.013', '肝血管瘤')],
);
export const focalNodularHyperplasia = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0102')],
  (ctx) => [localDiagnosis(ctx, 'DX0102'), icd10('K76.8')],
  () => [icd10cn('K76.808', '肝结节性局灶性增生')],
);
export const fattyLiver = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0201')],
  () => [icd10('K76.0')],
  () => [icd10cn('K76.000', '脂肪肝')],
  () => [snomed('197321007')],
);
export const chronicHepatitisB = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0301')],
  () => [icd10('B18.1')],
  () => [icd10cn('B18.100', '慢性乙型病毒性肝炎')],
);
export const liverFibrosis = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0401')],
  () => [icd10('K74.0')],
  () => [snomed('62484002')],
);
export const cirrhosis = oneOf(
  (ctx) => [localDiagnosis(ctx, 'DX0402')],
  () => [icd10('K74.6')],
  () => [icd10cn('K74.600', '肝硬变')],
  () => [snomed('19943007')],
);
