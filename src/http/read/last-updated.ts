import { spanOf } from '../../fhir/time.ts';

/** A stretch of time as texts of instants: from included, until excluded; null where it is open. */
export interface Bounds {
  from: string | null;
  until: string | null;
}

const FORM = /^(eq|gt|ge|lt|le)?(\d{4}.*)$/;
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a value of `_lastUpdated`: prefixes eq, gt, ge, lt, le (R4 search, "Prefixes"). What is given less precisely than
 * an instant is a stretch, and `gt` begins where it ends.
 * @param zone of times without an offset
 * @returns null when it cannot be read
 */
export function readLastUpdated(text: string, zone: string): Bounds | null {
  // A plus sign that was not encoded arrives as a space.
  const [, prefix = 'eq', date] = FORM.exec(text.replace(' ', '+')) ?? [];
  const span = date === undefined ? null : spanOf(date, zone);
  if (!span) return null;
  const [start, end] = [instant(span.start), instant(span.end)];
  switch (prefix) {
    case 'gt':
      return { from: end, until: null };
    case 'ge':
      return { from: start, until: null };
    case 'lt':
      return { from: null, until: start };
    case 'le':
      return { from: null, until: end };
    default:
      return { from: start, until: end };
  }
}

/** What lies in both. */
export function within(a: Bounds, b: Bounds): Bounds {
  const later = a.from === null || (b.from !== null && b.from > a.from) ? b.from : a.from;
  const earlier = a.until === null || (b.until !== null && b.until < a.until) ? b.until : a.until;
  return { from: later, until: earlier };
}

/** Years of more than four digits would not sort as text. */
function instant(ms: number): string {
  return new Date(Math.max(Math.min(ms, LAST), Date.parse('0000-01-01T00:00:00Z'))).toISOString();
}
