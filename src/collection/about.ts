import type { Days, Span } from '../fhir/time.ts';
import type { CollectionRules } from '../study/collection.ts';
import type { SiteTerminology } from '../terminology/site.ts';
import type { DeviationCode } from './words.ts';

/** An investigator accepted a deviation as it is; it stays marked. */
export interface AcceptedDeviation {
  /** `Specimen/id`, or `Specimen/id/_history/version`: then it holds for that version only. */
  about: string;
  /** Null: every deviation of the specimen. */
  code: DeviationCode | null;
}

/** An operation that blood is to be drawn before. */
export interface Surgery {
  /** `Procedure/id` or `ServiceRequest/id`. */
  reference: string;
  /** Whether it has begun; booked when not. */
  started: boolean;
  /** When it began, or is booked for; null when that is not said. */
  start: Span | null;
}

/** What the collection of one person's specimens is judged by, besides the specimens. */
export interface Collecting {
  /** Whether consent covered a purpose (code of the study's consent-purpose) at a time: the consent gate's answer. */
  consented(purpose: string, at: Span): 'yes' | 'no' | 'unknown';
  surgeries: readonly Surgery[];
  /** The days the person may have been born on. */
  birth: Days | null;
  weightKg: number | null;
  withdrawn: boolean;
  enrolledInError: boolean;
  /** A guardian signed, the 18th birthday is past, and the person has not signed: nothing is collected or released. */
  guardianEnded: boolean;
  /** Since when (ms) a newer form must be signed before anything is collected; null when nothing waits for that. */
  collectionWaitsFrom: number | null;
  accepted: readonly AcceptedDeviation[];
}

/** The study and the hospital a collection is judged under. */
export interface CollectionContext {
  rules: CollectionRules;
  site: {
    timezone: string;
    terminology: SiteTerminology;
    /** mL of blood for each kg of a minor's body weight; null where the ethics committee has set none. */
    minorBloodCap: { mLPerKg: number } | null;
  };
}
