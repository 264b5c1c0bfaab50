import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  dayFrom,
  dayOf,
  daysOf,
  dayText,
  monthsBefore,
  sortableInstant,
  spanOf,
  spanOfPeriod,
  startOfDay,
  yearsAfter,
  yearsBetween,
} from '../../src/fhir/time.ts';

const SHANGHAI = 'Asia/Shanghai';
const NEW_YORK = 'America/New_York';
const at = (text: string) => Date.parse(text);
const day = (text: string) => dayFrom(text)!;

describe('spanOf', () => {
  test.each([
    ['2024', 'UTC', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
    ['2024-02', 'UTC', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['2024-12', SHANGHAI, '2024-11-30T16:00:00Z', '2024-12-31T16:00:00Z'],
    ['2024-02-29', SHANGHAI, '2024-02-28T16:00:00Z', '2024-02-29T16:00:00Z'],
    ['2024-05-01T12:30', SHANGHAI, '2024-05-01T04:30:00Z', '2024-05-01T04:31:00Z'],
    ['2024-05-01T12:30:15', SHANGHAI, '2024-05-01T04:30:15Z', '2024-05-01T04:30:16Z'],
    ['2024-05-01T12:30:15Z', SHANGHAI, '2024-05-01T12:30:15Z', '2024-05-01T12:30:16Z'],
    ['2024-05-01T12:30:15+08:00', 'UTC', '2024-05-01T04:30:15Z', '2024-05-01T04:30:16Z'],
    ['2024-05-01T12:30:15-03:30', SHANGHAI, '2024-05-01T16:00:15Z', '2024-05-01T16:00:16Z'],
    ['2024-05-01T12:30:15.5Z', 'UTC', '2024-05-01T12:30:15.500Z', '2024-05-01T12:30:15.501Z'],
    ['2024-05-01T12:30:15.123456789Z', 'UTC', '2024-05-01T12:30:15.123Z', '2024-05-01T12:30:15.124Z'],
  ])('%s in %s', (text, zone, start, end) => {
    expect(spanOf(text, zone)).toEqual({ start: at(start), end: at(end) });
  });

  test('every fraction of three digits keeps its millisecond', () => {
    for (let ms = 0; ms < 1000; ms++) {
      const text = `2024-05-01T00:00:00.${String(ms).padStart(3, '0')}Z`;
      expect(spanOf(text, 'UTC')!.start - at('2024-05-01T00:00:00Z')).toBe(ms);
    }
  });

  test.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13',
    '2024-00',
    '2024-04-31T08:00:00Z',
    '2024-05-01T24:00:00Z',
    '2024-05-01T12:60:00Z',
    '2024-05-01T12:00:00+25:00',
    '2024-05-01T12:00:00+08:60',
    '2024-05-01T12Z',
    '2024-05-01 12:00:00',
    '2024-5-1',
    ' 2024',
    '24-05-01',
    '',
    '2024-05-01T12:00:00 ',
    'yesterday',
  ])('%j is refused', (text) => {
    expect(spanOf(text, SHANGHAI)).toBeNull();
  });

  test('a clock time without offset follows the zone, summer time included', () => {
    expect(spanOf('2024-01-15T08:00:00', NEW_YORK)!.start).toBe(at('2024-01-15T13:00:00Z'));
    expect(spanOf('2024-07-15T08:00:00', NEW_YORK)!.start).toBe(at('2024-07-15T12:00:00Z'));
    expect(spanOf('2024-07-15T08:00:00', SHANGHAI)!.start).toBe(at('2024-07-15T00:00:00Z'));
  });

  test('a clock time that summer time skips is read an hour later', () => {
    expect(spanOf('2024-03-10T02:30:00', NEW_YORK)!.start).toBe(at('2024-03-10T07:30:00Z'));
  });

  test('days on which the clocks change have 23 and 25 hours', () => {
    const hours = (text: string, zone: string) => {
      const span = spanOf(text, zone)!;
      return (span.end - span.start) / 3_600_000;
    };
    expect(hours('2024-03-10', NEW_YORK)).toBe(23);
    expect(hours('2024-11-03', NEW_YORK)).toBe(25);
    expect(hours('1988-04-17', SHANGHAI)).toBe(23);
    expect(hours('1988-04-17', 'UTC')).toBe(24);
  });

  test('the same text means other instants in other zones, also when asked twice', () => {
    const both = [spanOf('2024-06-01', SHANGHAI), spanOf('2024-06-01', NEW_YORK), spanOf('2024-06-01', SHANGHAI)];
    expect(both.map((span) => span!.start)).toEqual([
      at('2024-05-31T16:00:00Z'),
      at('2024-06-01T04:00:00Z'),
      at('2024-05-31T16:00:00Z'),
    ]);
  });
});

