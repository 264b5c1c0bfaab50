import Table from 'cli-table3';
import type { r4 } from '../fhir/resource.ts';
import type { TaskRow } from '../store/research-rows.ts';

/** Something owed: a row of `study-gateway due`. Hospital side, it names hospital resources. */
export interface DueRow {
  site: string;
  subject: string;
  what: string;
  /** `Type/id` of the hospital. */
  about: string;
  /** Codes of what is to be looked at. */
  codes: string[];
  /** ISO 8601, UTC; null where no time is set. */
  due: string | null;
  /** Whole hours since it was due; null while there is time. */
  overdueHours: number | null;
  urgent: boolean;
  zh: string;
  en: string;
}

const HOUR = 3_600_000;
const PLAIN = { head: [], border: [], compact: true };

/** Open tasks, the most urgent first: what has a time by that time, the rest after it. */
export function dueRows(tasks: readonly TaskRow[], now: number, site: string | null): DueRow[] {
  const rows = tasks
    .filter((task) => task.open && (site === null || task.site === site))
    .map((task): DueRow => {
      const { code, focus, reasonCode, restriction, priority, description } = JSON.parse(task.body) as r4.Task;
      const due = restriction?.period?.end ?? null;
      const late = due === null ? 0 : now - Date.parse(due);
      return {
        site: task.site,
        subject: task.subject,
        what: code?.coding?.[0]?.code ?? '',
        about: focus?.reference ?? '',
        codes: (reasonCode?.coding ?? []).flatMap((coding) => coding.code ?? []),
        due,
        overdueHours: late > 0 ? Math.floor(late / HOUR) : null,
        urgent: priority === 'urgent',
        zh: description ?? '',
        en: code?.text ?? '',
      };
    });
  const key = (row: DueRow) => `${row.due ?? '~'} ${row.site} ${row.subject} ${row.what} ${row.about}`;
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The list as people read it, times in the zone of the site. */
export function dueTable(rows: readonly DueRow[], zoneOf: (site: string) => string): string {
  const late = rows.filter(({ overdueHours }) => overdueHours !== null).length;
  const count = `${rows.length} open, ${late} overdue\n`;
  if (rows.length === 0) return count;
  const table = new Table({
    style: PLAIN,
    head: ['due', 'overdue', 'site', 'subject', '待办', 'to do', 'about', 'what'],
  });
  for (const { due, overdueHours, site, subject, zh, en, about, codes } of rows) {
    table.push([
      due === null ? '–' : inZone(due, zoneOf(site)),
      overdueHours === null ? '' : `${overdueHours} h`,
      site,
      subject,
      zh,
      en,
      about,
      codes.join(' '),
    ]);
  }
  return `${table.toString()}\n${count}`;
}

/** `2025-06-10 08:30`. */
function inZone(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(instant),
  );
}
