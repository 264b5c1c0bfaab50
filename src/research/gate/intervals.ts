import type { Span } from '../../fhir/time.ts';

/**
 * A set of instants (ms since 1970) as half-open spans: none empty, in order, none touching the next. ±Infinity stands
 * for an open end. Equal sets have equal spans, so two can be compared by `toEqual`.
 */
export type Intervals = readonly Span[];

export const NEVER: Intervals = [];
export const ALWAYS: Intervals = [{ start: -Infinity, end: Infinity }];

/**
 * Makes a set of any spans: unordered, nested, overlapping, touching or repeated.
 * @returns `reversed`: how many ended before they began (or had no number for an end); they are empty, like those of
 * no length, but somebody meant something by them
 */
export function normalise(spans: readonly Span[]): { intervals: Intervals; reversed: number } {
  const full = spans.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start || a.end - b.end);
  const intervals: Span[] = [];
  for (const { start, end } of full) {
    const last = intervals.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else intervals.push({ start, end });
  }
  return { intervals, reversed: spans.filter(({ start, end }) => !(start <= end)).length };
}

/** The set of one span; empty when that is empty or reversed. */
export function interval(start: number, end: number): Intervals {
  return start < end ? [{ start, end }] : NEVER;
}

/** What is in any of the sets. */
export function union(...sets: readonly Intervals[]): Intervals {
  return normalise(sets.flat()).intervals;
}

/** What is in both sets. */
export function intersect(left: Intervals, right: Intervals): Intervals {
  const both: Span[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const a = left[i]!;
    const b = right[j]!;
    const start = Math.max(a.start, b.start);
    const end = Math.min(a.end, b.end);
    if (start < end) both.push({ start, end });
    if (a.end <= b.end) i += 1;
    else j += 1;
  }
  return both;
}

/** What is in the first set and not in the second. */
export function subtract(from: Intervals, taken: Intervals): Intervals {
  return intersect(from, complement(taken));
}

/** Whether all of a span is in the set. A span of no length is its instant; a reversed one is in no set. */
export function contains(set: Intervals, span: Span): boolean {
  const { start, end } = instants(span);
  return start < end && set.some((one) => one.start <= start && end <= one.end);
}

/** Whether some of a span is in the set. A span of no length is its instant; a reversed one touches no set. */
export function touches(set: Intervals, span: Span): boolean {
  const { start, end } = instants(span);
  return start < end && set.some((one) => one.start < end && start < one.end);
}

function instants({ start, end }: Span): Span {
  return { start, end: end === start ? start + 1 : end };
}

function complement(set: Intervals): Intervals {
  const edges = [-Infinity, ...set.flatMap(({ start, end }) => [start, end]), Infinity];
  const gaps: Span[] = [];
  for (let at = 0; at < edges.length; at += 2) {
    const start = edges[at]!;
    const end = edges[at + 1]!;
    if (start < end) gaps.push({ start, end });
  }
  return gaps;
}
