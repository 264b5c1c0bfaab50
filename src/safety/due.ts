import type { ReportClock } from './clock.ts';
import type { AdverseEventAssessment } from './event.ts';

/** An assessed event with the pseudonyms it may be named by. */
export interface OwedEvent {
  site: string;
  /** Pseudonym of the ResearchSubject. */
  subject: string;
  /** Pseudonym of the AdverseEvent. */
  event: string;
  assessment: Pick<AdverseEventAssessment, 'clock'>;
}

/** Something that is owed: a row of `study-gateway due`. Instants and durations in ms. */
export interface DueRow {
  site: string;
  subject: string;
  event: string;
  what: 'awareness' | 'initial-report' | 'follow-up-report';
  dueAt: number;
  /** Null while there is time. */
  overdueBy: number | null;
}

/**
 * What is owed for serious events, the most urgent first, in an order that does not depend on that of the input:
 * awareness of what nobody has read (due at once), then the reports that are not made.
 */
export function dueList(events: readonly OwedEvent[], now: number): DueRow[] {
  const rows = events.flatMap(({ site, subject, event, assessment: { clock } }) =>
    owed(clock, now).map(({ what, dueAt }) => {
      return { site, subject, event, what, dueAt, overdueBy: now > dueAt ? now - dueAt : null };
    }),
  );
  const key = ({ site, subject, event, what }: DueRow) => `${site} ${subject} ${event} ${what}`;
  return rows.sort((a, b) => a.dueAt - b.dueAt || (key(a) < key(b) ? -1 : 1));
}

function owed(clock: ReportClock | null, now: number): Pick<DueRow, 'what' | 'dueAt'>[] {
  if (!clock) return [];
  const { unreadSince, initialDue, followUpDue, reported } = clock;
  const open = (at: number | null) => at === null || at > now;
  return [
    ...(unreadSince === null ? [] : [{ what: 'awareness' as const, dueAt: unreadSince }]),
    ...(initialDue !== null && open(reported.initial) ? [{ what: 'initial-report' as const, dueAt: initialDue }] : []),
    ...(followUpDue !== null && open(reported.followUp)
      ? [{ what: 'follow-up-report' as const, dueAt: followUpDue }]
      : []),
  ];
}
