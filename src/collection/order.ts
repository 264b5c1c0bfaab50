import type { r4 } from '../fhir/resource.ts';
import { type Span, spanOf } from '../fhir/time.ts';

/** Nothing is known of when it was. */
export const SOMETIME: Span = { start: -Infinity, end: Infinity };

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
