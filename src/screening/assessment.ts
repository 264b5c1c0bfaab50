import type { FhirResource } from '../fhir/resource.ts';
import type { Meaning, Words } from '../study/model.ts';

export type VerdictCode = 'met' | 'not-met' | 'unknown' | 'conflict' | 'not-applicable';

/** Where something missing stands: nothing known of it, ordered, registered or preliminary, or too old. */
export type Standing = 'absent' | 'ordered' | 'pending' | 'stale' | 'undecided';

/** Something that would settle an open criterion. */
export interface Missing {
  what: string;
  standing: Standing;
  zh: string;
  en: string;
}

/** A rule that said something, with its evidence as `Type/id/_history/version`. */
export interface Finding {
  says: 'met' | 'not-met' | 'review';
  reason: string;
  means: Meaning | null;
  words: Words;
  evidence: string[];
}

export interface Verdict {
  id: string;
  exclude: boolean;
  sensitive: boolean;
  verdict: VerdictCode;
  /** Reason code of the rule that decided, or of the first thing that is open. */
  reason: string | null;
  evidence: string[];
  /** What would settle it; null when nothing is open. */
  missing: Missing[] | null;
  /** Everything any rule said, in the order of the rules. */
  findings: Finding[];
  /** Keeps the person in screening. */
  holds: boolean;
  whenNotMet: 'ineligible' | 'screening' | 'nothing';
}

export interface FlagRaised {
  flag: string;
  words: Words;
  /** The enrolling investigator must answer it. */
  asks: boolean;
  evidence: string[];
}

/** A Consent for this study as the gate to the study side needs it read. */
export interface ConsentFact {
  consent: FhirResource;
  signer: string;
  /** Null when its date leaves it open. */
  formInForce: boolean | null;
}

/** What the status asks of the record beside the verdicts. */
export interface Facts {
  diseaseEvidence: boolean;
  rootOnly: boolean;
  studyRequests: boolean;
  requestsOutside: boolean;
  /** Any Consent for this study except entered in error. */
  consents: boolean;
  openRequests: boolean;
  proceduresAfterConsent: boolean;
  /** Partial or missing dates leave open whether a request is open, or a procedure after the consent. */
  undecidedProcedure: boolean;
  deceased: boolean;
  /** When the Consent that decides was given, in milliseconds; null without one, or when it is undated. */
  consentAt: number | null;
  /** What rules that spoke mean for the status, with their reasons, in the order of the rules. */
  meanings: { means: Meaning; reason: string }[];
}

/** One person under one study at one moment: a pure function of the record, the study and the clock. */
export interface Assessment {
  studyVersion: string;
  verdicts: Verdict[];
  group: string | null;
  groups: string[];
  stratum: string | null;
  basis: string | null;
  /** Why there is no stratum although the group has strata. */
  stratumMissing: Words | null;
  flags: FlagRaised[];
  /** First day of the anchor of every look-back, and what it is. */
  anchor: { day: string; from: 'request' | 'procedure' | 'now' };
  facts: Facts;
  /** Every Consent for this study, entered in error left out; hospital side only. */
  consents: ConsentFact[];
  /** The first day on which the clock alone may change something; null when nothing waits for it. */
  recheckOn: string | null;
}
