import fc from 'fast-check';
import type { r4 } from '../../../src/fhir/resource.ts';
import { spanOfPeriod } from '../../../src/fhir/time.ts';
import type { Grants } from '../../../src/research/gate/grants.ts';
import { at, consent, grants, purpose, ZONE } from './people.ts';

const HOUR = 3_600_000;
const DAYS = ['2025-05-01', '2025-05-02', '2025-05-03', '2025-05-04', '2025-05-05', '2025-05-06'];
/** The times that are asked about: every second hour from two days before the first day to two days after the last. */
const TIMES = Array.from({ length: 120 }, (_, index) => at('2025-04-29').start + (index * 2 + 0.5) * HOUR);
const told = (gate: Grants, code: string, times: readonly number[] = TIMES) =>
  times.map((time) => gate.may(code, { start: time, end: time }));

const day = fc.constantFrom(...DAYS);
const moment = fc.oneof(
  day,
  fc
    .tuple(day, fc.integer({ min: 0, max: 23 }), fc.constantFrom('Z', '+08:00', '-05:00'))
    .map(([date, hour, offset]) => `${date}T${String(hour).padStart(2, '0')}:00:00${offset}`),
);
/** Also reversed, open and of one day or second. */
const period = fc
  .record({ start: fc.option(moment, { nil: undefined }), end: fc.option(moment, { nil: undefined }) })
  .filter(({ start, end }) => start !== undefined || end !== undefined)
  .map((one) => JSON.parse(JSON.stringify(one)) as r4.Period);
const nested = fc.record(
  {
    type: fc.constantFrom('permit', 'deny'),
    purpose: fc.constantFrom('data', 'abroad').map((one) => purpose(one)),
    period,
  },
  { requiredKeys: ['type', 'purpose'] },
);
const provision = fc.record(
  {
    type: fc.constantFrom('permit', 'permit', 'permit', 'deny'),
    period,
    provision: fc.array(nested, { maxLength: 2 }),
  },
  { requiredKeys: ['type'] },
);
const anyConsent = fc
  .record({
    dateTime: moment,
    status: fc.constantFrom('active', 'active', 'active', 'rejected', 'inactive', 'draft'),
    provision,
  })
  .map(({ dateTime, ...more }) => consent(dateTime, more));
const anyConsents = fc.array(anyConsent, { maxLength: 4 });

/** When a period holds: from its first instant to the end of its last; null for a reversed one. */
function holds(given: r4.Period | undefined): { start: number; end: number } | null {
  if (!given) return { start: -Infinity, end: Infinity };
  const span = spanOfPeriod(given, ZONE)!;
  return span.start < span.end ? span : null;
}

interface Given {
  /** The very instant at which it was given, and the one at which it was withdrawn. */
  signed: number;
  withdrawn: number;
  one: r4.Consent;
}

/** One way in which it may have been: an instant for each date. */
function world(consents: readonly r4.Consent[], draws: readonly number[]): Given[] {
  const drawn = (text: string, draw: number) => {
    const { start, end } = at(text);
    return start + Math.floor((end - start) * draw);
  };
  return consents
    .filter(({ status }) => status !== 'draft')
    .map((one, index) => {
      const end = one.provision?.period?.end;
      const withdrawn = one.status !== 'inactive' ? Infinity : end ? drawn(end, draws[index + 4]!) : -Infinity;
      return { signed: drawn(one.dateTime!, draws[index]!), withdrawn, one };
    });
}

/** Whether a purpose is granted at an instant of a world, asked point by point. */
function grantedIn(given: readonly Given[], code: string, time: number): boolean {
  const last = Math.max(...given.filter(({ signed }) => signed <= time).map(({ signed }) => signed));
  const newest = given.filter(({ signed }) => signed === last);
  return newest.length > 0 && newest.every((one) => grantedBy(one, code, time));
}

