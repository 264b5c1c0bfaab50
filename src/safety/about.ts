import type { Span } from '../fhir/time.ts';
import type { SafetyRules } from '../study/safety.ts';
import type { SiteTerminology } from '../terminology/site.ts';

/** A hospital stay. Partial dates are spans. */
export interface Stay {
  start: Span;
  /** The end that was planned at admission; null when none is known. */
  plannedEnd: Span | null;
  /** Null while it lasts. */
  end: Span | null;
}

/** An operation that may be suspected. `start` is null when it is not known. */
export interface SuspectProcedure {
  /** `Procedure/id` */
  reference: string;
  start: Span | null;
}

/** What an adverse event of one person is judged by, besides the event. Instants are ms since 1970. */
export interface AroundEvent {
  /** Those of the study that have begun. */
  procedures: readonly SuspectProcedure[];
  stays: readonly Stay[];
  /** When the first valid consent was signed; null without one. */
  consentAt: Span | null;
  lastCollectionAt: Span | null;
  offStudyAt: number | null;
  /** The first stamp of awareness (decision `sae-aware`). */
  awareAt: number | null;
  /** When the event came in: since then it is unread. */
  receivedAt: number;
  /** The first reports of either kind (decision `sae-report`). */
  reported: { initial: number | null; followUp: number | null };
}

/** The study and the hospital an event is judged under. */
export interface SafetyContext {
  rules: SafetyRules;
  site: {
    timezone: string;
    terminology: SiteTerminology;
    adverseEvents: { initialReportHours: number; followUpDays: number };
  };
}
