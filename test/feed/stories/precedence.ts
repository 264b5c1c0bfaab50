import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, type Parts } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Expected, HBV, type Story } from '../story.ts';

const story = (
  name: string,
  parts: (ctx: b.FeedContext) => Parts,
  expected: Partial<Expected> & Pick<Expected, 'status'>,
): Story => ({
  name: `status: ${name}`,
  build: (ctx) => eligiblePerson(ctx, parts(ctx)),
  expected: { ...HBV, ...expected },
});
const hiv = (ctx: b.FeedContext): FhirResource[] => [b.condition(ctx, { code: b.concept(b.icd10('B24')) })];
const withdrawal = (ctx: b.FeedContext) => [b.consent(ctx, { on: '2025-05-15', status: 'inactive' })];
const refusal = (ctx: b.FeedContext) => [b.consent(ctx, { on: '2025-05-15', status: 'rejected' })];
const dead = { deceasedDateTime: '2025-05-27T03:10:00+08:00' };

/** Which rule of the status holds first, and death. */
export const precedenceStories: Story[] = [
  { ...story('dead', () => ({ patient: dead }), { status: 'not-registered', reason: 'deceased' }), frequent: true },
  story('dead, said without a day', () => ({ patient: { deceasedBoolean: true } }), {
    status: 'not-registered',
    reason: 'deceased',
  }),
  story('said to be alive', () => ({ patient: { deceasedBoolean: false } }), { status: 'eligible' }),
  story('gender other', () => ({ patient: { gender: 'other' } }), { status: 'eligible' }),
  story('withdrawn comes before dead', (ctx) => ({ patient: dead, consents: withdrawal(ctx) }), {
    status: 'withdrawn',
    reason: 'consent-withdrawn',
  }),
  story('withdrawn comes before HIV', (ctx) => ({ hiv: hiv(ctx), consents: withdrawal(ctx) }), {
    status: 'withdrawn',
    reason: 'consent-withdrawn',
    criteria: { E1: 'met' },
  }),
  story('withdrawn without a request', (ctx) => ({ need: [], consents: withdrawal(ctx) }), {
    status: 'withdrawn',
    reason: 'consent-withdrawn',
  }),
  story('declined comes before HIV', (ctx) => ({ hiv: hiv(ctx), consents: refusal(ctx) }), {
    status: 'not-registered',
    reason: 'declined',
    criteria: { E1: 'met' },
  }),
  story(
    'declined, procedure over since',
    (ctx) => ({ need: [b.procedure(ctx, { on: '2025-05-20' })], consents: refusal(ctx) }),
    { status: 'not-registered', reason: 'declined' },
  ),
  story(
    'missed window comes before HIV',
    (ctx) => ({ hiv: hiv(ctx), need: [b.procedure(ctx, { on: '2025-05-20' })], consents: [] }),
    { status: 'not-registered', reason: 'missed-window', criteria: { E1: 'met' } },
  ),
  story('HIV comes before the missing consent', (ctx) => ({ hiv: hiv(ctx), consents: [] }), {
    status: 'ineligible',
    reason: 'exclusion-criterion',
    criteria: { I1: 'unknown', E1: 'met' },
  }),
  story(
    'hemophilia comes before the cancelled request',
    (ctx) => ({
      need: [b.serviceRequest(ctx, { on: '2025-06-10', status: 'revoked' })],
      more: [b.condition(ctx, { code: b.concept(b.icd10('D66')) })],
    }),
    { status: 'ineligible', criteria: { E2: 'met' } },
  ),
];
