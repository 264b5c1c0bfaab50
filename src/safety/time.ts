import type { r4 } from '../fhir/resource.ts';
import { type Days, daysOf, orderOf, type Span, spanOf } from '../fhir/time.ts';
import type { AroundEvent, SafetyContext, Stay } from './about.ts';

/** When the event was. Detected or recorded at a time, it was then or earlier. Null when nothing of it can be read. */
export function timeOf({ date, detected, recordedDate }: r4.AdverseEvent, zone: string): Span | null {
  const own = date ? spanOf(date, zone) : null;
  if (own) return own;
  const known = [detected, recordedDate].flatMap((text) => (text ? (spanOf(text, zone) ?? []) : []));
  if (known.length === 0) return null;
  return { start: -Infinity, end: Math.min(...known.map(({ end }) => end)) };
}

/**
 * Whether the event lies from the consent to so many days after the last collection (without one, after the last
 * procedure; without that, until off-study). Whole calendar days at the site, the last one included. Null when dates
 * leave it open.
 */
export function isInWindow(at: Span | null, about: AroundEvent, { rules, site }: SafetyContext): boolean | null {
  if (!about.consentAt) return false;
  const since = at && orderOf(about.consentAt, at);
  const until = at && isUntil(daysOf(at, site.timezone), at, about, rules.windowDays, site.timezone);
  if (since === 'after' || until === false) return false;
  return since === 'before' && until === true ? true : null;
}

function isUntil(days: Days, at: Span, about: AroundEvent, windowDays: number, zone: string): boolean | null {
  const last = about.lastCollectionAt ? [about.lastCollectionAt] : about.procedures.map(({ start }) => start);
  if (last.length === 0) {
    if (about.offStudyAt === null || at.end <= about.offStudyAt) return true;
    return at.start >= about.offStudyAt ? false : null;
  }
  const ends = last.map((span) => (span ? daysOf(span, zone) : { first: -Infinity, last: Infinity }));
  if (days.last <= Math.max(...ends.map(({ first }) => first)) + windowDays) return true;
  return days.first > Math.max(...ends.map((end) => end.last)) + windowDays ? false : null;
}

/** What the stays say of an event that was certainly in one of them. */
export interface StayReading {
  /** Some such stay went beyond the day it was planned to end on. */
  prolonged: boolean;
  /** Every such stay ended as planned, and no other began afterwards: whoever says hospitalization can mean no more. */
  asPlanned: boolean;
}

/** Reads the stays by calendar days at the site: discharge later on the planned day is no prolongation. */
export function readStays(at: Span | null, stays: readonly Stay[], zone: string, now: number): StayReading {
  if (!at) return { prolonged: false, asPlanned: false };
  const event = daysOf(at, zone);
  const read = stays.map(({ start, plannedEnd, end }) => ({
    start: daysOf(start, zone),
    planned: plannedEnd && daysOf(plannedEnd, zone),
    // A discharge that has not come yet is a plan.
    end: end && end.start <= now ? daysOf(end, zone) : null,
  }));
  const today = daysOf({ start: now, end: now + 1 }, zone);
  const around = read.filter(({ start, end }) => event.first >= start.first && event.last <= (end ?? today).last);
  const later = read.some((one) => !around.includes(one) && one.start.last >= event.first);
  const over = around.filter(({ end, planned }) => end && planned && end.last <= planned.last);
  return {
    prolonged: around.some(({ planned, end }) => planned !== null && (end ?? today).first > planned.last),
    asPlanned: around.length > 0 && over.length === around.length && !later,
  };
}
