import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson } from '../baseline.ts';
import * as b from '../builders.ts';
import { type Counted, type Expected, HBV, type Story } from '../story.ts';

const eligible: Expected = { status: 'eligible', ...HBV, criteria: { I4: 'met' } };
const waiting = (reason?: string): Expected => ({
  status: 'potential-candidate',
  ...(reason === undefined ? {} : { reason }),
  ...HBV,
  criteria: { I1: 'met', I4: 'unknown' },
});
const missed: Expected = { status: 'not-registered', reason: 'missed-window', ...HBV };

interface Told {
  need: (ctx: b.FeedContext) => FhirResource[];
  /** Default: the valid consent of May 2025. */
  consents?: (ctx: b.FeedContext) => FhirResource[];
}
function story(name: string, told: Told, expected: Expected | null, counted?: Counted): Story {
  return {
    name: `need: ${name}`,
    build: (ctx) =>
      eligiblePerson(ctx, {
        need: told.need(ctx),
        ...(told.consents === undefined ? {} : { consents: told.consents(ctx) }),
      }),
    expected,
    ...(counted === undefined ? {} : { counted }),
  };
}
const request =
  (options: b.RequestOptions) =>
  (ctx: b.FeedContext): FhirResource[] => [b.serviceRequest(ctx, options)];
const performed =
  (options: b.ProcedureOptions) =>
  (ctx: b.FeedContext): FhirResource[] => [b.procedure(ctx, options)];
const none = () => [];

