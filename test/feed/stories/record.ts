import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, measuredHemangioma } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, HBV, NO_GROUP, NORMAL, type Story } from '../story.ts';

const first = (versionId = '1') => ({ versionId, lastUpdated: '2025-05-13T09:00:00+08:00' });
const second = (versionId = '2') => ({ versionId, lastUpdated: '2025-05-20T09:00:00+08:00' });
const versions = (
  name: string,
  disease: (ctx: b.FeedContext, reversed: boolean) => FhirResource[],
  expected: Expected,
): Story[] =>
  [false, true].map((reversed) => ({
    name: `record: ${name}, ${reversed ? 'newest first' : 'oldest first'}`,
    build: (ctx) => eligiblePerson(ctx, { disease: disease(ctx, reversed) }),
    expected,
  }));
const ordered = (pair: FhirResource[], reversed: boolean) => (reversed ? [...pair].reverse() : pair);
const normal: Expected = { status: 'eligible', ...NORMAL };
const FATTY = (ctx: b.FeedContext) => b.concept(b.localDiagnosis(ctx, 'DX0201'));

function takenBack(verification: string) {
  return (ctx: b.FeedContext, reversed: boolean): FhirResource[] => {
    const id = ctx.id('c');
    const pair = [
      b.condition(ctx, { code: FATTY(ctx), id, ...first() }),
      b.condition(ctx, { code: FATTY(ctx), id, ...second(), verification }),
    ];
    return ordered(pair, reversed);
  };
}
const besideHemangioma = (verification: string) => (ctx: b.FeedContext, reversed: boolean) => [
  ...measuredHemangioma(ctx),
  ...takenBack(verification)(ctx, reversed),
];

/** Corrections, versions, deletions, merges: the newest version wins in any order. */
export const recordStories: Story[] = [
  ...versions('the only evidence refuted', takenBack('refuted'), {
    status: 'ineligible',
    reason: 'evidence-retracted',
    ...NO_GROUP,
    criteria: { I4: 'not-met' },
  }),
  ...versions('fatty liver refuted beside a hemangioma', besideHemangioma('refuted'), normal),
  ...versions('fatty liver entered in error beside a hemangioma', besideHemangioma('entered-in-error'), normal),
  ...versions(
    'lastUpdated decides, not the versionId',
    (ctx, reversed) => {
      const id = ctx.id('c');
      const pair = [
        b.condition(ctx, { code: FATTY(ctx), id, ...first('10') }),
        b.condition(ctx, { code: FATTY(ctx), id, ...second('9'), verification: 'refuted' }),
      ];
      return [...measuredHemangioma(ctx), ...ordered(pair, reversed)];
    },
    normal,
  ),
  ...versions(
    'consent withdrawn in its second version',
    (ctx, reversed) => {
      const id = ctx.id('k');
      const pair = [
        b.consent(ctx, { on: '2025-05-17', id, ...first() }),
        b.consent(ctx, { on: '2025-05-17', id, ...second(), status: 'inactive' }),
      ];
      return [...measuredHemangioma(ctx), ...ordered(pair, reversed)];
    },
    { status: 'withdrawn', reason: 'consent-withdrawn', ...NORMAL },
  ),
  {
    name: 'record: stale redelivery of HIV, since refuted',
    build: (ctx) => {
      const id = ctx.id('c');
      const code = b.concept(b.icd10('B24'));
      const pair = [
        b.condition(ctx, { code, id, ...first() }),
        b.condition(ctx, { code, id, ...second(), verification: 'refuted' }),
      ];
      return eligiblePerson(ctx, { more: pair });
    },
    redelivered: (resources) =>
      resources.filter((each) => each.resourceType === 'Condition' && each.meta?.lastUpdated === first().lastUpdated),
    expected: { status: 'eligible', ...HBV, criteria: { E1: 'not-met' } },
  },
  {
    name: 'record: fatty liver deleted',
    site: 'bf',
    build: (ctx) =>
      eligiblePerson(ctx, {
        disease: [...measuredHemangioma(ctx), b.condition(ctx, { code: FATTY(ctx), id: `${ctx.id('c')}-deleted` })],
      }),
    deleted: (resources) => resources.map(b.referenceTo).filter((reference) => reference.endsWith('-deleted')),
    expected: normal,
  },
  {
    name: 'record: fatty liver deleted, then delivered again in its old version',
    site: 'bf',
    build: (ctx) =>
      eligiblePerson(ctx, {
        disease: [...measuredHemangioma(ctx), b.condition(ctx, { code: FATTY(ctx), id: `${ctx.id('c')}-deleted` })],
      }),
    deleted: (resources) => resources.map(b.referenceTo).filter((reference) => reference.endsWith('-deleted')),
    redelivered: (resources) => resources.filter((each) => each.id?.endsWith('-deleted') === true),
    expected: normal,
  },
  {
    name: 'record: merged, the evidence split over two Patients',
    frequent: true,
    survivor: 'new',
    build: (ctx) => {
      const survivor = b.duplicateRegistration(ctx, 'new');
      const birthDate = '1988-07-14';
      const parts = eligiblePerson(ctx, {
        patient: { birthDate, link: [b.replacedBy(survivor)] },
        disease: measuredHemangioma(ctx),
        consents: [b.consent(survivor, { on: '2025-05-15' })],
        need: [b.serviceRequest(survivor, { on: '2025-06-10' })],
      });
      return [...parts, b.patient(survivor, { birthDate })];
    },
    aliases: [''],
    expected: normal,
  },
  {
    name: 'record: merged twice, the survivor known last',
    survivor: 'c',
    aliases: ['', 'b'],
    build: (ctx) => {
      const [second, third] = [b.duplicateRegistration(ctx, 'b'), b.duplicateRegistration(ctx, 'c')];
      const birthDate = '1990-11-02';
      return [
        ...eligiblePerson(ctx, {
          patient: { birthDate, link: [b.replacedBy(second)] },
          disease: measuredHemangioma(second),
          need: [b.serviceRequest(third, { on: '2025-06-10' })],
        }),
        b.patient(second, { birthDate, link: [b.replacedBy(third)] }),
        b.patient(third, { birthDate }),
      ];
    },
    expected: normal,
  },
  {
    name: 'record: links that lead in a circle',
    aliases: ['b'],
    build: (ctx) => {
      const other = b.duplicateRegistration(ctx, 'b');
      const birthDate = '1986-03-21';
      return [
        ...eligiblePerson(ctx, {
          patient: { birthDate, link: [b.replacedBy(other)] },
          disease: measuredHemangioma(ctx),
        }),
        b.patient(other, { birthDate, link: [b.replacedBy(ctx)] }),
      ];
    },
    expected: { ...normal, flags: ['merge-cycle'] },
  },
];
