import { createHmac } from 'node:crypto';
import { dayFrom, dayText } from '../fhir/time.ts';
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
  const [, year, month, day, time = ''] = FORM.exec(text) ?? [];
  if (!year || !month) return null;
  if (day) {
    const from = dayFrom(`${year}-${month}-${day}`);
    return from === null ? null : fourDigits(dayText(from - back) + time);
  }
  const first = dayFrom(`${year}-${month}-01`);
  const next = dayFrom(
    month === '12' ? `${Number(year) + 1}-01-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}-01`,
  );
  if (first === null || next === null) return null;
  const years = [dayText(first - back).slice(0, 4), dayText(next - 1 - back).slice(0, 4)];
  return years[0] === years[1] ? fourDigits(years[0]!) : null;
}

/** FHIR has no years before 1 or beyond 9999. */
function fourDigits(text: string): string | null {
  return /^\d{4}(-|$)/.test(text) ? text : null;
}
