import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import { eligiblePerson, measuredHemangioma, measuredNormal } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Counted, type Expected, fattyLiverArm, HBV, NO_GROUP, NORMAL, type Story } from '../story.ts';

type Make = (ctx: b.FeedContext) => FhirResource[];
const story = (name: string, disease: Make, expected: Expected | null, counted?: Counted): Story => ({
  name: `disease: ${name}`,
  build: (ctx) => eligiblePerson(ctx, { disease: disease(ctx) }),
  expected,
  ...(counted === undefined ? {} : { counted }),
});
const coded =
  (code: r4.CodeableConcept, options: Omit<b.ConditionOptions, 'code'> = {}): Make =>
  (ctx) => [b.condition(ctx, { ...options, code })];
const nobody = (name: string, disease: Make, counted: Counted = 'no-disease-evidence'): Story =>
  story(name, disease, null, counted);
const open: Expected = { status: 'screening', ...NO_GROUP, criteria: { I1: 'met', I4: 'unknown' } };
const fat: Expected = { status: 'eligible', ...fattyLiverArm(null), criteria: { I4: 'met' } };
const normal: Expected = { status: 'eligible', ...NORMAL, criteria: { I3: 'met', I4: 'met' } };
const measured =
  (code: (ctx: b.FeedContext) => r4.CodeableConcept, options: Omit<b.ConditionOptions, 'code'> = {}): Make =>
  (ctx) => [b.condition(ctx, { ...options, code: code(ctx) }), ...measuredNormal(ctx)];

/** Which diagnoses show one of the six diseases (I3, I4 a), and which only seem to. */
export const diseaseStories: Story[] = [
  { ...story('provisional', (ctx) => [b.fattyLiver(ctx, { verification: 'provisional' })], open), frequent: true },
  story('differential', (ctx) => [b.hemangioma(ctx, { verification: 'differential' })], open),
  story('unconfirmed', (ctx) => [b.cirrhosis(ctx, { verification: 'unconfirmed' })], open),
  story('no verification status', (ctx) => [b.fattyLiver(ctx, { verification: null })], fat),
  story('refuted, nothing else', (ctx) => [b.fattyLiver(ctx, { verification: 'refuted' })], {
    status: 'ineligible',
    reason: 'evidence-retracted',
    ...NO_GROUP,
    criteria: { I4: 'not-met' },
  }),
  story(
    'refuted beside a confirmed one',
    (ctx) => [b.fattyLiver(ctx, { verification: 'refuted' }), ...measuredHemangioma(ctx)],
    normal,
  ),
  { ...story('text only', coded(b.textOnly('脂肪肝（中度）')), open), frequent: true },
  story('text only, 非酒精性', coded(b.textOnly('非酒精性脂肪肝')), open),
  nobody('negated text 排除', coded(b.textOnly('排除脂肪肝'))),
  nobody('negated text 未见', coded(b.textOnly('肝内未见血管瘤'))),
  nobody('text 待查', coded(b.textOnly('肝硬化待查'))),
  nobody('text 疑似', coded(b.textOnly('疑似肝血管瘤'))),
  nobody('family history', coded(b.textOnly('乙肝家族史'))),
  nobody('D18.0 alone', coded(b.concept(b.icd10('D18.0'))), 'root-only'),
  nobody('K76.8 alone', coded(b.concept(b.icd10('K76.8'))), 'root-only'),
  story(
    'D18.0 with liver as body site',
    measured(() => b.concept(b.icd10('D18.0')), { bodySite: b.snomed('10200004') }),
    normal,
  ),
  story(
    'D18.0 with the dictionary code',
    measured((ctx) => b.concept(b.icd10('D18.0'), b.localDiagnosis(ctx, 'DX0101'))),
    normal,
  ),
  story(
    'K76.8 with the dictionary code',
    measured((ctx) => b.concept(b.icd10('K76.8'), b.localDiagnosis(ctx, 'DX0102'))),
    normal,
  ),
  story(
    'D18.013 under ICD-10',
    measured(() => b.concept(b.icd10('D18.013'))),
    normal,
  ),
  story(
    'undotted D18013 under ICD-10-CN',
    measured(() => b.concept(b.icd10cn('D18013'))),
    normal,
  ),
  story('undotted K760x001 under ICD-10', coded(b.concept(b.icd10('K760x001'))), fat),
  story('undotted K760x001 under ICD-10-CN', coded(b.concept(b.icd10cn('K760x001'))), fat),
  story('alcoholic fatty liver only', coded(b.concept(b.icd10('K70.0'))), {
    status: 'screening',
    criteria: { I4: 'unknown' },
  }),
  story('HBsAg carrier', coded(b.concept(b.icd10cn('Z22.5'))), { status: 'eligible', ...HBV }),
  nobody('hepatitis B vaccination', coded(b.concept(b.icd10cn('Z24.601', '接种乙肝疫苗')))),
  nobody('convalescence of hepatitis B', coded(b.concept(b.icd10cn('Z54.800x008', '乙肝恢复期')))),
  nobody('portal hypertension without cirrhosis', coded(b.concept(b.icd10cn('K76.600x007', '非肝硬化性门脉高压')))),
  nobody('local code that no map knows', (ctx) => [
    b.condition(ctx, { code: { ...b.concept(b.localDiagnosis(ctx, 'DX7707')), text: '肝区不适' } }),
  ]),
  story(
    'local code that no map knows beside a known disease',
    (ctx) => [...measuredHemangioma(ctx), b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX7708')) })],
    normal,
  ),
  nobody('gallstones and hypertension', (ctx) => [
    b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX1002')) }),
    b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX1001')) }),
  ]),
  {
    name: 'disease: nothing to do with the liver',
    frequent: true,
    build: (ctx) => [
      b.patient(ctx),
      b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX1001')) }),
      ...b.noise(ctx),
    ],
    expected: null,
    counted: 'no-disease-evidence',
  },
  {
    ...story(
      'malignancy beside it',
      (ctx) => [...measuredHemangioma(ctx), b.condition(ctx, { code: b.concept(b.icd10('C22.0')) })],
      {
        ...normal,
        flags: ['malignancy'],
      },
    ),
    frequent: true,
  },
];
