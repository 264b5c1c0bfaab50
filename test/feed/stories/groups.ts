import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, hepatitisB, measuredHemangioma, measuredNormal } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, fattyLiverArm, fibrosisArm, HBV, NORMAL, type Story } from '../story.ts';

type Make = (ctx: b.FeedContext) => FhirResource[];
const story = (name: string, disease: Make, expected: Partial<Expected>, birthDate?: string): Story => ({
  name: `group: ${name}`,
  build: (ctx) =>
    eligiblePerson(ctx, {
      disease: disease(ctx),
      ...(birthDate === undefined ? {} : { patient: { birthDate }, consents: [b.consent(ctx, { on: '2025-05-15' })] }),
    }),
  expected: { status: 'eligible', ...expected },
});
const aged = (name: string, birthDate: string, expected: Partial<Expected>): Story =>
  story(name, measuredHemangioma, { ...NORMAL, ...expected }, birthDate);
const EARLIER = { on: '2025-01-10' };
const LATER = { on: '2025-05-20T09:00:00+08:00' };
const provisional = { ...NORMAL, flags: ['provisional-group'] } as const;

/** Precedence, HBV markers, ages, and the flags on the group. */
export const groupStories: Story[] = [
  { ...story('Normal, all measured', measuredHemangioma, NORMAL), frequent: true },
  { ...aged('Normal, elderly', '1956-04-02', { stratum: 'elderly' }), frequent: true },
  aged('age 66 on the day of consent', '1959-05-15', { stratum: 'elderly' }),
  aged('age 65 years 364 days', '1959-05-16', { stratum: null, flags: ['age-gap'] }),
  aged('age 51 on the day of consent', '1974-05-15', { stratum: null, flags: ['age-gap'] }),
  { ...aged('age gap', '1967-10-30', { stratum: null, flags: ['age-gap'] }), frequent: true },
  aged('year of birth only, every age agrees', '1985', {}),
  aged('year of birth only, all in the gap', '1968', { stratum: null, flags: ['age-gap'] }),
  story(
    'year of birth only, 50 or 51',
    measuredHemangioma,
    { group: 'Normal', groups: ['Normal'], stratum: null },
    '1974',
  ),
  story(
    'year of birth only, 65 or 66',
    measuredHemangioma,
    { group: 'Normal', groups: ['Normal'], stratum: null },
    '1959',
  ),
  aged('month of birth, every age agrees', '1985-05', {}),
  {
    name: 'group: before consent the age is that of now',
    build: (ctx) =>
      eligiblePerson(ctx, { patient: { birthDate: '2007-06-01' }, disease: measuredHemangioma(ctx), consents: [] }),
    expected: { status: 'screening', ...NORMAL, criteria: { I1: 'unknown' } },
  },
  story(
    'FNH, only fat measured',
    (ctx) => [
      b.focalNodularHyperplasia(ctx),
      b.qualitative(ctx, 'hbsag', 'negative', LATER),
      ...b.elastography(ctx, { cap: 210 }, LATER),
    ],
    provisional,
  ),
  story(
    'hemangioma, measures too old',
    (ctx) => [
      b.hemangioma(ctx),
      b.qualitative(ctx, 'hbsag', 'negative', LATER),
      ...b.elastography(ctx, { cap: 210, lsm: 5, iqr: 12 }, { on: '2024-02-01' }),
    ],
    provisional,
  ),
  story(
    'hemangioma, HBsAg never tested',
    (ctx) => [b.hemangioma(ctx), ...b.elastography(ctx, { cap: 210, lsm: 5, iqr: 12 }, LATER)],
    provisional,
  ),
  story(
    'hemangioma, stiffness 10.5: check',
    (ctx) => [
      b.hemangioma(ctx),
      b.qualitative(ctx, 'hbsag', 'negative', LATER),
      ...b.elastography(ctx, { cap: 210, lsm: 10.5, iqr: 12 }, LATER),
    ],
    { ...NORMAL, flags: ['check-group'] },
  ),
  story(
    'hemangioma, CAP 240: check',
    (ctx) => [
      b.hemangioma(ctx),
      b.qualitative(ctx, 'hbsag', 'negative', LATER),
      ...b.elastography(ctx, { cap: 240, lsm: 5, iqr: 12 }, LATER),
    ],
    { ...NORMAL, flags: ['check-group'] },
  ),
  story('HBsAg alone', (ctx) => [b.qualitative(ctx, 'hbsag', 'positive', LATER)], HBV),
  story('HBV DNA 2000 IU/mL alone', (ctx) => [b.lab(ctx, 'hbvDna', 2000, LATER)], HBV),
  story(
    'HBV DNA under 42595-9',
    (ctx) => [
      b.observation(ctx, { code: b.concept(b.loinc('42595-9')), ...LATER, value: b.quantity(5400, '[IU]/mL') }),
    ],
    HBV,
  ),
  story(
    'HBV DNA below the limit of quantification',
    (ctx) => [
      b.hemangioma(ctx),
      b.observation(ctx, {
        code: b.testCode(ctx, 'hbvDna'),
        ...LATER,
        value: {
          valueQuantity: {
            comparator: '<',
            value: 20,
            unit: '[IU]/mL',
            system: 'http://unitsofmeasure.org',
            code: '[IU]/mL',
          },
        },
      }),
    ],
    provisional,
  ),
  story(
    'HBV DNA below the limit, as text',
    (ctx) => [
      b.hemangioma(ctx),
      b.observation(ctx, { code: b.testCode(ctx, 'hbvDna'), ...LATER, value: { valueString: '<20' } }),
    ],
    provisional,
  ),
  story(
    'HBV DNA not detected',
    (ctx) => [...measuredHemangioma(ctx), b.qualitative(ctx, 'hbvDna', 'not-detected', LATER)],
    NORMAL,
  ),
  story(
    'HBsAg: newest is positive',
    (ctx) => [
      b.hemangioma(ctx),
      b.qualitative(ctx, 'hbsag', 'negative', EARLIER),
      b.qualitative(ctx, 'hbsag', 'positive', LATER),
    ],
    HBV,
  ),
  story(
    'HBsAg: newest is negative',
    (ctx) => [...measuredHemangioma(ctx), b.qualitative(ctx, 'hbsag', 'positive', EARLIER)],
    NORMAL,
  ),
  story(
    'HBsAg negative, newer than the code',
    (ctx) => [b.chronicHepatitisB(ctx, { recordedDate: '2025-01-05' }), b.qualitative(ctx, 'hbsag', 'negative', LATER)],
    { ...HBV, flags: ['hbsag-disagrees'] },
  ),
  story(
    'hepatitis B resolved',
    (ctx) => [...measuredHemangioma(ctx), b.chronicHepatitisB(ctx, { clinical: 'resolved' })],
    NORMAL,
  ),
  story(
    'anti-HBs only',
    (ctx) => [...measuredHemangioma(ctx), b.qualitative(ctx, 'antiHbs', 'positive', LATER)],
    NORMAL,
  ),
  story(
    'hemangioma with fatty liver',
    (ctx) => [...measuredHemangioma(ctx), b.fattyLiver(ctx), b.histology(ctx, 'steatosis', 15, LATER)],
    { group: 'FattyLiver', groups: ['FattyLiver'], stratum: 'mild' },
  ),
  story(
    'HBV with fatty liver',
    (ctx) => [...hepatitisB(ctx), b.fattyLiver(ctx), b.histology(ctx, 'steatosis', 45, LATER)],
    { group: 'HBV', groups: ['HBV', 'FattyLiver'], stratum: null, flags: [] },
  ),
  story(
    'all three',
    (ctx) => [...hepatitisB(ctx), b.fattyLiver(ctx), b.liverFibrosis(ctx), b.histology(ctx, 'scheuer', 'S1', LATER)],
    { group: 'Fibrosis', groups: ['Fibrosis', 'HBV', 'FattyLiver'], stratum: 'mild', flags: [] },
  ),
  story(
    'hepatitis B cirrhosis in one code',
    (ctx) => [b.condition(ctx, { code: b.concept(b.icd10cn('K74.600x003', '乙型肝炎肝硬化')) })],
    { group: 'Fibrosis', groups: ['Fibrosis', 'HBV'], stratum: 'severe', flags: [] },
  ),
  story(
    'HBV, stiffness 15 without a diagnosis of fibrosis',
    (ctx) => [...hepatitisB(ctx), ...b.elastography(ctx, { lsm: 15, iqr: 12 }, LATER)],
    HBV,
  ),
  story(
    'histology S0 against a code of fibrosis',
    (ctx) => [...measuredHemangioma(ctx), b.liverFibrosis(ctx), b.histology(ctx, 'scheuer', 'S0', LATER)],
    { ...NORMAL, flags: ['group-disagreement'] },
  ),
  story(
    'steatosis <5 against a code of fatty liver',
    (ctx) => [...measuredHemangioma(ctx), b.fattyLiver(ctx), b.histology(ctx, 'steatosis', '<5', LATER)],
    { ...NORMAL, flags: ['group-disagreement'] },
  ),
  story(
    'steatosis 3 % alone is no fatty liver',
    (ctx) => [b.hemangioma(ctx), b.histology(ctx, 'steatosis', 3, LATER), ...measuredNormal(ctx)],
    NORMAL,
  ),
  { ...story('cirrhosis without a measure', (ctx) => [b.cirrhosis(ctx)], fibrosisArm('severe')), frequent: true },
  { ...story('fibrosis without a measure', (ctx) => [b.liverFibrosis(ctx)], fibrosisArm(null)), frequent: true },
  story('fatty liver without a measure', (ctx) => [b.fattyLiver(ctx)], fattyLiverArm(null)),
];
