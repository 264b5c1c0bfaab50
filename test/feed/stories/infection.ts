import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import { eligiblePerson, hivNegative } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, HBV, type Story, type Verdict } from '../story.ts';

type Make = (ctx: b.FeedContext) => FhirResource[];
const NOW = { on: '2025-05-24T10:00:00+08:00' };

const E1 = (status: 'eligible' | 'screening', verdict: Verdict): Expected => ({
  status,
  ...HBV,
  criteria: { E1: verdict },
});
const infected: Expected = { status: 'ineligible', reason: 'exclusion-criterion', ...HBV, criteria: { E1: 'met' } };
const story = (name: string, hiv: Make, expected: Expected): Story => ({
  name: `E1: ${name}`,
  build: (ctx) => eligiblePerson(ctx, { hiv: hiv(ctx), need: [b.serviceRequest(ctx, { on: '2025-06-10' })] }),
  expected,
});
const diagnosis =
  (code: r4.Coding, options: Omit<b.ConditionOptions, 'code'> = {}): Make =>
  (ctx) => [b.condition(ctx, { ...options, code: b.concept(code) })];
const beside =
  (code: r4.Coding, options: Omit<b.ConditionOptions, 'code'> = {}): Make =>
  (ctx) => [...diagnosis(code, options)(ctx), ...hivNegative(ctx)];

/** HIV and other infections (E1). */
export const infectionStories: Story[] = [
  { ...story('example 7: B24', diagnosis(b.icd10('B24')), infected), frequent: true },
  story(
    'HIV, dictionary code',
    (ctx) => [b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX0901')) })],
    infected,
  ),
  story('HIV, extended code', diagnosis(b.icd10cn('B24.x01', '艾滋病')), infected),
  story('HIV marked resolved', diagnosis(b.icd10('B20'), { clinical: 'resolved' }), infected),
  story('HIV provisional', beside(b.icd10('B24'), { verification: 'provisional' }), E1('screening', 'unknown')),
  story('HIV refuted, test negative', beside(b.icd10('B24'), { verification: 'refuted' }), E1('eligible', 'not-met')),
  story(
    'example 7: blot positive',
    (ctx) => [
      b.qualitative(ctx, 'hivAgAb', 'positive', { on: '2025-05-19' }),
      b.qualitative(ctx, 'hivBlot', 'positive', NOW),
    ],
    infected,
  ),
  story('HIV RNA detected', (ctx) => [b.qualitative(ctx, 'hivRna', 'detected', NOW)], infected),
  {
    ...story(
      'screening test positive alone',
      (ctx) => [b.qualitative(ctx, 'hivAgAb', 'positive', NOW)],
      E1('screening', 'unknown'),
    ),
    frequent: true,
  },
  story(
    'screening test indeterminate',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'indeterminate', NOW)],
    E1('screening', 'unknown'),
  ),
  { ...story('never tested', () => [], E1('screening', 'unknown')), frequent: true },
  story(
    'negative 90 days before the anchor',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { on: '2025-03-12' })],
    E1('eligible', 'not-met'),
  ),
  story(
    'negative 90 days before, just after midnight in Shanghai',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { on: '2025-03-11T16:30:00Z' })],
    E1('eligible', 'not-met'),
  ),
  {
    ...story(
      'negative but stale',
      (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { on: '2025-03-11' })],
      E1('screening', 'unknown'),
    ),
    frequent: true,
  },
  story(
    'negative, preliminary',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { ...NOW, status: 'preliminary' })],
    E1('screening', 'unknown'),
  ),
  story(
    'registered without a result',
    (ctx) => [b.observation(ctx, { code: b.testCode(ctx, 'hivAgAb'), ...NOW, status: 'registered' })],
    E1('screening', 'unknown'),
  ),
  story(
    'negative, entered in error',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { ...NOW, status: 'entered-in-error' })],
    E1('screening', 'unknown'),
  ),
  story(
    'negative, corrected',
    (ctx) => [b.qualitative(ctx, 'hivAgAb', 'negative', { ...NOW, status: 'corrected' })],
    E1('eligible', 'not-met'),
  ),
  story(
    'codes that only mention HIV',
    (ctx) => [
      ...beside(b.icd10cn('Z11.400', '人类免疫缺陷病毒筛查'))(ctx),
      ...diagnosis(b.icd10cn('Z20.600', 'HIV接触'))(ctx),
    ],
    E1('eligible', 'not-met'),
  ),
  story('hepatitis C', beside(b.icd10('B18.2')), E1('screening', 'unknown')),
  story('delta superinfection', beside(b.icd10('B17.0')), E1('screening', 'unknown')),
  story('syphilis', beside(b.icd10('A53.9')), E1('screening', 'unknown')),
  story('active tuberculosis', beside(b.icd10('A15.0')), E1('screening', 'unknown')),
];
