import fc from 'fast-check';
import type { Span } from '../../../src/fhir/time.ts';
import {
  ALWAYS,
  contains,
  type Intervals,
  intersect,
  interval,
  NEVER,
  normalise,
  subtract,
  touches,
  union,
} from '../../../src/research/gate/intervals.ts';

/** `1-3 5- -0` */
function spans(text: string): Span[] {
  return text.split(' ').flatMap((part) => {
    const [, start, end] = /^(\d*)-(\d*)$/.exec(part) ?? [];
    return part === '' ? [] : [{ start: start ? Number(start) : -Infinity, end: end ? Number(end) : Infinity }];
  });
}
const set = (text: string) => normalise(spans(text)).intervals;

describe('normalise', () => {
  test.each([
    ['', '', 0],
    ['1-3', '1-3', 0],
    ['5-9 1-3', '1-3 5-9', 0],
    ['1-9 3-5', '1-9', 0],
    ['1-5 3-9', '1-9', 0],
    ['1-3 3-5', '1-5', 0],
    ['3-3', '', 0],
    ['5-3', '', 1],
    ['1-3 9-2 7-4', '1-3', 2],
    ['1-3 3-3 2-1', '1-3', 1],
    ['-3 2-', '-', 0],
    ['-3 5-', '-3 5-', 0],
    ['1-3 1-3 1-3', '1-3', 0],
  ])('%s is %s', (given, expected, reversed) => {
    expect(normalise(spans(given))).toEqual({ intervals: spans(expected), reversed });
  });

  test('an end that is no number is no open end', () => {
    const given = [
      { start: Number.NaN, end: 5 },
      { start: 5, end: Number.NaN },
    ];
    expect(normalise(given)).toEqual({ intervals: [], reversed: 2 });
  });

  test('leaves what it was given as it was', () => {
    const given = spans('1-5 3-9');
    normalise(given);
    expect(given).toEqual(spans('1-5 3-9'));
  });
});

describe('subtract', () => {
  test.each([
    ['1-9', '3-5', '1-3 5-9'],
    ['1-9', '1-9', ''],
    ['1-9', '0-4', '4-9'],
    ['1-9', '4-', '1-4'],
    ['1-9', '9-12', '1-9'],
    ['-', '3-5', '-3 5-'],
    ['-', '-', ''],
    ['1-3 5-7', '2-6', '1-2 6-7'],
  ])('%s without %s is %s', (from, taken, expected) => {
    expect(subtract(set(from), set(taken))).toEqual(set(expected));
  });
});

describe('contains and touches', () => {
  test.each([
    ['1-9', '1-9', true, true],
    ['1-9', '1-10', false, true],
    ['1-9', '9-10', false, false],
    ['1-9', '0-1', false, false],
    ['1-3 5-7', '2-6', false, true],
    ['1-3 5-7', '3-5', false, false],
    ['1-9', '1-1', true, true],
    ['1-9', '9-9', false, false],
    ['1-9', '5-3', false, false],
    ['-', '-', true, true],
    ['1-', '5-', true, true],
  ])('%s, %s', (given, span, all, some) => {
    expect(contains(set(given), spans(span)[0]!)).toBe(all);
    expect(touches(set(given), spans(span)[0]!)).toBe(some);
  });
});

describe('against a set of points', () => {
  const edge = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
    fc.constant(-Infinity),
    fc.constant(Infinity),
  );
  const anySpans = fc.array(fc.record({ start: edge, end: edge }), { maxLength: 6 });
  const points = Array.from({ length: 17 }, (_, at) => at - 2);
  const inAny = (given: readonly Span[]) => points.filter((at) => given.some((one) => one.start <= at && at < one.end));
  const of = (given: readonly Span[]): Intervals => normalise(given).intervals;

  test('normalise keeps every point and is in normal form', () => {
    fc.assert(
      fc.property(anySpans, (given) => {
        const { intervals, reversed } = normalise(given);
        expect(inAny(intervals)).toEqual(inAny(given));
        expect(reversed).toBe(given.filter(({ start, end }) => end < start).length);
        for (const [index, one] of intervals.entries()) {
          expect(one.start).toBeLessThan(one.end);
          if (index > 0) expect(one.start).toBeGreaterThan(intervals[index - 1]!.end);
        }
      }),
    );
  });

  test('union, intersect and subtract are those of points', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (a, b) => {
        const [left, right] = [inAny(a), inAny(b)];
        expect(inAny(union(of(a), of(b)))).toEqual(points.filter((at) => left.includes(at) || right.includes(at)));
        expect(inAny(intersect(of(a), of(b)))).toEqual(left.filter((at) => right.includes(at)));
        expect(inAny(subtract(of(a), of(b)))).toEqual(left.filter((at) => !right.includes(at)));
      }),
    );
  });

  test('contains and touches ask every point', () => {
    fc.assert(
      fc.property(
        anySpans,
        fc.integer({ min: -2, max: 14 }),
        fc.integer({ min: 0, max: 5 }),
        (given, start, length) => {
          const asked = points.filter((at) => start <= at && at < start + Math.max(1, length) && at <= 14);
          const inside = inAny(given);
          fc.pre(start + Math.max(1, length) <= 15);
          expect(contains(of(given), { start, end: start + length })).toBe(asked.every((at) => inside.includes(at)));
          expect(touches(of(given), { start, end: start + length })).toBe(asked.some((at) => inside.includes(at)));
        },
      ),
    );
  });

  test('order never matters, and a union with itself is itself', () => {
    fc.assert(
      fc.property(
        anySpans.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        ([given, other]) => {
          expect(of(other)).toEqual(of(given));
          expect(union(of(given), of(other))).toEqual(of(given));
          expect(intersect(of(given), ALWAYS)).toEqual(of(given));
          expect(subtract(of(given), of(other))).toEqual(NEVER);
        },
      ),
    );
  });

  test('permit minus deny never has a denied point', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (permits, denies) => {
        const net = subtract(of(permits), of(denies));
        for (const at of inAny(denies)) expect(touches(net, { start: at, end: at })).toBe(false);
        expect(intersect(net, of(denies))).toEqual(NEVER);
      }),
    );
  });

  test('interval of reversed ends is empty', () => {
    expect([interval(3, 3), interval(5, 3), interval(3, 5)]).toEqual([[], [], [{ start: 3, end: 5 }]]);
  });
});
