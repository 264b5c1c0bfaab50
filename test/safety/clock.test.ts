import fc from 'fast-check';
import type { AroundEvent, SafetyContext } from '../../src/safety/about.ts';
import { reportClock } from '../../src/safety/clock.ts';
import { type DueRow, dueList, type OwedEvent } from '../../src/safety/due.ts';
import { assessAdverseEvent } from '../../src/safety/event.ts';
import { around, bleeding, contextOf, criterion, DAY, HOUR, instant, stay } from './events.ts';

let context: SafetyContext;
beforeAll(async () => {
  context = await contextOf();
});

const AWARE = instant('2025-06-03T10:15:00+08:00');
const NONE = { initial: null, followUp: null };
const clockOf = (recordedDate: string | null, about: Partial<AroundEvent> = {}, now = AWARE) =>
  reportClock(recordedDate === null ? {} : { recordedDate }, around({ awareAt: AWARE, ...about }), context, now);

test('from the stamp of awareness, or the site’s record if that is earlier', () => {
  expect(clockOf(null).startedAt).toBe(AWARE);
  expect(clockOf('2025-06-03T10:16:00+08:00').startedAt).toBe(AWARE);
  expect(clockOf('2025-06-03T10:14:00+08:00').startedAt).toBe(AWARE - 60_000);
  expect(clockOf('2025-06-03T02:14:00Z').startedAt).toBe(AWARE - 60_000);
  // Only the day: from its beginning at the site.
  expect(clockOf('2025-06-03').startedAt).toBe(instant('2025-06-03T00:00:00+08:00'));
  expect(clockOf('2025-06-04').startedAt).toBe(AWARE);
});

test('unread: the record alone starts it, and without one it waits since it came in', () => {
  const unread = { awareAt: null, receivedAt: 5 };
  expect(clockOf('2025-06-03T10:14:00+08:00', unread)).toMatchObject({ unreadSince: 5, startedAt: AWARE - 60_000 });
  expect(clockOf(null, unread, AWARE + 40 * DAY)).toEqual({
    unreadSince: 5,
    startedAt: null,
    initialDue: null,
    followUpDue: null,
    reported: NONE,
    overdue: { initial: false, followUp: false },
  });
  const event = bleeding({ extension: [criterion('C84266')] });
  const { asks } = assessAdverseEvent(event, around({ awareAt: null }), context, AWARE);
  expect(asks.map(({ code }) => code)).toEqual(['awareness-missing']);
});

test('24 hours and 15 days, to the minute; the due time itself is in time', () => {
  const overdue = (now: number) => clockOf(null, {}, now).overdue;
  expect(clockOf(null).initialDue).toBe(instant('2025-06-04T10:15:00+08:00'));
  expect(clockOf(null).followUpDue).toBe(instant('2025-06-18T10:15:00+08:00'));
  expect(overdue(instant('2025-06-04T10:15:00+08:00'))).toEqual({ initial: false, followUp: false });
  expect(overdue(instant('2025-06-04T10:15:00+08:00') + 1)).toEqual({ initial: true, followUp: false });
  expect(overdue(instant('2025-06-04T02:16:00Z'))).toEqual({ initial: true, followUp: false });
  expect(overdue(instant('2025-06-18T02:15:00Z'))).toEqual({ initial: true, followUp: false });
  expect(overdue(instant('2025-06-18T02:16:00Z'))).toEqual({ initial: true, followUp: true });
});

test('the hours and days are the site’s', () => {
  const site = { ...context.site, adverseEvents: { initialReportHours: 12, followUpDays: 7 } };
  expect(reportClock({}, around({ awareAt: AWARE }), { site }, AWARE)).toMatchObject({
    initialDue: AWARE + 12 * HOUR,
    followUpDue: AWARE + 7 * DAY,
  });
});

