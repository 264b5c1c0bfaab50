const FORM = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):(\d\d))?)?)?)?$/;

/** What a date or time text may mean: milliseconds since 1970, `from` included, `to` excluded; local time as if UTC. */
interface Moment {
  from: number;
  to: number;
  /** `day`: no clock time; `local`: a clock time without offset; `offset`: an instant. */
  kind: 'day' | 'local' | 'offset';
}

/**
 * Reads a FHIR date, dateTime or instant and refuses what the calendar does not have. More lenient than R4 in one
 * thing that hospitals do: a clock time may lack its offset and its seconds.
 */
function momentOf(text: string): Moment | null {
  const found = FORM.exec(text);
  if (!found) return null;
  const [, y, mo, d, h, mi, s, , zulu, sign, oh, om] = found;
  const [year, month, day] = [Number(y), Number(mo ?? 1), Number(d ?? 1)];
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  if (h === undefined) {
    const to = d ? Date.UTC(year, month - 1, day + 1) : mo ? Date.UTC(year, month, 1) : Date.UTC(year + 1, 0, 1);
    return { from: Date.UTC(year, month - 1, day), to, kind: 'day' };
  }
  const [hour, minute, second] = [Number(h), Number(mi), Number(s ?? 0)];
  const [offsetHour, offsetMinute] = [Number(oh ?? 0), Number(om ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetMinute > 59) return null;
  if (offsetHour * 60 + offsetMinute > 14 * 60) return null;
  const offset = (offsetHour * 60 + offsetMinute) * (sign === '-' ? -60_000 : 60_000);
  const from = Date.UTC(year, month - 1, day, hour, minute, second) - offset;
  return { from, to: from + (s === undefined ? 60_000 : 1000), kind: zulu || sign ? 'offset' : 'local' };
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @param month 1 to 12 */
function daysOf(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : DAYS[month - 1]!;
}

/** A FHIR date: a day, month or year that exists. */
export function isDate(text: string): boolean {
  return momentOf(text)?.kind === 'day';
}

/** A FHIR dateTime. */
export function isDateTime(text: string): boolean {
  return momentOf(text) !== null;
}

/** A FHIR instant. */
export function isInstant(text: string): boolean {
  const moment = momentOf(text);
  return moment !== null && moment.kind !== 'day';
}

/** Offsets differ by at most 26 hours (-12 to +14): what is not surely in the wrong order is let pass. */
const OFFSETS_MS = 26 * 3_600_000;

/** Whether a Period surely ends before it begins (FHIR R4, per-1). Texts that are no times decide nothing. */
export function endsBeforeStart(start: string, end: string): boolean {
  const [a, b] = [momentOf(start), momentOf(end)];
  if (!a || !b) return false;
  const comparable = (a.kind === 'offset') === (b.kind === 'offset');
  return a.from >= b.to + (comparable ? 0 : OFFSETS_MS);
}