function grantedBy({ one, withdrawn }: Given, code: string, time: number): boolean {
  const root = holds(one.provision?.period);
  if (one.status === 'rejected' || one.provision?.type !== 'permit' || !root || time >= withdrawn) return false;
  if (time < root.start || time >= root.end) return false;
  const named = (one.provision.provision ?? []).filter((clause) => clause.purpose?.[0]?.code === code);
  const within = (clause: r4.ConsentProvision) => {
    const span = holds(clause.period);
    return span ? span.start <= time && time < span.end : clause.type === 'deny';
  };
  if (named.some((clause) => clause.type === 'deny' && within(clause))) return false;
  return code === 'data' || named.some((clause) => clause.type === 'permit' && within(clause));
}

const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 8, maxLength: 8 });
/** A deny with a start of its own reaches into the time of other Consents, which the model does not know. */
const alone = (one: r4.Consent) =>
  (one.provision?.provision ?? []).every(({ type, period }) => type === 'permit' || !period);

describe('against every way it may have been', () => {
  test('yes holds in all, no in none', () => {
    fc.assert(
      fc.property(fc.array(anyConsent.filter(alone), { maxLength: 4 }), draws, (consents, drawn) => {
        const gate = grants(consents);
        const given = world(consents, drawn);
        for (const code of ['data', 'abroad']) {
          const granted = TIMES.map((time) => grantedIn(given, code, time));
          const wrong = told(gate, code).filter((answer, index) => answer === (granted[index] ? 'no' : 'yes'));
          expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('one Consent: also with denies that have a start, and exact but on the days left open', () => {
    fc.assert(
      fc.property(anyConsent, draws, (one, drawn) => {
        const gate = grants([one]);
        const given = world([one], drawn);
        const open = [one.dateTime!, one.provision?.period?.end ?? one.dateTime!].map(at);
        const settled = TIMES.filter((time) => !open.some(({ start, end }) => start <= time && time < end));
        const expected = settled.map((time) => (grantedIn(given, 'abroad', time) ? 'yes' : 'no'));
        expect(told(gate, 'abroad', settled)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});

describe('any Consents', () => {
  const earlierFrom = at('2025-04-30').start;
  const yes = (consents: readonly r4.Consent[]) => {
    const answers = told(grants(consents, { earlierFrom }), 'data');
    return TIMES.filter((_, index) => answers[index] === 'yes');
  };

  test('order and repetition do not matter', () => {
    const shuffled = anyConsents.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray([...given, ...given], { minLength: given.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        const [left, right] = [grants(given, { earlierFrom }), grants(other, { earlierFrom })];
        expect(right.doubts).toEqual(left.doubts);
        for (const code of ['data', 'abroad']) {
          expect(right.intervals(code)).toEqual(left.intervals(code));
          expect(told(right, code)).toEqual(told(left, code));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('no denied point is granted', () => {
    fc.assert(
      fc.property(anyConsents, moment, period, (given, dateTime, denied) => {
        const deny = { type: 'deny', purpose: purpose('data'), period: denied };
        const last = consent('2025-05-06T23:59:59-05:00', { provision: { type: 'permit', provision: [deny] } });
        const span = holds(denied);
        const from = denied.start || !span ? -Infinity : at(last.dateTime!).start;
        const wrong = yes([...given, consent(dateTime), last]).filter(
          (time) => time >= from && (!span || (span.start <= time && time < span.end)),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('a refusal more never grants more', () => {
    fc.assert(
      fc.property(anyConsents, anyConsent, (given, one) => {
        const refused = { ...one, status: 'rejected' as const };
        const before = new Set(yes(given));
        expect(yes([...given, refused]).filter((time) => !before.has(time))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('what is within the intervals is what gets yes', () => {
    fc.assert(
      fc.property(anyConsents, (given) => {
        const spans = grants(given, { earlierFrom }).intervals('data');
        const within = TIMES.filter((time) => spans.some(({ start, end }) => start <= time && time < end));
        expect(yes(given)).toEqual(within);
      }),
      { numRuns: 150 },
    );
  });
});
