import type { Assessment, Verdict } from '../screening/assessment.ts';
import { type Decision, type DecisionKind, OFF_STUDY_REASONS, type Role } from '../study/decision.ts';
import type { Standing } from './status.ts';

/** Why a decision is not accepted; the codes are stable. */
export type DecisionRefusal = {
  code: 'decision-stale' | 'decision-role' | 'decision-status' | 'decision-incomplete' | 'decision-about-nothing';
  message: string;
};

/** What a decision is weighed against: the person's state at that moment. */
export interface AtDecision {
  standing: Standing;
  assessment: Assessment;
  /** versionId of the ResearchSubject as it stands; null before there is one. */
  version: number | null;
  /** What the decision is about: whether the record has it, and how it deviates from the protocol. */
  about: { known: boolean; deviations: readonly string[] };
  /** The site is inside the study's enrolment period, which an enrolling investigator may override with a reason. */
  inEnrolmentPeriod: boolean;
}

const INVESTIGATOR: readonly Role[] = ['investigator'];
const TEAM: readonly Role[] = ['investigator', 'coordinator'];

/** Who may sign what (ICH E6: medical decisions are an investigator's). */
const WHO: Record<DecisionKind, readonly Role[]> = {
  nominate: TEAM,
  suitable: INVESTIGATOR,
  unsuitable: INVESTIGATOR,
  confirm: INVESTIGATOR,
  reject: INVESTIGATOR,
  settle: INVESTIGATOR,
  enrol: INVESTIGATOR,
  countersign: INVESTIGATOR,
  'collection-done': TEAM,
  complete: INVESTIGATOR,
  'off-study': INVESTIGATOR,
  withdraw: TEAM,
  decline: TEAM,
  reopen: TEAM,
  'accept-deviation': INVESTIGATOR,
  'enrolled-in-error': INVESTIGATOR,
  'sae-aware': TEAM,
  'sae-report': INVESTIGATOR,
};

const ENROLLED = new Set(['on-study', 'follow-up', 'pending-on-study']);

/**
 * Whether a decision may be made now: by this role, on the state its maker saw, from this status, with all it must say.
 * Decisions are superseded, never undone, so nothing else is ever refused for what was decided before.
 * @returns null when it is accepted
 */
export function refusalOf(decision: Decision, at: AtDecision): DecisionRefusal | null {
  if (!WHO[decision.kind].includes(decision.by.role)) {
    return refuse('decision-role', `${decision.kind} is for ${WHO[decision.kind].join(' or ')}.`);
  }
  if (decision.seen !== at.version) {
    return refuse(
      'decision-stale',
      'The subject has changed since: look at it again, then decide on the version you saw.',
    );
  }
  const status = at.standing.subject ? at.standing.status : null;
  switch (decision.kind) {
    case 'nominate':
      return status === null ? null : refuse('decision-status', 'The person is a subject already.');
    case 'enrol':
      return refusalToEnrol(decision, at, status);
    case 'countersign':
      return status === 'pending-on-study' ? null : refuse('decision-status', 'No countersignature is due.');
    case 'collection-done':
      return status === 'on-study' ? null : refuse('decision-status', 'Collection is done only for somebody on-study.');
    case 'complete':
    case 'off-study':
    case 'enrolled-in-error':
      if (!status || !ENROLLED.has(status))
        return refuse('decision-status', 'Only somebody enrolled can leave the study.');
      if (decision.kind === 'off-study' && !OFF_STUDY_REASONS.some((code) => code === decision.reason)) {
        return refuse('decision-incomplete', `The reason must be one of ${OFF_STUDY_REASONS.join(', ')}.`);
      }
      return decision.kind === 'complete' ? null : reasoned(decision);
    case 'withdraw':
      if (status === null || status === 'off-study' || status === 'withdrawn')
        return refuse('decision-status', 'There is no participation to withdraw from.');
      return null;
    case 'decline':
      return status !== null && !ENROLLED.has(status) && status !== 'off-study'
        ? null
        : refuse('decision-status', 'Somebody enrolled withdraws instead.');
    case 'reopen':
      return at.standing.subject && at.standing.reason === 'declined'
        ? reasoned(decision)
        : refuse('decision-status', 'Only a refusal can be reopened.');
    case 'settle':
      return refusalToSettle(decision, at);
    case 'confirm':
    case 'reject':
      if (!decision.about || !decision.answer)
        return refuse('decision-incomplete', 'Say which resource (Type/id/_history/version) and which concept.');
      return reasoned(decision);
    case 'suitable':
    case 'unsuitable':
      if (status === null) return refuse('decision-status', 'The person is no subject.');
      return decision.kind === 'unsuitable' ? reasoned(decision) : null;
    case 'accept-deviation':
      return refusalToAccept(decision, at);
    case 'sae-aware':
    case 'sae-report':
      if (!decision.about?.startsWith('AdverseEvent/') || !at.about.known)
        return refuse('decision-about-nothing', 'Say which AdverseEvent of the record it is about.');
      if (decision.kind === 'sae-report' && !REPORTS.includes(decision.answer ?? ''))
        return refuse('decision-incomplete', `The answer says which report: ${REPORTS.join(' or ')}.`);
      return null;
  }
}

