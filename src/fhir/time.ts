import { Temporal } from 'temporal-polyfill';
import { remembered } from './remembered.ts';
import type { r4 } from './resource.ts';

/**
 * The stretch of time a FHIR date, dateTime, instant or Period may mean: milliseconds since 1970, start included,
 * end excluded. `2024-05` is the whole month: nothing narrower is known (FHIR R4 datatypes, "dateTime").
 */
export interface Span {
  start: number;
  end: number;
}

/** A calendar day in some zone, as days since 1970-01-01. */
export type Day = number;

/** The first and last day on which something may have been. Both ends included; ±Infinity for open ends. */
export interface Days {
  first: Day;
  last: Day;
}

const DAY_MS = 86_400_000;
const FORM = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/**
 * Reads a FHIR date, dateTime or instant. A clock time without an offset is taken in `zone`.
 * @param zone IANA name, e.g. `Asia/Shanghai`
 * @returns null when the text is no such thing or names an impossible date
 */
export function spanOf(text: string, zone: string): Span | null {
  const part = FORM.exec(text);
  if (!part) return null;
  const [, year, month, day, hour, minute, second, fraction, offset] = part;
  if (!day) return wholeDays(`${year}-${month ?? '01'}-01`, month ? 'months' : 'years', zone);
  if (!hour) return wholeDays(`${year}-${month}-${day}`, 'days', zone);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}`;
  const start = offset ? instantOf(local, offset) : localInstant(local, zone);
  if (start === null) return null;
  if (!second) return { start, end: start + 60_000 };
  if (!fraction) return { start, end: start + 1000 };
  const ms = start + Math.floor(Number(`0.${fraction}`) * 1000);
  return { start: ms, end: ms + 1 };
}

/** The time a Period covers; a missing end is open. Null when an end cannot be read or both are missing. */
export function spanOfPeriod(period: r4.Period, zone: string): Span | null {
  if (!period.start && !period.end) return null;
  const start = period.start ? spanOf(period.start, zone) : null;
  const end = period.end ? spanOf(period.end, zone) : null;
  if ((period.start && !start) || (period.end && !end)) return null;
  return { start: start?.start ?? -Infinity, end: end?.end ?? Infinity };
}

/** The local day of an instant. */
export function dayOf(ms: number, zone: string): Day {
  if (!Number.isFinite(ms)) return ms;
  return days(zone)(ms);
}

/** The local days a span touches. */
export function daysOf(span: Span, zone: string): Days {
  return { first: dayOf(span.start, zone), last: dayOf(span.end - 1, zone) };
}

/** The first instant of a local day. */
export function startOfDay(day: Day, zone: string): number {
  return starts(zone)(day);
}

/** `2025-06-01` */
export function dayText(day: Day): string {
  return Number.isFinite(day) ? new Date(day * DAY_MS).toISOString().slice(0, -14) : day > 0 ? '…' : '';
}

/** The day a plain `YYYY-MM-DD` names; null when it is none. */
export function dayFrom(text: string): Day | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? dayNamed(text) : null;
}

/** Completed years between two days (a birthday on 29 February is completed on 1 March of a common year). */
export function yearsBetween(birth: Day, on: Day): number {
  const [from, to] = [new Date(birth * DAY_MS), new Date(on * DAY_MS)];
  const months = to.getUTCMonth() - from.getUTCMonth();
  const had = months > 0 || (months === 0 && to.getUTCDate() >= from.getUTCDate());
  return to.getUTCFullYear() - from.getUTCFullYear() - (had ? 0 : 1);
}

/** The day on which so many years are completed. */
export function yearsAfter(birth: Day, years: number): Day {
  const to = monthsAfter(birth, years * 12);
  return to + (new Date(to * DAY_MS).getUTCDate() === new Date(birth * DAY_MS).getUTCDate() ? 0 : 1);
}

/** The same day so many months earlier (clipped to the end of a shorter month). */
export function monthsBefore(day: Day, months: number): Day {
  return monthsAfter(day, -months);
}

/** The same day so many months later (clipped to the end of a shorter month). */
export function monthsAfter(day: Day, months: number): Day {
  if (!Number.isFinite(day)) return day;
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  // Day 0 of the month after is its last.
  const last = new Date(date.setUTCFullYear(year, month + 1, 0)).getUTCDate();
  const on = Math.min(new Date(day * DAY_MS).getUTCDate(), last);
  return new Date(day * DAY_MS).setUTCFullYear(year, month, on) / DAY_MS;
}

/**
 * An instant as UTC text with nine fractional digits, so that the order of texts is the order of times.
 * Null when the text is not a full instant.
 */
export function sortableInstant(text: string, zone: string): string | null {
  const part = FORM.exec(text);
  if (!part?.[6]) return null;
  const whole = spanOf(text.replace(/\.\d+/, ''), zone);
  if (!whole) return null;
  const fraction = (part[7] ?? '').slice(0, 9).padEnd(9, '0');
  const utc = new Date(whole.start).toISOString();
  // Years beyond four digits would not sort as text.
  return /^\d{4}-/.test(utc) ? `${utc.slice(0, 19)}.${fraction}Z` : null;
}

/** The day of a text that has the form `YYYY-MM-DD`; null when the calendar has none. */
function dayNamed(text: string): Day | null {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const date = new Date(new Date(0).setUTCFullYear(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / DAY_MS : null;
}

function dayNumber({ year, month, day }: Temporal.PlainDate): Day {
  // Not Date.UTC, which takes the years before 100 for those of the twentieth century.
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS;
}

/** Zone arithmetic is slow, and the same times are asked for endlessly: so much of it is remembered. */
const MOST_KNOWN = 50_000;
const edges = new Map<string, Span | null>();
const days = byZone(
  (zone) =>
    (ms: number): Day =>
      dayNumber(Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate()),
);
const starts = byZone(
  (zone) => (day: Day) =>
    Temporal.PlainDate.from('1970-01-01').add({ days: day }).toZonedDateTime(zone).epochMilliseconds,
);

function byZone(finder: (zone: string) => (key: number) => number): (zone: string) => (key: number) => number {
  const zones = new Map<string, (key: number) => number>();
  return (zone) => {
    const known = zones.get(zone);
    if (known) return known;
    const made = remembered(finder(zone), MOST_KNOWN);
    zones.set(zone, made);
    return made;
  };
}

function wholeDays(first: string, length: 'days' | 'months' | 'years', zone: string): Span | null {
  const key = `${first} ${length} ${zone}`;
  const known = edges.get(key);
  if (known !== undefined) return known;
  const from = dayNamed(first);
  let span: Span | null = null;
  if (from !== null) {
    const to = length === 'days' ? from + 1 : monthsAfter(from, length === 'months' ? 1 : 12);
    span = { start: startOfDay(from, zone), end: startOfDay(to, zone) };
  }
  if (edges.size >= MOST_KNOWN) edges.clear();
  edges.set(key, span);
  return span;
}

/**
 * The instant of a local time with its offset: as `Temporal.Instant` reads it, but many times faster, since every
 * resource of a feed names some.
 * @param local `YYYY-MM-DDThh:mm:ss`
 * @param offset `Z` or `+hh:mm`
 */
function instantOf(local: string, offset: string): number | null {
  const [year, month, day] = [Number(local.slice(0, 4)), Number(local.slice(5, 7)), Number(local.slice(8, 10))];
  const [hour, minute, second] = [
    Number(local.slice(11, 13)),
    Number(local.slice(14, 16)),
    Number(local.slice(17, 19)),
  ];
  // Date.UTC takes these for years of the twentieth century.
  if (year < 100) return temporalInstant(local + offset);
  // As in Temporal a leap second is the second before it.
  const utc = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59));
  const exists =
    month > 0 && day > 0 && new Date(utc).getUTCDate() === day && new Date(utc).getUTCMonth() === month - 1;
  if (!exists || hour > 23 || minute > 59 || second > 60) return null;
  if (offset === 'Z') return utc;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4, 6))];
  if (hours > 23 || minutes > 59) return null;
  return utc - (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function temporalInstant(text: string): number | null {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}

function localInstant(local: string, zone: string): number | null {
  try {
    return Temporal.PlainDateTime.from(local, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return null;
  }
}

/** Whether `a` was before or after `b`; null when the two spans overlap, so that either may be. */
export function orderOf(a: Span, b: Span): 'before' | 'after' | null {
  if (a.end <= b.start) return 'before';
  return a.start >= b.end ? 'after' : null;
}
