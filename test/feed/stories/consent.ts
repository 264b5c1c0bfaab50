import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, measuredHemangioma } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, NORMAL, type Story, type Verdict } from '../story.ts';

const I1 = (verdict: Verdict) => ({ ...NORMAL, criteria: { I1: verdict, I4: 'met' } }) as const;
const eligible: Expected = { status: 'eligible', ...I1('met') };
const screening = (verdict: Verdict): Expected => ({ status: 'screening', ...I1(verdict) });
const declined: Expected = { status: 'not-registered', reason: 'declined', ...I1('not-met') };
const withdrawn: Expected = { status: 'withdrawn', reason: 'consent-withdrawn', ...I1('not-met') };
const signing = { ...I1('met'), flags: ['re-consent'] } as const;

/** A person eligible but for what is said of consent. */
const story = (
  name: string,
  expected: Expected,
  ...options: ((ctx: b.FeedContext) => b.ConsentOptions)[] | b.ConsentOptions[]
): Story => ({
  name: `consent: ${name}`,
  build: (ctx) =>
    eligiblePerson(ctx, {
      disease: measuredHemangioma(ctx),
      consents: options.map((each) => b.consent(ctx, typeof each === 'function' ? each(ctx) : each)),
    }),
  expected,
});

const aged = (
  name: string,
  birthDate: string | null,
  make: (ctx: b.FeedContext) => FhirResource[],
  expected: Expected,
): Story => ({
  name: `consent: ${name}`,
  build: (ctx) =>
    eligiblePerson(ctx, { patient: { birthDate }, disease: measuredHemangioma(ctx), consents: make(ctx) }),
  expected,
});
const minor = { ...NORMAL, stratum: 'minor' } as const;

