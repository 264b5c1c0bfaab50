/** Roles of the study team at a site (ICH E6). */
export const ROLES = ['investigator', 'coordinator', 'data-manager'] as const;
export type Role = (typeof ROLES)[number];

export const DECISION_KINDS = [
  'nominate',
  'suitable',
  'unsuitable',
  'confirm',
  'reject',
  'settle',
  'enrol',
  'countersign',
  'collection-done',
  'complete',
  'off-study',
  'withdraw',
  'decline',
  'reopen',
  'accept-deviation',
  'enrolled-in-error',
  'sae-aware',
  'sae-report',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** Why somebody enrolled leaves before the end; a code, since it goes to the study side. */
export const OFF_STUDY_REASONS = [
  'lost-to-follow-up',
  'physician-decision',
  'adverse-event',
  'protocol-deviation',
  'sponsor-decision',
  'other',
] as const;

/**
 * A person's signed act, part of what the state is computed from; append-only, superseded but never undone.
 * The signature says who, in which role, when, and with which meaning (21 CFR 11.50; ICH E6).
 */
export interface Decision {
  id: string;
  kind: DecisionKind;
  /** ISO 8601 instant, UTC. */
  at: string;
  by: { id: string; role: Role };
  meaning: string;
  reason: string | null;
  /** What it is about: a criterion id, or a resource as `Type/id/_history/version`. */
  about: string | null;
  /** What was answered: a verdict, a concept (ValueSet id), a date. */
  answer: string | null;
  /** Criteria and flags attested when enrolling. */
  attests: readonly string[];
  /** versionId of the ResearchSubject its maker saw; null before there was one. */
  seen: number | null;
  /** Of a settlement: the mark of the findings it settles. New findings open the criterion again. */
  basis: string | null;
}

/** Decisions in the order in which they were made; those of one instant stay as they were given. */
export function inOrder<D extends Pick<Decision, 'at'>>(decisions: readonly D[]): D[] {
  return [...decisions].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The last decision of some kinds, about something if that is given. */
export function latest(
  decisions: readonly Decision[],
  kinds: readonly DecisionKind[],
  about?: string,
): Decision | null {
  return (
    inOrder(decisions).findLast((one) => kinds.includes(one.kind) && (about === undefined || one.about === about)) ??
    null
  );
}
