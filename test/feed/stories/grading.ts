import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, hepatitisB, measuredHemangioma } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, fattyLiverArm, fibrosisArm, NORMAL, type Story } from '../story.ts';

type Make = (ctx: b.FeedContext) => FhirResource[];
type Scale = Parameters<typeof b.histology>[1];
const LATER = { on: '2025-05-20T09:00:00+08:00' };

const story = (name: string, disease: Make, expected: Partial<Expected>): Story => ({
  name: `grade: ${name}`,
  // The anchor is fixed: windows of 12 months are counted from it.
  build: (ctx) => eligiblePerson(ctx, { disease: disease(ctx), need: [b.serviceRequest(ctx, { on: '2025-06-10' })] }),
  expected: { status: 'eligible', ...expected },
});
const histology = (scale: Scale, value: string | number, stratum: string, frequent = false): Story => ({
  ...story(`${scale} ${value}`, (ctx) => [b.histology(ctx, scale, value, LATER)], {
    ...(scale === 'steatosis' ? fattyLiverArm(stratum) : fibrosisArm(stratum)),
    criteria: { I4: 'met' },
  }),
  ...(frequent ? { frequent } : {}),
});
const stiffness = (lsm: number, iqr: number, stratum: string | null, on = LATER.on): Story =>
  story(
    `fibrosis, stiffness ${lsm} kPa, IQR ${iqr} %, ${on.slice(0, 10)}`,
    (ctx) => [b.liverFibrosis(ctx), ...b.elastography(ctx, { lsm, iqr }, { on })],
    fibrosisArm(stratum),
  );
const cap = (value: number, stratum: string): Story =>
  story(
    `fatty liver, CAP ${value} dB/m`,
    (ctx) => [b.fattyLiver(ctx), ...b.elastography(ctx, { cap: value, lsm: 5, iqr: 9 }, LATER)],
    fattyLiverArm(stratum),
  );

/** Stage and grade: the scales, their bounds, what outranks what, what is too old or not valid. */
export const gradingStories: Story[] = [
  histology('scheuer', 'S1', 'mild', true),
  histology('scheuer', 'S3', 'moderate'),
  histology('scheuer', 'G2S3', 'moderate', true),
  histology('scheuer', 'S4', 'severe', true),
  histology('metavir', 'F1', 'mild'),
  histology('metavir', 'F3', 'moderate'),
  histology('metavir', 'F4', 'severe'),
  histology('ishak', 1, 'mild'),
  histology('ishak', 2, 'mild'),
  histology('ishak', 3, 'moderate'),
  histology('ishak', 6, 'severe'),
  histology('steatosis', 5, 'mild'),
  histology('steatosis', 33, 'mild'),
  histology('steatosis', 66, 'moderate'),
  histology('steatosis', 66.5, 'severe'),
  stiffness(9.3, 12, 'mild'),
  stiffness(9.4, 12, 'moderate'),
  stiffness(12.4, 30, 'severe'),
  stiffness(12.4, 31, null),
  stiffness(10, 12, 'moderate', '2024-06-10T09:00:00+08:00'),
  stiffness(10, 12, null, '2024-06-09T09:00:00+08:00'),
  cap(240, 'mild'),
  cap(264, 'mild'),
  cap(265, 'moderate'),
  cap(295, 'severe'),
  story(
    'IQR as a component of the stiffness',
    (ctx) => [
      b.liverFibrosis(ctx),
      b.observation(ctx, {
        code: b.concept(b.localLab(ctx, 'L102')),
        ...LATER,
        value: b.quantity(13, 'kPa'),
        component: [{ code: b.concept(b.localLab(ctx, 'L103')), ...b.quantity(45, '%') }],
      }),
    ],
    fibrosisArm(null),
  ),
  story(
    'histology S2 against stiffness 15',
    (ctx) => [b.histology(ctx, 'scheuer', 'S2', LATER), ...b.elastography(ctx, { lsm: 15, iqr: 12 }, LATER)],
    { ...fibrosisArm('moderate'), flags: ['stage-disagreement'] },
  ),
  story(
    'biopsy 20 % against CAP 300',
    (ctx) => [
      b.fattyLiver(ctx),
      b.histology(ctx, 'steatosis', 20, LATER),
      ...b.elastography(ctx, { cap: 300, lsm: 5, iqr: 12 }, LATER),
    ],
    { ...fattyLiverArm('mild'), flags: ['stage-disagreement'] },
  ),
  story('cirrhosis against histology S2', (ctx) => [b.cirrhosis(ctx), b.histology(ctx, 'scheuer', 'S2', LATER)], {
    group: 'Fibrosis',
    groups: ['Fibrosis'],
    flags: ['stage-disagreement'],
  }),
  story(
    'old biopsy qualifies but does not grade',
    (ctx) => [b.histology(ctx, 'steatosis', 20, { on: '2022-04-01' })],
    fattyLiverArm(null),
  ),
  story(
    'old biopsy, CAP of now grades',
    (ctx) => [
      b.histology(ctx, 'steatosis', 20, { on: '2023-04-01' }),
      ...b.elastography(ctx, { cap: 280, lsm: 5, iqr: 12 }, LATER),
    ],
    { group: 'FattyLiver', groups: ['FattyLiver'], stratum: 'moderate' },
  ),
  story(
    'preliminary histology does not qualify',
    (ctx) => [...hepatitisB(ctx), b.histology(ctx, 'scheuer', 'S3', { ...LATER, status: 'preliminary' })],
    { group: 'HBV', groups: ['HBV'], stratum: null, flags: [] },
  ),
  story(
    'S2 without method or context',
    (ctx) => [
      ...measuredHemangioma(ctx),
      b.observation(ctx, { code: b.textOnly('肝穿刺病理'), ...LATER, value: { valueString: 'S2' } }),
    ],
    NORMAL,
  ),
  story(
    'inflammation grade only',
    (ctx) => [...measuredHemangioma(ctx), b.histology(ctx, 'inflammation', 'G2', LATER)],
    NORMAL,
  ),
  story(
    'report over the histology',
    (ctx) => {
      const stage = b.histology(ctx, 'metavir', 'F2', LATER);
      return [stage, b.diagnosticReport(ctx, { text: '肝穿刺病理报告', on: '2025-05-20', results: [stage] })];
    },
    fibrosisArm('moderate'),
  ),
];
