import { dayFrom, spanOf, startOfDay } from '../fhir/time.ts';
import { CannotStart } from './exit.ts';

/**
 * The clock of the criteria: the end of a given day in the study's zone, or a given instant; without one, now.
 * @param zone IANA name
 * @returns milliseconds since 1970
 */
export function clockOf(asOf: string | undefined, zone: string, now: number): number {
  if (asOf === undefined) return now;
  const day = dayFrom(asOf);
  if (day !== null) return startOfDay(day + 1, zone) - 1;
  const span = spanOf(asOf, zone);
  if (!span || asOf.length < 16)
    throw new CannotStart(`--as-of takes a day such as 2025-06-01 or an instant, not "${asOf}".`);
  return span.start;
}