/** The reports of a serious event (study protocol reading, "Adverse events"). */
const REPORTS: readonly string[] = ['initial', 'follow-up'];

/** A deviation is accepted as it is, with a reason; it stays marked. Without a code all of the specimen are. */
function refusalToAccept(decision: Decision, { about }: AtDecision): DecisionRefusal | null {
  if (!decision.about?.startsWith('Specimen/') || !about.known)
    return refuse('decision-about-nothing', 'Say which Specimen of the record it is about.');
  if (about.deviations.length === 0) return refuse('decision-status', 'The specimen does not deviate.');
  if (decision.answer !== null && !about.deviations.includes(decision.answer))
    return refuse('decision-incomplete', `The answer is one of its deviations: ${about.deviations.join(', ')}.`);
  return reasoned(decision);
}

/** Enrolment is possible only from eligible, with every attestation that is asked for (study protocol reading, rule 2). */
function refusalToEnrol(decision: Decision, at: AtDecision, status: string | null): DecisionRefusal | null {
  if (status !== 'eligible')
    return refuse('decision-status', `Enrolment is possible only from eligible; the status is ${status ?? 'none'}.`);
  if (!at.assessment.group)
    return refuse('decision-status', 'No group qualifies, so no participant number can be given.');
  const open = attestationsDue(at.assessment).filter((id) => !decision.attests.includes(id));
  if (open.length > 0) return refuse('decision-incomplete', `Still to attest or answer: ${open.join(', ')}.`);
  if (!at.inEnrolmentPeriod && !decision.reason)
    return refuse('decision-incomplete', 'It is outside the enrolment period: give the reason for an exception.');
  return null;
}

/** What an enrolling investigator must attest: criteria left open that do not hold, and flags that ask for an answer. */
export function attestationsDue({ verdicts, flags }: Assessment): string[] {
  const criteria = verdicts.filter((verdict) => verdict.verdict === 'unknown' && !verdict.holds).map(({ id }) => id);
  return [...criteria, ...flags.filter(({ asks }) => asks).map(({ flag }) => flag)];
}

function refusalToSettle(decision: Decision, { assessment }: AtDecision): DecisionRefusal | null {
  const verdict: Verdict | undefined = assessment.verdicts.find(({ id }) => id === decision.about);
  if (!verdict) return refuse('decision-about-nothing', `There is no criterion ${decision.about ?? ''}.`);
  const settles = verdict.verdict === 'conflict' || verdict.findings.some(({ says }) => says === 'review');
  if (!settles) return refuse('decision-status', `${verdict.id} has no conflict and no review item to settle.`);
  if (decision.answer !== 'met' && decision.answer !== 'not-met')
    return refuse('decision-incomplete', 'The answer is met or not-met.');
  return reasoned(decision);
}

function reasoned(decision: Decision): DecisionRefusal | null {
  return decision.reason ? null : refuse('decision-incomplete', 'A reason is required.');
}

function refuse(code: DecisionRefusal['code'], message: string): DecisionRefusal {
  return { code, message };
}
