import type { CompiledExpression } from '../fhir/fhirpath/compile.ts';
import type { Day } from '../fhir/time.ts';
import type { StudyFault } from './fault.ts';

/** Words in both languages of the study. */
export interface Words {
  zh: string;
  en: string;
}

/** What a rule of a criterion says when its expression selects something. */
export type Says = 'met' | 'not-met' | 'review';

/** What the status needs to know of a rule beyond its verdict (study protocol reading, "ResearchSubject status"). */
export type Meaning = 'declined' | 'withdrawn' | 'missed-window' | 'no-open-request';

export interface Rule {
  says: Says;
  reason: string;
  means: Meaning | null;
  words: Words;
  /** Selects the evidence; an empty selection means the rule says nothing. */
  expression: CompiledExpression;
}

/** Something whose absence keeps a criterion open. */
export interface Need {
  id: string;
  words: Words;
  /** When this selects something the need is satisfied. */
  satisfiedBy: CompiledExpression;
  /** ValueSets of the tests that would settle it: tell whether one is ordered, pending or stale. */
  tests: readonly string[];
  /** Selects what is under way, where that is not a test (a draft consent, say). */
  pending: CompiledExpression | null;
}

export interface Criterion {
  id: string;
  exclude: boolean;
  words: Words;
  /** What unknown does: keeps in screening, waits for the investigator's attestation, or there is nothing to know. */
  whenUnknown: 'hold' | 'attest' | 'not-applicable';
  /** What not-met does to somebody not yet enrolled (exclusions: nothing). */
  whenNotMet: 'ineligible' | 'screening' | 'nothing';
  /** Verdicts are masked in lists and notices. */
  sensitive: boolean;
  rules: readonly Rule[];
  needs: readonly Need[];
}

/** A set of resources named once and used by rules. */
export interface NamedSet {
  name: string;
  expression: CompiledExpression;
}

/** One way to a stratum; the first that applies grades. */
export interface StratumRule {
  stratum: string;
  basis: string;
  expression: CompiledExpression;
}

export interface GroupRule {
  group: string;
  /** Never assigned beside another group (the protocol's Normal group). */
  onlyAlone: boolean;
  expression: CompiledExpression;
  strata: readonly StratumRule[];
  /** Said when the group has strata and none applies. */
  stratumMissing: Words | null;
}

export interface FlagRule {
  flag: string;
  words: Words;
  /** The enrolling investigator must answer it. */
  asks: boolean;
  expression: CompiledExpression;
}

/** A version of the informed consent form. */
export interface ConsentForm {
  version: string;
  url: string;
  obliges: 'none' | 'before-collection' | 'all';
  purposes: readonly string[];
  coversEarlierData: boolean;
  /** Site id, or `*`, → first day in force. */
  inForceFrom: Readonly<Record<string, Day>>;
}

/** How the values of one histology scale read as fibrosis stages 0–4. */
export interface Scale {
  valueSet: string;
  letters: readonly string[];
  stages: readonly number[];
}

/** From which value on a quantitative test counts as positive. */
export interface Detection {
  valueSet: string;
  unit: string | null;
  bound: number;
  inclusive: boolean;
}

/** The unit of a number sent without one, where the code itself names it (a percentage). */
export interface AssumedUnit {
  valueSet: string;
  unit: string;
}

export type ParameterValue = string | number | boolean;

/** A reading that waits for the principal investigator's yes. */
export interface OpenQuestion {
  parameter: string;
  answer: ParameterValue;
  words: Words;
}

/** A study, compiled: everything screening needs and nothing of its files. */
export interface Study {
  id: string;
  /** `nct07265544@` and the first 12 hex digits of the hash over all its files. */
  version: string;
  title: string;
  /** Canonical base under which this study's consent forms lie. */
  consentBase: string;
  enrolment: { first: Day; last: Day };
  timezone: string;
  arms: readonly string[];
  criteria: readonly Criterion[];
  sets: readonly NamedSet[];
  groups: readonly GroupRule[];
  flags: readonly FlagRule[];
  forms: readonly ConsentForm[];
  scales: readonly Scale[];
  detections: readonly Detection[];
  assumedUnits: readonly AssumedUnit[];
  /** ValueSets of coded results. */
  results: { positive: string; negative: string; indeterminate: string };
  /** Purposes a consent may permit: their code system, codes, and which of them is the use of data. */
  purposes: { system: string; codes: readonly string[]; ofData: string };
  parameters: Readonly<Record<string, ParameterValue>>;
  openQuestions: readonly OpenQuestion[];
  /** ValueSets named by any expression: what the record keeps by. */
  usedValueSets: ReadonlySet<string>;
  usedConcepts: ReadonlySet<string>;
  /** ValueSets of what the research record asks for beside the criteria. */
  researchValueSets: ReadonlySet<string>;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; faults: StudyFault[] };
