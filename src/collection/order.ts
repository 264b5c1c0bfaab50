import type { r4 } from '../fhir/resource.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import type { ConsentInForce } from './about.ts';

/** Nothing is known of when it was. */
export const SOMETIME: Span = { start: -Infinity, end: Infinity };

/** Whether `a` was before or after `b`; null when the two spans overlap, so that either may be. */
export function orderOf(a: Span, b: Span): 'before' | 'after' | null {
  if (a.end <= b.start) return 'before';
  return a.start >= b.end ? 'after' : null;
}

/** When a collection began and was finished; both the same when it is given as one time. */
export interface CollectionTime {
  began: Span;
  finished: Span;
}

/** Reads `collected[x]`; null when it is missing or cannot be read, or ends before it begins. */
export function collectionTime(collection: r4.SpecimenCollection | undefined, zone: string): CollectionTime | null {
  const { collectedDateTime, collectedPeriod } = collection ?? {};
  if (collectedDateTime) {
    const at = spanOf(collectedDateTime, zone);
    return at && { began: at, finished: at };
  }
  if (!collectedPeriod || (!collectedPeriod.start && !collectedPeriod.end)) return null;
  const start = collectedPeriod.start ? spanOf(collectedPeriod.start, zone) : null;
  const end = collectedPeriod.end ? spanOf(collectedPeriod.end, zone) : null;
  if ((collectedPeriod.start && !start) || (collectedPeriod.end && !end)) return null;
  if (start && end && end.end <= start.start) return null;
  return {
    began: start ?? { start: -Infinity, end: end!.end },
    finished: end ?? { start: start!.start, end: Infinity },
  };
}

/** Whether some consent that covers the purpose was in force at a time. */
export function inForceAt(
  at: Span,
  consents: readonly ConsentInForce[],
  purpose: string | null,
): 'yes' | 'no' | 'unknown' {
  const answers = consents
    .filter(({ purposes }) => purpose === null || purposes.includes(purpose))
    .map(({ signed, ends }) => {
      const since = orderOf(signed, at);
      const until = ends ? orderOf(ends, at) : 'after';
      if (since === 'after' || until === 'before') return 'no';
      return since === 'before' && until === 'after' ? 'yes' : 'unknown';
    });
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}
