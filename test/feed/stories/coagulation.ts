import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import { coagulation, eligiblePerson } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, fattyLiverArm, fibrosisArm, type Story } from '../story.ts';

const NOW = { on: '2025-05-24T10:00:00+08:00' };
const FATTY = fattyLiverArm('mild');
const fatty = (ctx: b.FeedContext) => [b.fattyLiver(ctx), b.histology(ctx, 'steatosis', ctx.random.int(8, 30), NOW)];
const bleeding: Expected = { status: 'ineligible', ...FATTY, criteria: { E2: 'met' } };
const open: Expected = { status: 'screening', ...FATTY, criteria: { E2: 'unknown' } };
const clear: Expected = { status: 'eligible', ...FATTY, criteria: { E2: 'not-met' } };

type Make = (ctx: b.FeedContext) => FhirResource[];
const story = (name: string, tests: Make, expected: Expected, anchor = '2025-06-10'): Story => ({
  name: `E2: ${name}`,
  build: (ctx) =>
    eligiblePerson(ctx, {
      disease: fatty(ctx),
      coagulation: tests(ctx),
      need: [b.serviceRequest(ctx, { on: anchor })],
    }),
  expected,
});
const diagnosis =
  (code: r4.Coding, options: Omit<b.ConditionOptions, 'code'> = {}): Make =>
  (ctx) => [b.condition(ctx, { ...options, code: b.concept(code) }), ...coagulation(ctx)];

type Values = { platelets?: number; inr?: number; pt?: number; aptt?: number };
const tests =
  (values: Values, options: { on: string } = NOW): Make =>
  (ctx) =>
    (['platelets', 'inr', 'pt', 'aptt'] as const).flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [b.lab(ctx, name, value, options)];
    });
const normal = { platelets: 180, inr: 1.02, aptt: 31 };

/** Coagulation disorders and the tests that rule them out (E2). */
export const coagulationStories: Story[] = [
  {
    ...story('example 7: hemophilia A marked resolved', diagnosis(b.icd10('D66'), { clinical: 'resolved' }), bleeding),
    frequent: true,
  },
  story('hemophilia A, dictionary code', (ctx) => diagnosis(b.localDiagnosis(ctx, 'DX0902'))(ctx), bleeding),
  story('von Willebrand disease', diagnosis(b.icd10('D68.0')), bleeding),
  story('ITP', diagnosis(b.icd10cn('D69.300')), bleeding),
  story('TTP', diagnosis(b.icd10('M31.1')), bleeding),
  story('ITP in remission', diagnosis(b.icd10('D69.3'), { clinical: 'remission' }), open),
  story('example 7: ITP refuted', diagnosis(b.icd10('D69.3'), { verification: 'refuted' }), clear),
  {
    ...story('example 7: ITP differential', diagnosis(b.icd10('D69.3'), { verification: 'differential' }), open),
    frequent: true,
  },
  story('hemophilia entered in error', diagnosis(b.icd10('D66'), { verification: 'entered-in-error' }), clear),
  story('thrombophilia', diagnosis(b.icd10('D68.5')), open),
  story('factor deficiency by liver disease', diagnosis(b.icd10cn('D68.400x003', '由于肝病引起的凝血因子缺乏')), open),
  ...(['D69.5', 'D69.6'] as const).map(
    (code): Story => ({
      name: `E2: thrombocytopenia ${code} of cirrhosis`,
      build: (ctx) => eligiblePerson(ctx, { disease: [b.cirrhosis(ctx)], coagulation: diagnosis(b.icd10(code))(ctx) }),
      expected: { status: 'screening', ...fibrosisArm('severe'), criteria: { E2: 'unknown' } },
    }),
  ),
  { ...story('platelets 45, no diagnosis', tests({ ...normal, platelets: 45 }), open), frequent: true },
  story('platelets 50', tests({ ...normal, platelets: 50 }), clear),
  story('INR 1.6', tests({ ...normal, inr: 1.6 }), open),
  story('INR 1.5', tests({ ...normal, inr: 1.5 }), clear),
  story('PT 19 s', tests({ platelets: 180, pt: 19, aptt: 31 }), open),
  story('PT 13 s instead of INR', tests({ platelets: 180, pt: 13, aptt: 31 }), clear),
  story('APTT 61 s', tests({ ...normal, aptt: 61 }), open),
  story('APTT 60 s', tests({ ...normal, aptt: 60 }), clear),
  { ...story('APTT missing', tests({ platelets: 180, inr: 1 }), open), frequent: true },
  story('INR and PT missing', tests({ platelets: 180, aptt: 31 }), open),
  story('platelets missing', tests({ inr: 1, aptt: 31 }), open),
  story(
    'newest platelets recovered',
    (ctx) => [...tests(normal)(ctx), b.lab(ctx, 'platelets', 40, { on: '2025-05-15T08:00:00+08:00' })],
    clear,
  ),
  story(
    'newest platelets fallen',
    (ctx) => [b.lab(ctx, 'platelets', 40, { on: '2025-05-28T08:00:00+08:00' }), ...tests(normal)(ctx)],
    open,
  ),
  story('tests 30 days before the anchor', tests(normal, { on: '2025-05-11' }), clear),
  story('tests 31 days before the anchor', tests(normal, { on: '2025-05-10' }), open),
  story('tests recent today but stale for the day of surgery', tests(normal, { on: '2025-05-20' }), open, '2025-06-25'),
  story('tests after the anchor', tests(normal), clear, '2025-05-22'),
  story(
    'APTT preliminary',
    (ctx) => [...tests({ platelets: 180, inr: 1 })(ctx), b.lab(ctx, 'aptt', 31, { ...NOW, status: 'preliminary' })],
    open,
  ),
  story(
    'platelets in 10^9/L, not coded',
    (ctx) => [
      ...tests({ inr: 1, aptt: 31 })(ctx),
      b.observation(ctx, {
        code: b.testCode(ctx, 'platelets'),
        ...NOW,
        value: { valueQuantity: { value: 210, unit: '10^9/L' } },
      }),
    ],
    clear,
  ),
];
