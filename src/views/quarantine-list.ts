import type { Content } from '../intake/content.ts';
import type { Retried } from '../pipeline/quarantine-retry.ts';
import type { QuarantineListed, Withheld } from '../store/quarantine-rows.ts';

const WITHHELD: Record<Withheld, string> = {
  'not-readable': 'not kept: it could not be read as text; send it again',
  'site-unknown': 'not kept: it is not known from which hospital it comes; send it again with --site',
  'too-large': 'not kept: it is longer than the limit; send it again',
  aged: 'no longer kept: its time is over; send it again',
  resolved: 'no longer kept: it was taken in',
};
const DECISION = 'a decision, which is not tried again: look at the present state and sign it anew';

const OUTCOMES: Record<Retried['outcome'], string> = {
  resolved: 'taken in',
  'resolved-before': 'taken in before; nothing changed',
  refused: 'refused again',
  'not-kept': 'not tried: the content is not kept (see show)',
  decision: `not tried: ${DECISION}`,
  'site-gone': 'not tried: its hospital is not in sites/',
  unknown: 'there is no such row',
};

/** A row, and whether trying it again can come to anything. */
export type ListedRow = QuarantineListed & { retryable: boolean };

/** One line for each open row: id, site, time, place, reason, element, times tried, what is wrong. */
export function quarantineLines(rows: readonly ListedRow[]): string {
  const lines = rows.map((row) => {
    const retry = row.retryable ? '' : ', cannot be tried again';
    const head = `${row.id} ${row.site ?? '–'} ${row.at} ${placeOf(row)} ${row.reason}`;
    return `${head}${row.expression ? ` ${row.expression}` : ''} (×${row.attempts}${retry}): ${row.message}`;
  });
  return [...lines, `${rows.length} open`, ''].join('\n');
}

/** One row in full; never its content. */
export function quarantineText(row: ListedRow): string {
  const retry = row.retryable || row.withheld ? null : DECISION;
  const lines = [
    ['id', row.id],
    ['site', row.site ?? 'not known'],
    ['arrived', row.at],
    ['place', placeOf(row)],
    ['reason', row.reason],
    ['expression', row.expression],
    ['message', row.message],
    ['attempts', String(row.attempts)],
    ['state', row.resolvedAt ? `resolved ${row.resolvedAt}` : 'open'],
    ['content', row.withheld ? WITHHELD[row.withheld] : 'kept, sealed (--content shows it, and is audited)'],
    ['retry', retry],
  ];
  return lines.flatMap(([name, text]) => (text ? [`${name!.padEnd(10)} ${text}\n`] : [])).join('');
}

/** The content of a row as JSON. */
export function contentText(content: Content): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** What came of a retry: a line for each that was not simply taken in, then counts. */
export function retriedText(done: readonly Retried[]): string {
  const lines = done.flatMap(({ id, outcome, refusal }) => {
    if (outcome === 'resolved') return [];
    const why = outcome === 'refused' && refusal ? `: ${refusal.reason}: ${refusal.message}` : '';
    return [`${id} ${OUTCOMES[outcome]}${why}`];
  });
  const count = (...of: Retried['outcome'][]) => done.filter(({ outcome }) => of.includes(outcome)).length;
  const counts = [
    `${count('resolved')} taken in`,
    `${count('resolved-before')} taken in before`,
    `${count('refused')} refused again`,
    `${count('not-kept', 'decision', 'site-gone', 'unknown')} not tried`,
  ];
  return `${[...lines, counts.join(', ')].join('\n')}\n`;
}

function placeOf({ file, line, entry }: QuarantineListed): string {
  return `${file}${line === null ? '' : `:${line}`}${entry === null ? '' : ` entry ${entry}`}`;
}
