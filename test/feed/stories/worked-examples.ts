import { eligiblePerson, hepatitisB, openRequest } from '../baseline.ts';
import * as b from '../builders.ts';
import { fattyLiverArm, HBV, NORMAL, type Story } from '../story.ts';

const RECENT = '2025-05-26T10:00:00+08:00';
const provisional = { ...NORMAL, flags: ['provisional-group'] } as const;
const mothersConsent = (ctx: b.FeedContext) => {
  const mother = b.relatedPerson(ctx);
  return [mother, b.consent(ctx, { on: '2025-05-15', performer: mother })];
};
const steatosis = (percent: number, stratum: string): Story => ({
  name: `example 4: fatty liver, biopsy ${percent} %`,
  frequent: true,
  build: (ctx) =>
    eligiblePerson(ctx, { disease: [b.fattyLiver(ctx), b.histology(ctx, 'steatosis', percent, { on: '2025-03-20' })] }),
  expected: { status: 'eligible', ...fattyLiverArm(stratum), criteria: { I3: 'not-applicable', I4: 'met' } },
});
const ishak = (stage: number, stratum: string): Story => ({
  name: `example 5: chronic hepatitis B with Ishak ${stage}`,
  frequent: true,
  build: (ctx) =>
    eligiblePerson(ctx, { disease: [...hepatitisB(ctx), b.histology(ctx, 'ishak', stage, { on: '2025-04-02' })] }),
  expected: { status: 'eligible', group: 'Fibrosis', groups: ['Fibrosis', 'HBV'], stratum, flags: [] },
});

/** Worked examples 1 to 8 of the protocol page (10 is with the requests). */
export const workedExamples: Story[] = [
  {
    name: 'example 1: hemangioma, age 34',
    site: 'ya',
    frequent: true,
    build: (ctx) => eligiblePerson(ctx, { patient: { birthDate: '1991-02-03' }, disease: [b.hemangioma(ctx)] }),
    expected: {
      status: 'eligible',
      ...provisional,
      criteria: { I1: 'met', I2: 'met', I3: 'met', I4: 'met', E1: 'not-met', E2: 'not-met', E4: 'unknown' },
    },
  },
  {
    name: 'example 2: FNH, age 50 years 364 days',
    build: (ctx) =>
      eligiblePerson(ctx, {
        patient: { birthDate: '1974-05-16' },
        disease: [b.focalNodularHyperplasia(ctx)],
        consents: [b.consent(ctx, { on: '2025-05-15' })],
      }),
    expected: { status: 'eligible', ...provisional, criteria: { I3: 'met' } },
  },
  {
    name: 'example 2: age 12, consent of the guardian',
    frequent: true,
    build: (ctx) =>
      eligiblePerson(ctx, {
        patient: { birthDate: '2013-01-20' },
        disease: [b.focalNodularHyperplasia(ctx)],
        consents: mothersConsent(ctx),
      }),
    expected: { status: 'eligible', ...provisional, stratum: 'minor', criteria: { I1: 'met' } },
  },
  {
    name: 'example 2: age 12, signed by the child alone',
    build: (ctx) => eligiblePerson(ctx, { patient: { birthDate: '2013-01-20' }, disease: [b.hemangioma(ctx)] }),
    expected: { status: 'screening', ...provisional, stratum: 'minor', criteria: { I1: 'unknown' } },
  },
  {
    name: 'example 3: turned 18 between consent and surgery',
    build: (ctx) =>
      eligiblePerson(ctx, {
        patient: { birthDate: '2007-05-25' },
        disease: [b.hemangioma(ctx)],
        consents: mothersConsent(ctx),
      }),
    expected: {
      status: 'eligible',
      ...provisional,
      stratum: 'minor',
      flags: ['provisional-group', 're-consent'],
      criteria: { I1: 'met' },
    },
  },
  {
    name: 'example 3: turns 18 after the clock, before surgery',
    build: (ctx) =>
      eligiblePerson(ctx, {
        patient: { birthDate: '2007-06-04' },
        disease: [b.hemangioma(ctx)],
        consents: mothersConsent(ctx),
        need: [b.serviceRequest(ctx, { on: '2025-06-10' })],
      }),
    expected: { status: 'eligible', group: 'Normal', groups: ['Normal'], stratum: 'minor', criteria: { I1: 'met' } },
  },
  steatosis(20, 'mild'),
  steatosis(33.5, 'moderate'),
  steatosis(70, 'severe'),
  {
    name: 'example 4: fatty liver, CAP 270',
    frequent: true,
    build: (ctx) =>
      eligiblePerson(ctx, {
        disease: [b.fattyLiver(ctx), ...b.elastography(ctx, { cap: 270, lsm: 5.2, iqr: 14 }, { on: RECENT })],
      }),
    expected: { status: 'eligible', ...fattyLiverArm('moderate') },
  },
  {
    name: 'example 4: CAP 300 without a diagnosis',
    build: (ctx) =>
      eligiblePerson(ctx, { disease: b.elastography(ctx, { cap: 300, lsm: 5, iqr: 10 }, { on: RECENT }) }),
    expected: null,
    counted: 'no-disease-evidence',
  },
  {
    name: 'example 5: chronic hepatitis B',
    frequent: true,
    build: (ctx) => eligiblePerson(ctx),
    expected: { status: 'eligible', ...HBV, criteria: { I3: 'not-applicable', I4: 'met', E1: 'not-met' } },
  },
  ishak(5, 'severe'),
  ishak(4, 'moderate'),
  {
    name: 'example 6: hemangioma, anti-HBc only',
    build: (ctx) =>
      eligiblePerson(ctx, {
        disease: [
          b.hemangioma(ctx),
          b.qualitative(ctx, ctx.random.pick(['antiHbcIgG', 'antiHbc'] as const), 'positive', { on: RECENT }),
          b.qualitative(ctx, 'hbsag', 'negative', { on: RECENT }),
        ],
      }),
    expected: { status: 'eligible', ...provisional },
  },
  {
    name: 'example 6: only a liver cyst',
    build: (ctx) =>
      eligiblePerson(ctx, { disease: [b.condition(ctx, { code: b.concept(b.icd10cn('K76.807', '肝囊肿')) })] }),
    expected: null,
    counted: 'no-disease-evidence',
  },
  {
    name: 'example 6: only a skin hemangioma',
    build: (ctx) =>
      eligiblePerson(ctx, { disease: [b.condition(ctx, { code: b.concept(b.icd10cn('D18.007', '皮肤血管瘤')) })] }),
    expected: null,
    counted: 'no-disease-evidence',
  },
  {
    name: 'example 6: only a skin hemangioma, local code',
    build: (ctx) =>
      eligiblePerson(ctx, { disease: [b.condition(ctx, { code: b.concept(b.localDiagnosis(ctx, 'DX0199')) })] }),
    expected: null,
    counted: 'no-disease-evidence',
  },
  {
    name: 'example 8: v2.0 signed 2024-01-15',
    frequent: true,
    build: (ctx) => eligiblePerson(ctx, { consents: [b.consent(ctx, { version: 'v2.0', on: '2024-01-15' })] }),
    expected: { status: 'eligible', ...HBV, flags: ['re-consent'], criteria: { I1: 'met' } },
  },
  {
    name: 'example 8: v1.0 signed 2024-09-01',
    frequent: true,
    build: (ctx) =>
      eligiblePerson(ctx, {
        consents: [b.consent(ctx, { version: 'v1.0', on: '2024-09-01' })],
        need: openRequest(ctx),
      }),
    expected: { status: 'screening', ...HBV, criteria: { I1: 'not-met' } },
  },
];