/** Which Consent decides, and what makes it valid (I1). */
export const consentStories: Story[] = [
  { ...story('none at all', screening('unknown')), frequent: true },
  story(
    'newest decides: withdrawn after signing',
    withdrawn,
    { on: '2025-05-01' },
    { on: '2025-05-20', status: 'inactive' },
  ),
  story(
    'newest decides: signed after refusing',
    eligible,
    { on: '2025-05-15' },
    { on: '2025-03-01', status: 'rejected' },
  ),
  story(
    'newest decides: refused after signing',
    declined,
    { on: '2025-05-01' },
    { on: '2025-05-20', status: 'rejected' },
  ),
  story(
    'newest decides: signed again after withdrawing',
    eligible,
    { on: '2025-04-01', status: 'inactive' },
    { on: '2025-05-15' },
  ),
  story(
    'newest decides: old form after the new one',
    screening('not-met'),
    { on: '2025-04-01' },
    { on: '2025-05-15', version: 'v2.0' },
  ),
  story(
    'permit and deny of one day cannot be ordered',
    screening('conflict'),
    { on: '2025-05-15' },
    { on: '2025-05-15', provision: 'deny' },
  ),
  story('undated alone', screening('unknown'), { on: null }),
  story('undated counts as older than a refusal', declined, { on: null }, { on: '2025-05-02', status: 'rejected' }),
  story(
    'undated refusal counts as older than a signature',
    eligible,
    { on: null, status: 'rejected' },
    { on: '2025-05-02' },
  ),
  { ...story('draft only', screening('unknown'), { on: '2025-05-15', status: 'draft' }), frequent: true },
  story('proposed only', screening('unknown'), { on: '2025-05-15', status: 'proposed' }),
  story(
    'newer draft does not decide',
    eligible,
    { on: '2025-05-02' },
    { on: '2025-05-20', status: 'draft', provision: 'deny' },
  ),
  story('entered in error only', screening('unknown'), { on: '2025-05-15', status: 'entered-in-error' }),
  story(
    'newer entered in error does not decide',
    eligible,
    { on: '2025-05-02' },
    { on: '2025-05-20', status: 'entered-in-error' },
  ),
  story('other scope', screening('not-met'), { on: '2025-05-15', scope: 'treatment' }),
  story('period over', screening('not-met'), { on: '2025-05-05', period: { start: '2025-05-05', end: '2025-05-30' } }),
  story('period running', eligible, { on: '2025-05-05', period: { start: '2025-05-05', end: '2026-05-05' } }),
  { ...story('rejected', declined, { on: '2025-05-15', status: 'rejected' }), frequent: true },
  story('deny', declined, { on: '2025-05-15', provision: 'deny' }),
  { ...story('inactive', withdrawn, { on: '2025-05-15', status: 'inactive' }), frequent: true },
  story('no provision type', screening('unknown'), { on: '2025-05-15', provision: null }),
  story('no performer, adult', eligible, { on: '2025-05-15', performer: 'none' }),
  story('another performer', screening('unknown'), { on: '2025-05-15', performer: 'Practitioner/nf-doc-1' }),
  story('named by policyRule', eligible, { on: '2025-05-15', asPolicyRule: true }),
  story('of another study', screening('unknown'), {
    on: '2025-05-15',
    policyUri: 'https://ncct.example.cn/OTHER-2024-001/icf/v1.0',
  }),
  story(
    'another study’s refusal beside ours',
    eligible,
    { on: '2025-05-15' },
    {
      on: '2025-05-20',
      status: 'rejected',
      policyUri: 'https://ncct.example.cn/OTHER-2024-001/icf/v1.0',
    },
  ),
  story('v1.0 in force when signed', { status: 'eligible', ...signing }, { version: 'v1.0', on: '2023-05-01' }),
  story('v2.0 on its first day', { status: 'eligible', ...signing }, { version: 'v2.0', on: '2023-11-20' }),
  story('v2.0 on its last day', { status: 'eligible', ...signing }, { version: 'v2.0', on: '2024-08-14' }),
  story('v2.0 one day too late', screening('not-met'), { version: 'v2.0', on: '2024-08-15' }),
  story('v3.0 on its first day', eligible, { on: '2024-08-15' }),
  story('v3.0 one day too early', screening('not-met'), { on: '2024-08-14' }),
  story('v3.0 just after midnight in Shanghai', eligible, { on: '2024-08-14T16:30:00Z' }),
  story('v3.0 signed in a month that had both versions', screening('unknown'), { on: '2024-08' }),
  {
    name: 'consent: relative signs for an adult',
    build: (ctx) => {
      const brother = b.relatedPerson(ctx, { relationship: 'BRO' });
      return eligiblePerson(ctx, { consents: [brother, b.consent(ctx, { on: '2025-05-15', performer: brother })] });
    },
    expected: { status: 'screening', group: 'HBV', groups: ['HBV'], stratum: null, criteria: { I1: 'unknown' } },
  },
  aged('no performer, minor', '2012-08-09', (ctx) => [b.consent(ctx, { on: '2025-05-15', performer: 'none' })], {
    status: 'screening',
    ...minor,
    criteria: { I1: 'unknown' },
  }),
  aged('no performer, age unknown', null, (ctx) => [b.consent(ctx, { on: '2025-05-15', performer: 'none' })], {
    status: 'screening',
    ...NORMAL,
    stratum: null,
    criteria: { I1: 'unknown' },
  }),
  aged(
    'guardian whose record says sister',
    '2012-08-09',
    (ctx) => {
      const sister = b.relatedPerson(ctx, { relationship: 'SIS' });
      return [sister, b.consent(ctx, { on: '2025-05-15', performer: sister })];
    },
    { status: 'screening', group: 'Normal', groups: ['Normal'], stratum: 'minor', criteria: { I1: 'unknown' } },
  ),
  aged(
    'guardian nobody verified',
    '2012-08-09',
    (ctx) => {
      const mother = b.relatedPerson(ctx);
      return [mother, b.consent(ctx, { on: '2025-05-15', performer: `RelatedPerson/${mother.id}` })];
    },
    { status: 'eligible', group: 'Normal', groups: ['Normal'], stratum: 'minor', criteria: { I1: 'met' } },
  ),
  aged(
    'guardian signs, father',
    '2010-03-03',
    (ctx) => {
      const father = b.relatedPerson(ctx, { relationship: 'FTH' });
      return [father, b.consent(ctx, { on: '2025-05-15', performer: father })];
    },
    { status: 'eligible', ...minor, criteria: { I1: 'met' } },
  ),
  aged('patient signs on the 18th birthday', '2007-05-15', (ctx) => [b.consent(ctx, { on: '2025-05-15' })], {
    status: 'eligible',
    ...NORMAL,
    criteria: { I1: 'met' },
  }),
];
