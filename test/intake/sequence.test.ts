import fc from 'fast-check';
import { type Counted, countIn, type Progress } from '../../src/intake/sequence.ts';

const at = (minute: number) => Date.parse('2025-06-02T00:00:00Z') + minute * 60_000;
const instant = (minute: number) => new Date(at(minute)).toISOString();
const known = (lastEvent: number | null, minute: number, gaps = 0): Progress => ({
  status: 'active',
  lastEvent,
  goodAt: instant(minute),
  gaps,
});
const event = (numbers: number[], minute: number, given: Partial<Counted> = {}): Counted => ({
  handshake: false,
  status: 'active',
  total: Math.max(...numbers),
  numbers,
  blind: false,
  at: at(minute),
  ...given,
});
const status = (total: number | null, minute: number, handshake = false): Counted => ({
  ...event([0], minute, { handshake }),
  total,
  numbers: [],
});

test.each<[string, Progress | null, Counted, Progress, string | null]>([
  ['the first begins the counting', null, event([7], 5), known(7, 5), null],
  ['a handshake begins it at 0', null, status(0, 5, true), known(0, 5), null],
  ['the next', known(7, 5), event([8], 9), known(8, 9), null],
  ['several at once', known(7, 5), event([8, 9, 10], 9), known(10, 9), null],
  ['one is missing', known(7, 5), event([9], 9), known(9, 9, 1), instant(5)],
  ['the count says more than the events', known(7, 5), event([8], 9, { total: 9 }), known(9, 9, 1), instant(5)],
  ['the same number twice hides no gap', known(7, 5), event([9, 9], 9), known(9, 9, 1), instant(5)],
  ['one that came late', known(7, 5), event([6], 9), known(7, 5), null],
  ['one that came twice', known(7, 5), event([7], 9), known(7, 9), null],
  ['a heartbeat that agrees', known(7, 5), status(7, 9), known(7, 9), null],
  ['a heartbeat that knows of more', known(7, 5), status(8, 9), known(8, 9, 1), instant(5)],
  ['a heartbeat without a count', known(7, 5), status(null, 9), known(7, 5), null],
  ['a handshake that agrees', known(7, 5), status(7, 9, true), known(7, 9), null],
  ['a handshake that begins again', known(7, 5), status(0, 9, true), known(0, 9, 1), instant(5)],
  ['nothing is counted yet', known(null, 5), event([3], 9), known(3, 9), null],
  ['a blind one of an unknown subscription', null, event([1], 5, { blind: true }), known(1, 5), instant(5)],
  ['a blind one', known(7, 5), event([8], 9, { blind: true }), known(8, 9), instant(5)],
  ['a blind one that came late', known(7, 5), event([7], 3, { blind: true }), known(7, 5), instant(3)],
  ['a blind one without numbers', known(null, 5), { ...status(null, 9), blind: true }, known(null, 9), instant(5)],
])('%s', (_, before, one, progress, missingSince) => {
  expect(countIn(before, one)).toStrictEqual({ progress, missingSince });
});

test('the newest status stays until another is told', () => {
  expect(countIn(known(1, 1), { ...event([2], 2), status: 'error' }).progress.status).toBe('error');
  expect(countIn(known(1, 1), { ...event([2], 2), status: null }).progress.status).toBe('active');
});

test('whatever is lost of a numbered stream, a search covers it', () => {
  // Event n happens at minute n; notifications carry runs of them, some are lost, the rest may be sent twice.
  const runs = fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 4 }), lost: fc.boolean(), twice: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(runs, (cut) => {
      let progress: Progress | null = countIn(null, status(0, 0, true)).progress;
      let next = 1;
      const seen = new Set<number>();
      const covered = (number: number) =>
        seen.has(number) || searched.some(([from, to]) => number >= from && number <= to);
      const searched: [number, number][] = [];
      for (const { length, lost, twice } of [...cut, { length: 1, lost: false, twice: false }]) {
        const numbers = Array.from({ length }, () => next++);
        if (lost) continue;
        for (const number of numbers) seen.add(number);
        for (let sent = 0; sent < (twice ? 2 : 1); sent++) {
          const counted = countIn(progress, event(numbers, next - 1));
          progress = counted.progress;
          if (counted.missingSince) searched.push([(Date.parse(counted.missingSince) - at(0)) / 60_000, next - 1]);
        }
      }
      for (let number = 1; number < next; number++) expect([number, covered(number)]).toEqual([number, true]);
      expect(progress?.lastEvent).toBe(next - 1);
    }),
  );
});