describe('what is worked out here is what Temporal says', () => {
  const digits = (max: number, width = 2) =>
    fc.integer({ min: 0, max }).map((number) => String(number).padStart(width, '0'));
  const clock = fc.tuple(digits(9999, 4), digits(14), digits(33), digits(25), digits(62), digits(62));
  const offset = fc.oneof(
    fc.constant('Z'),
    fc
      .tuple(fc.constantFrom('+', '-'), digits(25), digits(62))
      .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
  );

  test('of instants with an offset, those that cannot be included', () => {
    const seen = { good: 0, bad: 0 };
    fc.assert(
      fc.property(clock, offset, ([year, month, date, hour, minute, second], zone) => {
        const text = `${year}-${month}-${date}T${hour}:${minute}:${second}${zone}`;
        let expected: number | null = null;
        try {
          expected = Temporal.Instant.from(text).epochMilliseconds;
        } catch {}
        seen[expected === null ? 'bad' : 'good']++;
        expect(spanOf(text, SHANGHAI)?.start ?? null).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(300);
  });

  test('of local days, asked twice and in several zones, and of ages', () => {
    const ms = fc.integer({ min: at('1800-01-01T00:00:00Z'), max: at('2199-12-31T23:59:59Z') });
    fc.assert(
      fc.property(ms, ms, (one, other) => {
        for (const zone of [SHANGHAI, NEW_YORK, SHANGHAI, 'UTC'])
          expect(dayText(dayOf(one, zone))).toBe(
            Temporal.Instant.fromEpochMilliseconds(one).toZonedDateTimeISO(zone).toPlainDate().toString(),
          );
        const [birth, on] = [one, other].sort((a, b) => a - b).map((each) => dayText(dayOf(each, 'UTC')));
        const { years } = Temporal.PlainDate.from(birth!).until(on!, { largestUnit: 'years' });
        const leapling = birth!.endsWith('02-29') && on!.endsWith('02-28');
        if (!leapling) expect(yearsBetween(day(birth!), day(on!))).toBe(years);
      }),
      { numRuns: 300 },
    );
  });
});

describe('spanOfPeriod', () => {
  test('reaches from the start of the start to the end of the end', () => {
    expect(spanOfPeriod({ start: '2024-05', end: '2024-06-02' }, 'UTC')).toEqual({
      start: at('2024-05-01T00:00:00Z'),
      end: at('2024-06-03T00:00:00Z'),
    });
  });

  test('a missing side is open', () => {
    expect(spanOfPeriod({ start: '2024' }, 'UTC')).toEqual({ start: at('2024-01-01T00:00:00Z'), end: Infinity });
    expect(spanOfPeriod({ end: '2024' }, 'UTC')).toEqual({ start: -Infinity, end: at('2025-01-01T00:00:00Z') });
  });

  test.each([{}, { start: '2024-02-30' }, { start: '2024', end: 'later' }])('%j is refused', (period) => {
    expect(spanOfPeriod(period, 'UTC')).toBeNull();
  });
});

describe('days', () => {
  test('half past eleven at night in China is the same day there and the afternoon before in UTC', () => {
    const { start } = spanOf('2025-03-01T23:30:00+08:00', SHANGHAI)!;
    expect(dayText(dayOf(start, SHANGHAI))).toBe('2025-03-01');
    expect(dayText(dayOf(spanOf('2025-03-01T23:30:00Z', SHANGHAI)!.start, SHANGHAI))).toBe('2025-03-02');
    expect(dayText(dayOf(spanOf('2025-03-01T00:30:00+08:00', SHANGHAI)!.start, NEW_YORK))).toBe('2025-02-28');
  });

  test('a span that ends at midnight does not touch the next day', () => {
    const days = daysOf(spanOf('2024-02', SHANGHAI)!, SHANGHAI);
    expect([days.first, days.last].map(dayText)).toEqual(['2024-02-01', '2024-02-29']);
  });

  test('open ends stay open', () => {
    expect(daysOf({ start: -Infinity, end: Infinity }, SHANGHAI)).toEqual({ first: -Infinity, last: Infinity });
    expect([dayText(-Infinity), dayText(Infinity)]).toEqual(['', '…']);
    expect(monthsBefore(Infinity, 12)).toBe(Infinity);
  });

  test('startOfDay is the first instant of the local day', () => {
    expect(startOfDay(day('2024-11-03'), NEW_YORK)).toBe(at('2024-11-03T04:00:00Z'));
    expect(startOfDay(day('2024-11-04'), NEW_YORK)).toBe(at('2024-11-04T05:00:00Z'));
    expect(startOfDay(day('2024-11-04'), SHANGHAI)).toBe(at('2024-11-03T16:00:00Z'));
  });

  test('dayFrom and dayText are those of Temporal, for every year of four digits', () => {
    const span = { min: Temporal.PlainDate.from('0000-01-01'), max: Temporal.PlainDate.from('9999-12-31') };
    const days = span.min.until(span.max).days;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: days }), (number) => {
        const date = span.min.add({ days: number });
        const since = Temporal.PlainDate.from('1970-01-01').until(date).days;
        expect([dayFrom(date.toString()), dayText(since)]).toEqual([since, date.toString()]);
      }),
      { examples: [[0], [days], [59], [365 * 50]] },
    );
  });

  test('dayFrom counts from 1970 and takes whole days only', () => {
    expect([dayFrom('1970-01-01'), dayFrom('1970-01-02'), dayFrom('1969-12-31')]).toEqual([0, 1, -1]);
    expect(['2024-02-30', '2024-02', '2024', '2024-02-01T00:00:00Z', ''].map(dayFrom)).toEqual(Array(5).fill(null));
  });

  test('every day survives being written and read', () => {
    fc.assert(fc.property(fc.integer({ min: -50_000, max: 50_000 }), (number) => dayFrom(dayText(number)) === number));
  });
});

