import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { concept, localLab, localPathology, loinc, snomed } from './codes.ts';
import { plain, type Stamped, stamped, subjectOf } from './meta.ts';

type Value = Pick<r4.Observation, 'valueQuantity' | 'valueCodeableConcept' | 'valueString' | 'valueInteger'>;

export interface ObservationOptions extends Stamped {
  code: r4.CodeableConcept;
  /** effectiveDateTime as sent; null leaves it out. */
  on: string | null;
  value?: Value;
  status?: r4.Observation['status'];
  category?: string;
  component?: r4.ObservationComponent[];
}

/** R4 Observation of the person, final unless said. */
export function observation(ctx: FeedContext, options: ObservationOptions): FhirResource {
  const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
  return plain({
    resourceType: 'Observation',
    ...stamped(ctx, 'o', options),
    status: options.status ?? 'final',
    category: [{ coding: [{ system, code: options.category ?? 'laboratory' }] }],
    code: options.code,
    subject: subjectOf(ctx),
    ...(options.on === null ? {} : { effectiveDateTime: options.on }),
    ...options.value,
    ...(options.component === undefined ? {} : { component: options.component }),
  });
}

/** A number with a UCUM unit. */
export function quantity(value: number, unit: string): Value {
  return { valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit } };
}

/** The tests the study reads: local code of the dictionary (null: none), LOINC, unit. */
const TESTS = {
  platelets: { local: 'L003', loinc: '777-3', unit: '10*9/L' },
  inr: { local: 'L004', loinc: '6301-6', unit: '1' },
  aptt: { local: 'L005', loinc: '14979-9', unit: 's' },
  pt: { local: null, loinc: '5902-2', unit: 's' },
  hbvDna: { local: 'L008', loinc: '29615-2', unit: '[IU]/mL' },
  hbsag: { local: 'L006', loinc: '5196-1', unit: '' },
  hivAgAb: { local: 'L007', loinc: '56888-1', unit: '' },
  hivBlot: { local: null, loinc: '44873-8', unit: '' },
  hivRna: { local: null, loinc: '25835-0', unit: '' },
  antiHbcIgG: { local: null, loinc: '16933-4', unit: '' },
  antiHbc: { local: null, loinc: '13952-7', unit: '' },
  antiHbs: { local: null, loinc: '22322-2', unit: '' },
} as const;
export type TestName = keyof typeof TESTS;

/** The code of a test under the site's dictionary, LOINC, or both. */
export function testCode(ctx: FeedContext, name: TestName): r4.CodeableConcept {
  const test = TESTS[name];
  const standard = loinc(test.loinc);
  if (test.local === null) return concept(standard);
  const local = localLab(ctx, test.local);
  return ctx.random.pick([concept(local), concept(standard), concept(local, standard)]);
}

type Measured = Stamped & { on: string | null; status?: r4.Observation['status'] };

/** A measured laboratory value, in the unit of the dictionary unless said. */
export function lab(
  ctx: FeedContext,
  name: TestName,
  value: number,
  options: Measured & { unit?: string },
): FhirResource {
  const unit = options.unit ?? TESTS[name].unit;
  return observation(ctx, { ...options, code: testCode(ctx, name), value: quantity(value, unit) });
}

export type Finding = 'positive' | 'negative' | 'indeterminate' | 'detected' | 'not-detected';

const FINDINGS: Readonly<Record<Finding, { snomed: string; text: string }>> = {
  positive: { snomed: '10828004', text: '阳性(+)' },
  negative: { snomed: '260385009', text: '阴性(-)' },
  indeterminate: { snomed: '82334004', text: '可疑' },
  detected: { snomed: '260373001', text: '检出' },
  'not-detected': { snomed: '260415000', text: '未检出' },
};

/** A qualitative result, coded (SNOMED CT) or as Chinese text in a concept or a string. */
export function qualitative(ctx: FeedContext, name: TestName, finding: Finding, options: Measured): FhirResource {
  const result = FINDINGS[finding];
  const value = ctx.random.pick<Value>([
    { valueCodeableConcept: concept(snomed(result.snomed)) },
    { valueCodeableConcept: { text: result.text } },
    { valueString: result.text },
  ]);
  return observation(ctx, { ...options, code: testCode(ctx, name), value });
}

const HISTOLOGY = { scheuer: 'P001', metavir: 'P002', ishak: 'P003', steatosis: 'P004', inflammation: 'P005' } as const;

/** A pathology result of the dictionary: a text (`S2`, `G2S3`, `<5`), or a number (Ishak stage; steatosis in %). */
export function histology(
  ctx: FeedContext,
  scale: keyof typeof HISTOLOGY,
  value: string | number,
  options: Measured,
): FhirResource {
  const code = concept(localPathology(ctx, HISTOLOGY[scale]));
  const number = (n: number) => (scale === 'steatosis' ? quantity(n, '%') : { valueInteger: n });
  return observation(ctx, {
    ...options,
    code,
    value: typeof value === 'string' ? { valueString: value } : number(value),
  });
}

/** One elastography: CAP (dB/m), stiffness (kPa) and IQR/median (%) as Observations of the same moment. */
export function elastography(
  ctx: FeedContext,
  measures: { cap?: number; lsm?: number; iqr?: number },
  options: Measured,
): FhirResource[] {
  const one = (code: string, value: number, unit: string) =>
    observation(ctx, {
      ...options,
      code: concept(localLab(ctx, code)),
      value: quantity(value, unit),
      category: 'imaging',
    });
  const built: FhirResource[] = [];
  if (measures.cap !== undefined) built.push(one('L101', measures.cap, 'dB/m'));
  if (measures.lsm !== undefined) built.push(one('L102', measures.lsm, 'kPa'));
  if (measures.iqr !== undefined) built.push(one('L103', measures.iqr, '%'));
  return built;
}