/** What shows the need of surgery or biopsy, when a request is open, and the missed window (I4 b). */
export const needStories: Story[] = [
  story('on-hold', { need: request({ on: '2025-06-10', status: 'on-hold' }) }, eligible),
  story('biopsy', { need: (ctx) => [b.serviceRequest(ctx, { on: '2025-06-10', code: b.biopsy(ctx) })] }, eligible),
  story('authored long ago', { need: request({ on: '2025-06-10', authoredOn: '2022-01-05' }) }, eligible),
  story('completed, less than 30 days ago', { need: request({ on: '2025-05-20', status: 'completed' }) }, eligible),
  story('completed, 30 days ago', { need: request({ on: '2025-05-02', status: 'completed' }) }, eligible),
  {
    ...story(
      'completed, long ago',
      { need: request({ on: '2025-04-01', status: 'completed' }) },
      waiting('no-open-request'),
    ),
    frequent: true,
  },
  {
    ...story('revoked', { need: request({ on: '2025-06-10', status: 'revoked' }) }, waiting('procedure-cancelled')),
    frequent: true,
  },
  {
    ...story(
      'example 10: revoked, only an ablation left',
      {
        need: (ctx) => [
          b.serviceRequest(ctx, { on: '2025-05-28', status: 'revoked' }),
          b.serviceRequest(ctx, { on: '2025-06-10', code: b.ablation() }),
        ],
      },
      waiting('procedure-cancelled'),
    ),
    frequent: true,
  },
  story(
    'one revoked, another open',
    {
      need: (ctx) => [
        b.serviceRequest(ctx, { on: '2025-05-28', status: 'revoked' }),
        b.serviceRequest(ctx, { on: '2025-06-10', code: b.biopsy(ctx) }),
      ],
    },
    eligible,
  ),
  story('proposal only', { need: request({ on: '2025-06-10', intent: 'proposal' }) }, waiting('proposal-only')),
  story('plan only', { need: request({ on: '2025-06-10', intent: 'plan' }) }, waiting('proposal-only')),
  story(
    'ablation only',
    { need: request({ on: '2025-06-10', code: b.ablation() }) },
    waiting('no-qualifying-procedure'),
  ),
  story('draft', { need: request({ on: '2025-06-10', status: 'draft' }) }, waiting('no-open-request')),
  story('do not perform', { need: request({ on: '2025-06-10', doNotPerform: true }) }, waiting('no-open-request')),
  story(
    'entered in error',
    { need: request({ on: '2025-06-10', status: 'entered-in-error' }) },
    waiting('no-open-request'),
  ),
  { ...story('consent alone', { need: none }, waiting('no-open-request')), frequent: true },
  story('procedure not done', { need: performed({ on: '2025-05-20', status: 'not-done' }) }, waiting()),
  story('booked procedure', { need: performed({ on: '2025-06-10', status: 'preparation' }) }, eligible),
  story(
    'appointment instead of an occurrence',
    {
      need: (ctx) => {
        const order = b.serviceRequest(ctx, { on: null });
        const times = { start: '2025-06-10T08:00:00+08:00', end: '2025-06-10T12:00:00+08:00' };
        return [order, b.appointment(ctx, { request: order, ...times })];
      },
    },
    eligible,
  ),
  { ...story('procedure after consent', { need: performed({ on: '2025-05-25' }) }, eligible), frequent: true },
  story(
    'request carried out after consent',
    {
      need: (ctx) => [
        b.serviceRequest(ctx, { on: '2025-05-22', status: 'completed' }),
        b.procedure(ctx, { on: '2025-05-23T09:00:00+08:00', until: '2025-05-23T13:30:00+08:00' }),
      ],
    },
    eligible,
  ),
  {
    ...story(
      'example 10: procedure over, no consent',
      { need: performed({ on: '2024-11-05' }), consents: none },
      missed,
    ),
    frequent: true,
  },
  story('procedure over, consent signed afterwards', { need: performed({ on: '2024-11-05' }) }, missed),
  story(
    'procedure over, only a consent entered in error before',
    {
      need: performed({ on: '2025-05-20' }),
      consents: (ctx) => [b.consent(ctx, { on: '2025-05-10', status: 'entered-in-error' })],
    },
    missed,
  ),
  story(
    'active request already carried out, no consent',
    {
      need: (ctx) => [b.serviceRequest(ctx, { on: '2025-03-10' }), b.procedure(ctx, { on: '2025-03-12' })],
      consents: none,
    },
    missed,
  ),
  story(
    'procedure over, draft consent before',
    {
      need: performed({ on: '2025-05-20' }),
      consents: (ctx) => [b.consent(ctx, { on: '2025-05-10', status: 'draft' })],
    },
    { status: 'screening', ...HBV, criteria: { I1: 'unknown' } },
  ),
  story(
    'procedure over, outdated consent before',
    {
      need: performed({ on: '2025-05-20' }),
      consents: (ctx) => [b.consent(ctx, { on: '2025-05-10', version: 'v1.0' })],
    },
    { status: 'screening', ...HBV, criteria: { I1: 'not-met' } },
  ),
  story(
    'window missed once, a new request open',
    {
      need: (ctx) => [
        b.procedure(ctx, { on: '2024-03-05' }),
        b.serviceRequest(ctx, { on: '2025-06-10', code: b.biopsy(ctx) }),
      ],
      consents: none,
    },
    { status: 'screening', ...HBV, criteria: { I1: 'unknown', I4: 'met' } },
  ),
  {
    ...story(
      'example 10: hepatectomy in 2019 only',
      { need: performed({ on: '2019-08-20' }), consents: none },
      null,
      'outside-period',
    ),
    frequent: true,
  },
  story(
    'request before the period',
    { need: request({ on: '2023-02-28', status: 'completed' }), consents: none },
    null,
    'outside-period',
  ),
  story('request after the period', { need: request({ on: '2026-02-13' }), consents: none }, null, 'outside-period'),
  story(
    'request on the last day of the period',
    { need: request({ on: '2026-02-12' }), consents: none },
    { status: 'screening', ...HBV },
  ),
  story('nothing', { need: none, consents: none }, null, 'no-liver-procedure-or-consent'),
  story(
    'cholecystectomy only',
    {
      need: (ctx) => [b.serviceRequest(ctx, { on: '2025-06-10', code: b.concept(b.localOperation(ctx, 'OP5123')) })],
      consents: none,
    },
    null,
    'no-liver-procedure-or-consent',
  ),
  story(
    'living donor',
    {
      need: (ctx) => [
        b.serviceRequest(ctx, { on: '2025-06-10', code: b.concept(b.icd9cn('50.2200x010', '供体肝部分切取术')) }),
      ],
    },
    { status: 'screening', ...HBV, criteria: { I4: 'unknown' } },
  ),
];