test('a report in time settles it; a late one does not; one of tomorrow does not count yet', () => {
  const reported = (initial: number | null, now: number) => {
    const clock = clockOf(null, { reported: { initial, followUp: null } }, now);
    return [clock.reported.initial, clock.overdue.initial];
  };
  const due = AWARE + 24 * HOUR;
  expect(reported(due, due + DAY)).toEqual([due, false]);
  expect(reported(due + 1, due + DAY)).toEqual([due + 1, true]);
  expect(reported(due, due - 1)).toEqual([null, false]);
  expect(reported(due + DAY, due + 1)).toEqual([null, true]);
});

test('a later clock never un-overdues', () => {
  const time = fc.integer({ min: -3 * DAY, max: 40 * DAY }).map((shift) => AWARE + shift);
  const maybe = fc.option(time);
  fc.assert(
    fc.property(
      fc.record({ awareAt: maybe, reported: fc.record({ initial: maybe, followUp: maybe }) }),
      fc.constantFrom(null, '2025-06-02', '2025-06-03T01:00:00Z', '2025-06-20'),
      fc.tuple(time, time),
      (about, recorded, clocks) => {
        const [earlier, later] = clocks.toSorted((a, b) => a - b).map((now) => clockOf(recorded, about, now).overdue);
        expect(earlier!.initial && !later!.initial).toBe(false);
        expect(earlier!.followUp && !later!.followUp).toBe(false);
      },
    ),
  );
});

test('nor does a stay that lasts on make an event harmless again', () => {
  const stays = [stay('2025-06-01', '2025-06-05', null)];
  fc.assert(
    fc.property(fc.tuple(fc.nat(30 * DAY), fc.nat(30 * DAY)), (shifts) => {
      const [earlier, later] = shifts
        .toSorted((a, b) => a - b)
        .map((shift) => assessAdverseEvent(bleeding(), around({ stays, awareAt: AWARE }), context, AWARE + shift));
      expect(earlier!.serious && !later!.serious).toBe(false);
      expect(earlier!.clock?.overdue.initial === true && later!.clock?.overdue.initial !== true).toBe(false);
    }),
  );
});

describe('what is owed', () => {
  const owed = (subject: string, about: Partial<AroundEvent>, more = {}): OwedEvent => {
    const event = bleeding({ extension: [criterion('C84266')], ...more });
    return {
      site: 'nf',
      subject,
      event: `${subject}-e`,
      assessment: assessAdverseEvent(event, around(about), context, AWARE),
    };
  };
  const row = (subject: string, what: DueRow['what'], dueAt: number, overdueBy: number | null): DueRow => {
    return { site: 'nf', subject, event: `${subject}-e`, what, dueAt, overdueBy };
  };
  const NOW = AWARE + 25 * HOUR;

  test('the most urgent first, with how long it is over; what is reported is not owed', () => {
    const receivedAt = AWARE + HOUR;
    const events = [
      owed('b', { awareAt: AWARE }),
      owed('a', { awareAt: AWARE, reported: { initial: AWARE, followUp: null } }),
      owed('c', { awareAt: null, receivedAt }),
      owed('d', { awareAt: AWARE, consentAt: null }),
    ];
    expect(dueList(events, NOW)).toEqual([
      row('c', 'awareness', receivedAt, 24 * HOUR),
      row('b', 'initial-report', AWARE + 24 * HOUR, HOUR),
      row('a', 'follow-up-report', AWARE + 15 * DAY, null),
      row('b', 'follow-up-report', AWARE + 15 * DAY, null),
    ]);
    expect(dueList(events, AWARE + 24 * HOUR)[1]).toEqual(row('b', 'initial-report', AWARE + 24 * HOUR, null));
    expect(dueList([], NOW)).toEqual([]);
  });

  test('harmless events owe nothing', () => {
    expect(dueList([owed('a', { awareAt: AWARE }, { extension: [] })], NOW)).toEqual([]);
  });

  test('the order of events never matters', () => {
    const events = ['a', 'b', 'c', 'd'].flatMap((subject) => [
      owed(subject, { awareAt: AWARE }),
      { ...owed(subject, { awareAt: null }), event: 'x' },
    ]);
    const expected = dueList(events, NOW);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (other) => {
        expect(dueList(other, NOW)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
