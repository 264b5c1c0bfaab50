import fc from 'fast-check';
import type { Act as Decision } from '../../src/enrolment/status.ts';
import { type Standing, standingOf } from '../../src/enrolment/status.ts';
import type { Facts, VerdictCode } from '../../src/screening/assessment.ts';
import { type Changed, decisions, means, situation } from './situations.ts';

const shown = (changed: Changed) => {
  const standing: Standing = standingOf(situation(changed));
  if (!standing.subject) return `counted ${standing.counted}`;
  return standing.reason === null ? standing.status : `${standing.status} (${standing.reason})`;
};
const noNeed = { openRequests: false };
const cancelled = { ...noNeed, ...means('no-open-request') };

test.each<[string, Changed, string]>([
  // Who is a subject at all.
  ['no disease evidence', { facts: { diseaseEvidence: false } }, 'counted no-disease-evidence'],
  ['root codes only', { facts: { diseaseEvidence: false, rootOnly: true } }, 'counted root-only'],
  [
    'a disease and nothing else',
    { facts: { studyRequests: false, consents: false } },
    'counted no-liver-procedure-or-consent',
  ],
  [
    'a procedure outside the period',
    { facts: { studyRequests: false, consents: false, requestsOutside: true } },
    'counted outside-period',
  ],
  ['a Consent alone makes a subject', { facts: { studyRequests: false } }, 'eligible'],
  [
    'a nomination makes a subject',
    {
      facts: { ...cancelled, studyRequests: false, consents: false },
      verdicts: { I1: 'unknown', I4: 'unknown' },
      decisions: decisions('nominate'),
    },
    'potential-candidate (no-open-request-reason)',
  ],
  [
    'a nomination without a disease does not',
    { facts: { diseaseEvidence: false }, decisions: decisions('nominate') },
    'counted no-disease-evidence',
  ],
  [
    'evidence vanished altogether, a subject before',
    { facts: { diseaseEvidence: false }, hadSubject: true },
    'ineligible (evidence-retracted)',
  ],
  // Rule 1.
  ['enrolled, withdrawn by a decision', { decisions: decisions('enrol', 'withdraw') }, 'off-study (consent-withdrawn)'],
  [
    'enrolled, consent inactive',
    { decisions: decisions('enrol'), facts: means('withdrawn') },
    'off-study (consent-withdrawn)',
  ],
  ['enrolled, dead', { decisions: decisions('enrol'), facts: { deceased: true } }, 'off-study (deceased)'],
  ['enrolled, completed', { decisions: decisions('enrol', 'complete') }, 'off-study (completed)'],
  [
    'enrolled, completed after collection',
    { decisions: decisions('enrol', 'collection-done', 'complete') },
    'off-study (completed)',
  ],
  [
    'enrolled, ended by the investigator',
    { decisions: decisions('enrol', 'off-study') },
    'off-study (ended-by-investigator)',
  ],
  [
    'enrolled, ended with a reason',
    { decisions: [...decisions('enrol'), { kind: 'off-study', at: '2025-06-09T00:00:00Z', reason: 'moved-away' }] },
    'off-study (moved-away)',
  ],
  // Rule 2.
  ['enrolled', { decisions: decisions('enrol') }, 'on-study'],
  ['enrolled, collection done', { decisions: decisions('enrol', 'collection-done') }, 'follow-up'],
  ['enrolled, HIV found later', { decisions: decisions('enrol'), verdicts: { E1: 'met' } }, 'on-study'],
  [
    'enrolled, all evidence vanished',
    { decisions: decisions('enrol'), facts: { diseaseEvidence: false }, hadSubject: true },
    'on-study',
  ],
  ['enrolled, site closed', { decisions: decisions('enrol'), siteStatus: 'closed' }, 'on-study'],
  // Rule 3.
  ['consent inactive', { facts: means('withdrawn') }, 'withdrawn (consent-withdrawn)'],
  ['withdrawal recorded', { decisions: decisions('withdraw') }, 'withdrawn (consent-withdrawn)'],
  [
    'withdrawn comes before death, a refusal and an exclusion',
    {
      facts: { deceased: true, ...means('withdrawn') },
      verdicts: { E2: 'met' },
      siteStatus: 'closed',
    },
    'withdrawn (consent-withdrawn)',
  ],
  // Rule 4, in its order.
  ['Consent rejected or denied', { facts: means('declined') }, 'not-registered (declined)'],
  ['declined by a decision', { decisions: decisions('decline') }, 'not-registered (declined)'],
  ['declined, then reopened', { decisions: decisions('decline', 'reopen') }, 'eligible'],
  [
    'reopened, then declined again',
    { decisions: decisions('decline', 'reopen', 'decline') },
    'not-registered (declined)',
  ],
  ['declined and dead', { facts: { deceased: true, ...means('declined') } }, 'not-registered (declined)'],
  ['dead', { facts: { deceased: true } }, 'not-registered (deceased)'],
  ['dead and missed', { facts: { deceased: true, ...means('missed-window') } }, 'not-registered (deceased)'],
  ['missed window', { facts: means('missed-window') }, 'not-registered (missed-window)'],
  ['site closed', { siteStatus: 'closed' }, 'not-registered (site-closed)'],
  ['site closed, excluded', { siteStatus: 'closed', verdicts: { E2: 'met' } }, 'not-registered (site-closed)'],
  // Rule 5.
  ['E1 met, masked', { verdicts: { E1: 'met' } }, 'ineligible (exclusion-criterion)'],
  ['E2 met', { verdicts: { E2: 'met' } }, 'ineligible (E2-met)'],
  ['E3 met', { verdicts: { E3: 'met' } }, 'ineligible (E3-met)'],
  ['E4 met', { verdicts: { E4: 'met' } }, 'ineligible (E4-met)'],
  ['I4 not-met', { verdicts: { I4: 'not-met' } }, 'ineligible (I4-not-met)'],
  ['E2 met and consent missing', { verdicts: { E2: 'met', I1: 'unknown' } }, 'ineligible (E2-met)'],
  // Rule 6.
  ['all clear, E3 and E4 to attest', {}, 'eligible'],
  // Rule 7.
  ['consent missing', { verdicts: { I1: 'unknown' } }, 'screening (I1-unknown)'],
  ['consent outdated', { verdicts: { I1: 'not-met' } }, 'screening (I1-not-met)'],
  ['a test missing', { verdicts: { E2: 'unknown' } }, 'screening (E2-unknown)'],
  ['a conflict', { verdicts: { E3: 'conflict' } }, 'screening (E3-conflict)'],
  [
    'open, no request, but a procedure after consent',
    { verdicts: { E2: 'unknown' }, facts: { ...noNeed, proceduresAfterConsent: true } },
    'screening (E2-unknown)',
  ],
  // Rule 8.
  [
    'no open request',
    { verdicts: { I4: 'unknown' }, facts: cancelled },
    'potential-candidate (no-open-request-reason)',
  ],
])('%s', (_, changed, wanted) => {
  expect(shown(changed)).toBe(wanted);
});

