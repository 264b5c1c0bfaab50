import type { r4 } from '../../../src/fhir/resource.ts';
import { eligiblePerson, hepatitisB } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, fibrosisArm, HBV, type Story } from '../story.ts';

const FIBROSIS = fibrosisArm('moderate');
const fibrosis = (ctx: b.FeedContext) => [
  b.liverFibrosis(ctx),
  b.histology(ctx, 'scheuer', ctx.random.pick(['S2', 'S3', 'G1S2']), { on: '2025-04-15' }),
];
const excluded: Expected = { status: 'ineligible', ...FIBROSIS, criteria: { E3: 'met' } };
const review: Expected = { status: 'screening', ...FIBROSIS, criteria: { E3: 'unknown' } };
const story = (name: string, code: (ctx: b.FeedContext) => r4.Coding, expected: Expected): Story => ({
  name: `E3: ${name}`,
  build: (ctx) =>
    eligiblePerson(ctx, { disease: fibrosis(ctx), more: [b.condition(ctx, { code: b.concept(code(ctx)) })] }),
  expected,
});

/** Severe disease affecting immunity (E3). */
export const immunityStories: Story[] = [
  { ...story('SLE with organ involvement', (ctx) => b.localDiagnosis(ctx, 'DX0904'), excluded), frequent: true },
  story('SLE with organ involvement, ICD-10', () => b.icd10('M32.1'), excluded),
  story('leukemia', () => b.icd10('C91.0'), excluded),
  story('lymphoma', () => b.icd10('C83.3'), excluded),
  story('myeloma', () => b.icd10('C90.0'), excluded),
  story('liver transplant', () => b.icd10('Z94.4'), excluded),
  story('SCID', () => b.snomed('190994004'), excluded),
  story('SLE, not specified', () => b.icd10cn('M32.900'), review),
  story('agranulocytosis', () => b.icd10('D70'), review),
  {
    name: 'E3: leukemia refuted',
    build: (ctx) =>
      eligiblePerson(ctx, {
        more: [b.condition(ctx, { code: b.concept(b.icd10('C91.0')), verification: 'refuted' })],
      }),
    expected: { status: 'eligible', ...HBV },
  },
  {
    name: 'E3: diagnosis list of the admission and medications clear',
    build: (ctx) => {
      const disease = hepatitisB(ctx);
      const diagnoses = disease.filter((each) => each.resourceType === 'Condition');
      return eligiblePerson(ctx, {
        disease,
        need: [b.serviceRequest(ctx, { on: '2025-05-30' })],
        more: [
          b.encounter(ctx, { period: { start: '2025-05-26T09:00:00+08:00' }, diagnoses }),
          b.medicationRequest(ctx, { drug: '恩替卡韦片 0.5mg', on: '2025-03-20' }),
          b.medicationRequest(ctx, { drug: '多烯磷脂酰胆碱胶囊', on: '2025-05-26' }),
        ],
      });
    },
    expected: { status: 'eligible', ...HBV, criteria: { E3: 'not-met' } },
  },
];
