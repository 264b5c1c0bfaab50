import type { FhirResource } from '../../src/fhir/resource.ts';
import type { FeedContext } from './context.ts';
import type { SiteId } from './sites.ts';

export type CriterionId = 'I1' | 'I2' | 'I3' | 'I4' | 'E1' | 'E2' | 'E3' | 'E4';
export type Verdict = 'met' | 'not-met' | 'unknown' | 'conflict' | 'not-applicable';
export type Group = 'Fibrosis' | 'HBV' | 'FattyLiver' | 'Normal';
export type Status =
  | 'off-study'
  | 'on-study'
  | 'withdrawn'
  | 'not-registered'
  | 'ineligible'
  | 'eligible'
  | 'screening'
  | 'potential-candidate';
export type Flag =
  | 'age-gap'
  | 'check-group'
  | 'group-disagreement'
  | 'guardian-unverified'
  | 'hbsag-disagrees'
  | 'malignancy'
  | 'merge-cycle'
  | 'provisional-group'
  | 're-consent'
  | 'stage-disagreement';
/** Why somebody is not a subject. */
export type Counted = 'no-disease-evidence' | 'root-only' | 'outside-period' | 'no-liver-procedure-or-consent';

/** What screening must say of a subject. A field left out is one on which the protocol page allows two readings. */
export interface Expected {
  status: Status;
  reason?: string | null;
  group?: Group | null;
  /** In the order of precedence; never Normal beside another. */
  groups?: readonly Group[];
  stratum?: string | null;
  /** The complete set of flags, in any order. */
  flags?: readonly Flag[];
  criteria?: Partial<Record<CriterionId, Verdict>>;
}

/** How a story's resources travel; `bulk` is NDJSON. */
export type Packaging = 'bulk' | 'transaction' | 'searchset' | 'history' | 'pretty';

export interface Story {
  name: string;
  site?: SiteId;
  packaging?: Packaging;
  /** Told again and again, with other names and days. */
  frequent?: boolean;
  /** The resources in the order of their delivery. */
  build(ctx: FeedContext): FhirResource[];
  /** `Type/id` of what a later history Bundle deletes. */
  deleted?(resources: readonly FhirResource[]): string[];
  /** Resources delivered once more at the very end. */
  redelivered?(resources: readonly FhirResource[]): FhirResource[];
  /** Suffix of the Patient id under which the person is known in the end (after a merge). */
  survivor?: string;
  /** Other Patient ids of the same person, as suffixes ('' is the plain id). */
  aliases?: readonly string[];
  /** null: not a subject. */
  expected: Expected | null;
  /** Only for those who are no subjects; left out where two readings are possible. */
  counted?: Counted;
}

/** The clock of all expectations. */
export const AS_OF = '2025-06-01';

type Arm = Pick<Expected, 'group' | 'groups' | 'stratum' | 'flags'>;

export const HBV: Arm = { group: 'HBV', groups: ['HBV'], stratum: null, flags: [] };
export const NORMAL: Arm = { group: 'Normal', groups: ['Normal'], stratum: 'young', flags: [] };
export const NO_GROUP: Arm = { group: null, groups: [], stratum: null, flags: [] };
export const fattyLiverArm = (stratum: string | null): Arm => ({
  group: 'FattyLiver',
  groups: ['FattyLiver'],
  stratum,
  flags: [],
});
export const fibrosisArm = (stratum: string | null): Arm => ({
  group: 'Fibrosis',
  groups: ['Fibrosis'],
  stratum,
  flags: [],
});