const KINDS: readonly Decision['kind'][] = [
  ...['nominate', 'enrol', 'collection-done', 'off-study', 'complete', 'withdraw', 'decline', 'reopen'],
  ...['suitable', 'unsuitable'],
] as Decision['kind'][];
const VERDICT_CODES: readonly VerdictCode[] = ['met', 'not-met', 'unknown', 'conflict', 'not-applicable'];

const anyDecisions = fc
  .uniqueArray(fc.record({ kind: fc.constantFrom(...KINDS), minute: fc.nat(59) }), {
    maxLength: 7,
    selector: ({ minute }) => minute,
  })
  .map((drawn) =>
    drawn.map(({ kind, minute }): Decision => {
      return { kind, at: `2025-06-01T08:${String(minute).padStart(2, '0')}:00Z`, reason: null };
    }),
  );
const FACTS = [
  'diseaseEvidence',
  'rootOnly',
  'studyRequests',
  'requestsOutside',
  'consents',
  'openRequests',
  'deceased',
];
const MEANINGS = (['withdrawn', 'declined', 'missed-window', 'no-open-request'] as const).map((what) => ({
  means: what,
  reason: `${what}-reason`,
}));
const each = <T>(names: readonly string[], value: fc.Arbitrary<T>) =>
  Object.fromEntries(names.map((name) => [name, value]));

/** What is left out stays as with somebody eligible, so that every row of the table is drawn. */
const anySituation: fc.Arbitrary<Changed & { decisions: readonly Decision[] }> = fc.record(
  {
    verdicts: fc.record(each(['I1', 'I4', 'E1', 'E2', 'E3', 'E4'], fc.constantFrom(...VERDICT_CODES)), {
      requiredKeys: [],
    }),
    facts: fc.record(
      { ...each(FACTS, fc.boolean()), proceduresAfterConsent: fc.boolean(), meanings: fc.subarray(MEANINGS) },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Partial<Facts>>,
    siteStatus: fc.constantFrom('active', 'closed'),
    hadSubject: fc.boolean(),
    decisions: anyDecisions,
  },
  { requiredKeys: ['decisions'] },
);

describe('the status is a function of the set of what is known', () => {
  test('no order of the decisions changes it', () => {
    const cases = anySituation.chain((changed) =>
      fc.record({
        changed: fc.constant(changed),
        reordered: fc.shuffledSubarray([...changed.decisions], { minLength: changed.decisions.length }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ changed, reordered }) => {
        expect(shown({ ...changed, decisions: reordered })).toBe(shown(changed));
      }),
    );
  });

  test('it changes nothing it is given', () => {
    fc.assert(
      fc.property(anySituation, (changed) => {
        const given = situation(changed);
        const before = structuredClone(given);
        standingOf(given);
        expect(given).toEqual(before);
      }),
    );
  });

  test('what only people may set, and what R4 means for drugs, is never given', () => {
    const given = new Set<string>();
    fc.assert(
      fc.property(anySituation, (changed) => {
        const standing = standingOf(situation(changed));
        if (standing.subject) given.add(standing.status);
      }),
      { numRuns: 3000, seed: 8 },
    );
    for (const never of ['candidate', 'pending-on-study', 'on-study-observation', 'on-study-intervention']) {
      expect(given).not.toContain(never);
    }
    // The draw reaches the rest of the table.
    expect([...given].sort()).toEqual([
      'eligible',
      'follow-up',
      'ineligible',
      'not-registered',
      'off-study',
      'on-study',
      'potential-candidate',
      'screening',
      'withdrawn',
    ]);
  });

  test('after enrolment nobody goes back to a status from before, whatever arrives', () => {
    fc.assert(
      fc.property(anySituation, (changed) => {
        const enrolled = [...changed.decisions, ...decisions('enrol')];
        const standing = standingOf(situation({ ...changed, decisions: enrolled }));
        expect(standing.subject && standing.status).toMatch(/^(on-study|follow-up|off-study)$/);
      }),
      { numRuns: 300 },
    );
  });
});
