import type { r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import type { AroundEvent, SafetyContext } from './about.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** When the reports of a serious event are due. Instants are ms since 1970. */
export interface ReportClock {
  /** Since when the event waits to be stamped; null once it is. */
  unreadSince: number | null;
  /** The stamp of awareness, or the site's record if that is earlier; null while there is neither. */
  startedAt: number | null;
  initialDue: number | null;
  followUpDue: number | null;
  /** The reports made until now. */
  reported: { initial: number | null; followUp: number | null };
  /** Not made in time: still owed after the due time, or made after it. The due time itself is in time. */
  overdue: { initial: boolean; followUp: boolean };
}

/**
 * The clock of a serious event (study protocol reading, "Adverse events"): both periods run from the same start, in
 * hours and in days of 24 hours. A record that carries only its day began with that day.
 * @param now ms; reports made later do not count yet
 */
export function reportClock(
  event: Pick<r4.AdverseEvent, 'recordedDate'>,
  { awareAt, receivedAt, reported }: Pick<AroundEvent, 'awareAt' | 'receivedAt' | 'reported'>,
  { site }: Pick<SafetyContext, 'site'>,
  now: number,
): ReportClock {
  const recorded = event.recordedDate ? spanOf(event.recordedDate, site.timezone) : null;
  const start = Math.min(awareAt ?? Infinity, recorded?.start ?? Infinity);
  const startedAt = Number.isFinite(start) ? start : null;
  const initialDue = startedAt === null ? null : startedAt + site.adverseEvents.initialReportHours * HOUR;
  const followUpDue = startedAt === null ? null : startedAt + site.adverseEvents.followUpDays * DAY;
  const made = (at: number | null) => (at !== null && at <= now ? at : null);
  const initial = made(reported.initial);
  const followUp = made(reported.followUp);
  return {
    unreadSince: awareAt === null ? receivedAt : null,
    startedAt,
    initialDue,
    followUpDue,
    reported: { initial, followUp },
    overdue: {
      initial: initialDue !== null && (initial ?? now) > initialDue,
      followUp: followUpDue !== null && (followUp ?? now) > followUpDue,
    },
  };
}
