import { createHmac } from 'node:crypto';
import { remembered } from '../fhir/remembered.ts';
import { type Day, dayFrom, dayText } from '../fhir/time.ts';
import type { Agreement } from './agreement.ts';

/** What becomes of the dates of one person: gives the date to be shown, null when none can be. */
export type DateChange = (text: string, type: string) => string | null;

const FORM = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?$/;

/**
 * How far a person's dates move: 1 to `most` days back, by HMAC-SHA-256 over the subject, so always the same days.
 * @param subject id of the ResearchSubject on our side
 */
export function daysBack(key: Buffer, subject: string, most: number): number {
  const mac = createHmac('sha256', key)
    .update(JSON.stringify(['date-shift', subject]))
    .digest();
  return 1 + Number(mac.readBigUInt64BE() % BigInt(most));
}

/**
 * Changes the dates of one person as agreed. Shifted: all by the same whole days, clock times and offsets kept, so that
 * order and intervals stay; of a date that was not known to the day what is still true is left, the year or nothing.
 * Year: the year as written; an instant has none.
 */
export function dateChange(
  { dates, shiftDays }: Pick<Agreement, 'dates' | 'shiftDays'>,
  key: Buffer,
  subject: string,
): DateChange {
  if (dates === 'exact') return (text) => text;
  if (dates === 'year') return (text, type) => (type === 'instant' ? null : (FORM.exec(text)?.[1] ?? null));
  const back = daysBack(key, subject, shiftDays);
  return (text) => shifted(text, back);
}

function shifted(text: string, back: number): string | null {
  const isWhole = text.length === 10 || text[10] === 'T';
  if (isWhole) {
    const day = dayIn(text.slice(0, 10));
    const moved = day === null ? null : textOf(day - back);
    return moved === null ? null : moved + text.slice(10);
  }
  const [, year, month, day] = FORM.exec(text) ?? [];
  if (!year || !month || day) return null;
  const first = dayIn(`${year}-${month}-01`);
  const next = dayIn(
    month === '12' ? `${Number(year) + 1}-01-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}-01`,
  );
  if (first === null || next === null) return null;
  const years = [textOf(first - back)?.slice(0, 4), textOf(next - 1 - back)?.slice(0, 4)];
  return years[0] === years[1] ? (years[0] ?? null) : null;
}

/** The same days come again endlessly: so many are remembered. */
const MOST_KNOWN = 40_000;
const dayIn = remembered(dayFrom, MOST_KNOWN);

/** Null where FHIR has no such year: before 1 or beyond 9999. */
const textOf = remembered((day: Day) => {
  const text = dayText(day);
  return /^(?!0000)\d{4}-/.test(text) ? text : null;
}, MOST_KNOWN);
