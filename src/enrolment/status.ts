import type { Assessment } from '../screening/assessment.ts';
import { publicReason } from '../screening/masked.ts';
import type { Decision } from './decision.ts';

/** R4 research-subject-status codes that the rules may give (HL7 FHIR R4, ResearchSubject). */
export type SubjectStatus =
  | 'off-study'
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

/** What the status depends on, and nothing else: it has no memory of earlier statuses and no order of arrival. */
export interface Situation {
  assessment: Assessment;
  decisions: readonly Decision[];
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
    return situation.hadSubject ? subject('ineligible', 'evidence-retracted') : { subject: false, counted };
  }
  if (enrolment) return enrolled(assessment, enrolment);
  return beforeEnrolment(situation);
}

/** Null for a subject: disease evidence of any state, and a request, procedure, Consent or nomination. */
function countedAs({ facts }: Assessment, decisions: readonly Decision[]): CountedAs | null {
  if (!facts.diseaseEvidence) return facts.rootOnly ? 'root-only' : 'no-disease-evidence';
  if (facts.studyRequests || facts.consents || decisions.some(({ kind }) => kind === 'nominate')) return null;
  return facts.requestsOutside ? 'outside-period' : 'no-liver-procedure-or-consent';
}

/** The last enrolment and what people decided after it. */
function enrolmentOf(decisions: readonly Decision[]): { after: readonly Decision[] } | null {
  const ordered = inOrder(decisions);
  const at = ordered.findLastIndex(({ kind }) => kind === 'enrol');
  return at < 0 ? null : { after: ordered.slice(at + 1) };
}

/** Rules 1 and 2: enrolment stays, whatever arrives later. */
function enrolled(assessment: Assessment, { after }: { after: readonly Decision[] }): Standing {
  const ended = after.find(({ kind }) => kind === 'withdraw' || kind === 'complete' || kind === 'off-study');
  if (means(assessment, 'withdrawn') || ended?.kind === 'withdraw') return subject('off-study', 'consent-withdrawn');
  if (assessment.facts.deceased) return subject('off-study', 'deceased');
  if (ended)
    return subject('off-study', ended.kind === 'complete' ? 'completed' : (ended.reason ?? 'ended-by-investigator'));
  return subject(after.some(({ kind }) => kind === 'collection-done') ? 'follow-up' : 'on-study', null);
}

/** Rules 3 to 8. */
function beforeEnrolment({ assessment, decisions, siteStatus }: Situation): Standing {
  const { facts, verdicts } = assessment;
  const last = inOrder(decisions).findLast(
    ({ kind }) => kind === 'withdraw' || kind === 'decline' || kind === 'reopen',
  );
  if (means(assessment, 'withdrawn') || last?.kind === 'withdraw') return subject('withdrawn', 'consent-withdrawn');
  const declined = means(assessment, 'declined') ?? (last?.kind === 'decline' ? 'declined' : null);
  if (declined && last?.kind !== 'reopen') return subject('not-registered', 'declined');
  if (facts.deceased) return subject('not-registered', 'deceased');
  if (means(assessment, 'missed-window')) return subject('not-registered', 'missed-window');
  if (siteStatus !== 'active') return subject('not-registered', 'site-closed');
  const excluded = verdicts.find((one) => one.exclude && one.verdict === 'met');
  if (excluded) return subject('ineligible', publicReason(excluded));
  const failed = verdicts.find((one) => !one.exclude && one.verdict === 'not-met' && one.whenNotMet === 'ineligible');
  if (failed) return subject('ineligible', failed.reason);
  const open = verdicts.find((one) => one.holds || (one.verdict === 'not-met' && one.whenNotMet === 'screening'));
  if (!open) return subject('eligible', null);
  if (facts.openRequests || facts.proceduresAfterConsent) return subject('screening', publicReason(open));
  return subject('potential-candidate', means(assessment, 'no-open-request') ?? 'no-open-request');
}

function means({ facts }: Assessment, what: Assessment['facts']['meanings'][number]['means']): string | null {
  return facts.meanings.find((one) => one.means === what)?.reason ?? null;
}

function inOrder(decisions: readonly Decision[]): Decision[] {
  return [...decisions].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.kind < b.kind ? -1 : 1));
}

function subject(status: SubjectStatus, reason: string | null): Standing {
  return { subject: true, status, reason };
}
