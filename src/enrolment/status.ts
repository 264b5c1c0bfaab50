import type { Assessment } from '../screening/assessment.ts';
import { publicReason } from '../screening/masked.ts';
import { type Decision, inOrder } from '../study/decision.ts';

/** R4 research-subject-status codes that the rules may give (HL7 FHIR R4, ResearchSubject). */
export type SubjectStatus =
  | 'off-study'
  | 'pending-on-study'
  | 'on-study'
  | 'follow-up'
  | 'withdrawn'
  | 'not-registered'
  | 'ineligible'
  | 'eligible'
  | 'screening'
  | 'potential-candidate';

/** Why somebody is only counted. */
export type CountedAs = 'no-disease-evidence' | 'root-only' | 'outside-period' | 'no-liver-procedure-or-consent';

export type Standing =
  | { subject: true; status: SubjectStatus; reason: string | null }
  | { subject: false; counted: CountedAs };

/** What of a decision the status depends on. */
export type Act = Pick<Decision, 'kind' | 'at' | 'reason'>;

/** What the status depends on, and nothing else: it has no memory of earlier statuses and no order of arrival. */
export interface Situation {
  assessment: Assessment;
  decisions: readonly Act[];
  /** Enrolment waits for a second signature (a parameter of the study). */
  countersignature?: boolean;
  /** `status` of the site: `active` or another word for closed. */
  siteStatus: string;
  /** The person has a subject from before, whose evidence has since vanished altogether. */
  hadSubject: boolean;
}

/** Gives somebody's standing; the first rule that holds decides (study protocol reading, "ResearchSubject status"). */
export function standingOf(situation: Situation): Standing {
  const { assessment, decisions } = situation;
  const counted = countedAs(assessment, decisions);
  const enrolment = enrolmentOf(decisions);
  if (counted && !enrolment) {
    if (!situation.hadSubject) return { subject: false, counted };
    // A request that was moved or voided takes no diagnosis back: somebody known stays in sight, with the reason.
    return assessment.facts.diseaseEvidence
      ? subject('potential-candidate', counted)
      : subject('ineligible', 'evidence-retracted');
  }
  if (enrolment) return enrolled(assessment, enrolment, situation.countersignature === true);
  return beforeEnrolment(situation);
}

/** Null for a subject: disease evidence of any state, and a request, procedure, Consent or nomination. */
function countedAs({ facts }: Assessment, decisions: readonly Act[]): CountedAs | null {
  if (!facts.diseaseEvidence) return facts.rootOnly ? 'root-only' : 'no-disease-evidence';
  if (facts.studyRequests || facts.consents || decisions.some(({ kind }) => kind === 'nominate')) return null;
  return facts.requestsOutside ? 'outside-period' : 'no-liver-procedure-or-consent';
}

/** The last enrolment and what people decided after it. */
function enrolmentOf(decisions: readonly Act[]): { after: readonly Act[] } | null {
  const ordered = inOrder(decisions);
  const at = ordered.findLastIndex(({ kind }) => kind === 'enrol');
  return at < 0 ? null : { after: ordered.slice(at + 1) };
}

/** Rules 1 and 2: enrolment stays, whatever arrives later. */
function enrolled(assessment: Assessment, { after }: { after: readonly Act[] }, countersignature: boolean): Standing {
  const ended = after.find(({ kind }) => ENDING.has(kind));
  if (means(assessment, 'withdrawn') || ended?.kind === 'withdraw') return subject('off-study', 'consent-withdrawn');
  if (assessment.facts.deceased) return subject('off-study', 'deceased');
  if (ended) return subject('off-study', endReason(ended));
  if (countersignature && !after.some(({ kind }) => kind === 'countersign')) return subject('pending-on-study', null);
  return subject(after.some(({ kind }) => kind === 'collection-done') ? 'follow-up' : 'on-study', null);
}

const ENDING: ReadonlySet<string> = new Set(['withdraw', 'complete', 'off-study', 'enrolled-in-error']);

function endReason({ kind, reason }: Act): string {
  if (kind === 'complete') return 'completed';
  if (kind === 'enrolled-in-error') return 'enrolled-in-error';
  return reason ?? 'ended-by-investigator';
}

/** Rules 3 to 8. */
function beforeEnrolment({ assessment, decisions, siteStatus }: Situation): Standing {
  const { facts, verdicts } = assessment;
  if (means(assessment, 'withdrawn') || standsSince(decisions, ['withdraw'], facts.consentAt)) {
    return subject('withdrawn', 'consent-withdrawn');
  }
  if (isDeclined(assessment, decisions)) return subject('not-registered', 'declined');
  if (facts.deceased) return subject('not-registered', 'deceased');
  if (means(assessment, 'missed-window')) return subject('not-registered', 'missed-window');
  if (siteStatus !== 'active') return subject('not-registered', 'site-closed');
  const excluded = verdicts.find((one) => one.exclude && one.verdict === 'met');
  if (excluded) return subject('ineligible', publicReason(excluded));
  const failed = verdicts.find((one) => !one.exclude && one.verdict === 'not-met' && one.whenNotMet === 'ineligible');
  if (failed) return subject('ineligible', failed.reason);
  const open = verdicts.find((one) => one.holds || (one.verdict === 'not-met' && one.whenNotMet === 'screening'));
  if (!open) return subject('eligible', null);
  if (facts.openRequests || facts.proceduresAfterConsent || facts.undecidedProcedure)
    return subject('screening', publicReason(open));
  return subject('potential-candidate', means(assessment, 'no-open-request') ?? 'no-open-request');
}

/** Whether the last such decision stands: a Consent given after it speaks anew. */
function standsSince(decisions: readonly Act[], kinds: readonly string[], consentAt: number | null): Act | null {
  const last = inOrder(decisions).findLast(({ kind }) => kinds.includes(kind));
  return last && (consentAt === null || consentAt <= Date.parse(last.at)) ? last : null;
}

/** A refusal is reopened by a newer Consent or by a person; whoever spoke last decides. */
function isDeclined(assessment: Assessment, decisions: readonly Act[]): boolean {
  const word = standsSince(decisions, ['decline', 'reopen'], assessment.facts.consentAt);
  return word ? word.kind === 'decline' : means(assessment, 'declined') !== null;
}

function means({ facts }: Assessment, what: Assessment['facts']['meanings'][number]['means']): string | null {
  return facts.meanings.find((one) => one.means === what)?.reason ?? null;
}

function subject(status: SubjectStatus, reason: string | null): Standing {
  return { subject: true, status, reason };
}
