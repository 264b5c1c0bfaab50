import fc from 'fast-check';
import { dateChange, daysBack } from '../../src/release/dates.ts';
import { agreementOn, KEYRING, lensOf, SUBJECT } from './agreements.ts';

const KEY = KEYRING.of('some').shift;
const DAY = 86_400_000;
const shifted = (subject: string) => dateChange({ dates: 'shifted', shiftDays: 180 }, KEY, subject);

const instants = fc.date({ min: new Date('1930-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
const day = instants.map((at) => at.toISOString().slice(0, 10));
const offset = fc.constantFrom('Z', '+08:00', '-03:30');
const clock = fc.tuple(instants, offset).map(([at, zone]) => `${at.toISOString().slice(0, 19)}${zone}`);

test('order and intervals stay, to the millisecond, of all dates of a person', () => {
  fc.assert(
    fc.property(clock, clock, fc.string(), (a, b, subject) => {
      const change = shifted(subject);
      const [x, y] = [change(a, 'dateTime')!, change(b, 'dateTime')!];
      expect(Date.parse(y) - Date.parse(x)).toBe(Date.parse(b) - Date.parse(a));
      expect(x.slice(10)).toBe(a.slice(10));
    }),
  );
  fc.assert(
    fc.property(day, day, (a, b) => {
      const change = shifted('s');
      expect(Date.parse(change(b, 'date')!) - Date.parse(change(a, 'date')!)).toBe(Date.parse(b) - Date.parse(a));
    }),
  );
});

test('all of a person move 1 to so many days back, others otherwise, at each registry otherwise', () => {
  fc.assert(
    fc.property(fc.string(), day, (subject, text) => {
      const back = daysBack(KEY, subject, 180);
      expect(back).toBeGreaterThanOrEqual(1);
      expect(back).toBeLessThanOrEqual(180);
      expect((Date.parse(text) - Date.parse(shifted(subject)(text, 'date')!)) / DAY).toBe(back);
    }),
  );
  const spread = new Set(Array.from({ length: 200 }, (_, n) => daysBack(KEY, `s${n}`, 180)));
  expect(spread.size).toBeGreaterThan(100);
  expect(daysBack(KEY, 's1', 180)).toBe(daysBack(KEY, 's1', 180));
  const elsewhere = Array.from({ length: 20 }, (_, n) => daysBack(KEYRING.of('other').shift, `s${n}`, 180));
  expect(elsewhere).not.toEqual(Array.from({ length: 20 }, (_, n) => daysBack(KEY, `s${n}`, 180)));
});

test('of a date not known to the day only what stays true is left', () => {
  const subjects = Array.from({ length: 400 }, (_, n) => `s${n}`);
  const month = new Map(
    subjects.map((subject) => [daysBack(KEY, subject, 180), shifted(subject)('2024-05', 'dateTime')]),
  );
  // May begins on the 122nd day of 2024 and ends on the 152nd.
  for (const [back, text] of month)
    expect([back, text]).toEqual([back, back <= 121 ? '2024' : back >= 152 ? '2023' : null]);
  for (const subject of subjects) expect(shifted(subject)('2024', 'dateTime')).toBeNull();
});

test.each([
  ['2024-05-17T23:30:00.123+08:00', 'dateTime', '2024'],
  ['2024-05', 'date', '2024'],
  ['2024', 'dateTime', '2024'],
  ['2024-05-17T23:30:00Z', 'instant', null],
  ['in May', 'dateTime', null],
])('year of %s (%s): %s', (text, type, expected) => {
  expect(dateChange({ dates: 'year', shiftDays: 1 }, KEY, 's')(text, type)).toBe(expected);
});

test('what is no date does not pass where dates are hidden', () => {
  for (const text of ['', 'May 2024', '2024-02-30', '20240517']) expect(shifted('s')(text, 'dateTime')).toBeNull();
});

test('through the lens: every date of a resource, in periods and extensions too, and nothing else', () => {
  const flag = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/resolve-date';
  const elements = [
    'clinicalStatus',
    'verificationStatus',
    'code',
    'subject',
    'onset',
    'recordedDate',
    `extension(${flag})`,
  ];
  const agreement = agreementOn({ dates: 'shifted', shiftDays: 180, resources: { Condition: elements } });
  const shown = lensOf(agreement).show(
    {
      resourceType: 'Condition',
      id: 'c'.repeat(26),
      extension: [{ url: flag, valueDateTime: '2024-05-20' }],
      code: { coding: [{ system: 'http://example.org/2024-05-17', code: '2024' }] },
      subject: { reference: `Patient/${'p'.repeat(26)}` },
      onsetPeriod: { start: '2024-05-17T10:00:00+08:00', end: '2024-05' },
      recordedDate: '2024-05-18',
    },
    SUBJECT,
  )!;
  const back = daysBack(KEY, SUBJECT.id, 180);
  const moved = (text: string) => new Date(Date.parse(text) - back * DAY).toISOString().slice(0, 10);
  expect(shown).toMatchObject({
    extension: [{ url: flag, valueDateTime: moved('2024-05-20') }],
    code: { coding: [{ system: 'http://example.org/2024-05-17', code: '2024' }] },
    onsetPeriod: { start: `${moved('2024-05-17')}T10:00:00+08:00` },
    recordedDate: moved('2024-05-18'),
  });
});
