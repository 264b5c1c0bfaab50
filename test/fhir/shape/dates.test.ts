import fc from 'fast-check';
import { endsBeforeStart, isDate, isDateTime, isInstant } from '../../../src/fhir/shape/dates.ts';

test.each<[string, boolean, boolean, boolean]>([
  // text, date, dateTime, instant
  ['2024', true, true, false],
  ['2024-12', true, true, false],
  ['2024-12-31', true, true, false],
  ['2024-12-31T23:59:60Z', false, true, true],
  ['2024-12-31T23:59:59.123456+14:00', false, true, true],
  ['2024-12-31T23:59:59', false, true, true],
  ['2024-12-31T23:59', false, true, true],
  ['2000-02-29', true, true, false],
  ['1900-02-29', false, false, false],
  ['2024-02-30', false, false, false],
  ['2024-04-31', false, false, false],
  ['2024-00', false, false, false],
  ['2024-01-00', false, false, false],
  ['0000', false, false, false],
  ['2024-1-1', false, false, false],
  ['20240101', false, false, false],
  ['2024-01-01T24:00:00Z', false, false, false],
  ['2024-01-01T00:60:00Z', false, false, false],
  ['2024-01-01T00:00:61Z', false, false, false],
  ['2024-01-01T00:00:00+14:01', false, false, false],
  ['2024-01-01T', false, false, false],
  ['2024-01-01 00:00:00', false, false, false],
  ['', false, false, false],
  ['２０２４', false, false, false],
])('%s', (text, date, dateTime, instant) => {
  expect([isDate(text), isDateTime(text), isInstant(text)]).toEqual([date, dateTime, instant]);
});

test('every day of the calendar is a date, and no other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (y, m, d) => {
        const day = new Date(0);
        day.setUTCFullYear(y, m - 1, d);
        const text = `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
        expect(isDate(text)).toBe(day.getUTCMonth() === m - 1);
      },
    ),
  );
});

test.each<[string, string, boolean]>([
  ['2024-01-02', '2024-01-01', true],
  ['2024-01-01', '2024-01-01', false],
  ['2024', '2023-12', true],
  ['2024-06', '2024', false],
  ['2024', '2024-06', false],
  ['2024-01-01T08:00:00', '2024-01-01T07:59:59', true],
  ['2024-01-01T08:00:00', '2024-01-01T08:00', false],
  ['2024-01-01T08:00:00+08:00', '2024-01-01T00:00:00Z', false],
  ['2024-01-01T08:00:01+08:00', '2024-01-01T00:00:00Z', true],
  ['2024-01-01T08:00:00.900Z', '2024-01-01T08:00:00Z', false],
  ['2024-01-02', '2024-01-01T20:00:00-05:00', false],
  ['2024-01-05', '2024-01-01T20:00:00-05:00', true],
  ['2024-01-02T01:00:00Z', '2024-01-01', false],
  ['rubbish', '2024', false],
])('from %s to %s runs backwards: %s', (start, end, backwards) => {
  expect(endsBeforeStart(start, end)).toBe(backwards);
});