describe('ages and months', () => {
  test.each([
    ['1974-06-02', '2025-06-01', 50],
    ['1974-06-01', '2025-06-01', 51],
    ['1974-05-31', '2025-06-01', 51],
    ['2008-02-29', '2026-02-28', 17],
    ['2008-02-29', '2026-03-01', 18],
    ['2008-02-29', '2028-02-28', 19],
    ['2008-02-29', '2028-02-29', 20],
    ['2025-06-01', '2025-06-01', 0],
    ['2025-06-02', '2025-06-01', -1],
  ])('born %s, on %s: %d', (birth, on, age) => {
    expect(yearsBetween(day(birth), day(on))).toBe(age);
  });

  test.each([
    ['2008-02-29', 18, '2026-03-01'],
    ['2008-02-29', 20, '2028-02-29'],
    ['2007-06-15', 18, '2025-06-15'],
  ])('born %s, %d years are complete on %s', (birth, years, on) => {
    expect(dayText(yearsAfter(day(birth), years))).toBe(on);
  });

  test('the day on which years are completed is the first of that age', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: 1, max: 110 }), (birth, years) => {
        const turns = yearsAfter(birth, years);
        return yearsBetween(birth, turns) === years && yearsBetween(birth, turns - 1) === years - 1;
      }),
    );
  });

  test.each([
    ['2025-05-31', 3, '2025-02-28'],
    ['2024-05-31', 3, '2024-02-29'],
    ['2025-06-01', 12, '2024-06-01'],
    ['2024-02-29', 12, '2023-02-28'],
    ['2025-01-15', 1, '2024-12-15'],
  ])('%s less %d months is %s', (from, months, to) => {
    expect(dayText(monthsBefore(day(from), months))).toBe(to);
  });
});

describe('sortableInstant', () => {
  test.each([
    ['2024-05-01T12:00:00Z', '2024-05-01T12:00:00.000000000Z'],
    ['2024-05-01T12:00:00+08:00', '2024-05-01T04:00:00.000000000Z'],
    ['2024-05-01T00:00:00.1-05:00', '2024-05-01T05:00:00.100000000Z'],
    ['2024-05-01T12:00:00.1234567891Z', '2024-05-01T12:00:00.123456789Z'],
    ['2024-05-01T12:00:00', '2024-05-01T04:00:00.000000000Z'],
  ])('%s', (text, sortable) => {
    expect(sortableInstant(text, SHANGHAI)).toBe(sortable);
  });

  test.each(['2024', '2024-05', '2024-05-01', '2024-05-01T12:00Z', '2024-02-30T12:00:00Z', 'x', ''])(
    '%j is no full instant',
    (text) => {
      expect(sortableInstant(text, SHANGHAI)).toBeNull();
    },
  );

  const instant = fc
    .record({
      ms: fc.integer({ min: at('1900-01-01T00:00:00Z'), max: at('2199-12-31T23:59:59Z') }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
      digits: fc.integer({ min: 0, max: 9 }),
      offset: fc.integer({ min: -14 * 60, max: 14 * 60 }),
    })
    .map(({ ms, nanos, digits, offset }) => {
      const second = Math.floor(ms / 1000);
      const local = new Date((second + offset * 60) * 1000).toISOString().slice(0, 19);
      const fraction = String(nanos).padStart(9, '0').slice(0, digits);
      const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0');
      const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
      const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
      const exact = BigInt(second) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
      return { text: `${local}${fraction && `.${fraction}`}${zone}`, exact };
    });

  test('the order of texts is the order of times, whatever offset and fraction', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [left, right] = [sortableInstant(a.text, SHANGHAI)!, sortableInstant(b.text, SHANGHAI)!];
        const order = left < right ? -1 : left > right ? 1 : 0;
        expect(order).toBe(a.exact < b.exact ? -1 : a.exact > b.exact ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});
