import type { Missing, Verdict } from './assessment.ts';

/** Shown in lists and notices instead of what a sensitive criterion found (study protocol reading, "Verdicts"). */
export const MASKED_MET = 'exclusion-criterion';
export const MASKED_REVIEW = 'exclusion-criterion-review';

const REVIEW: Missing = {
  what: MASKED_REVIEW,
  standing: 'undecided',
  zh: '排除标准待审核（详情见explain）',
  en: 'An exclusion criterion needs review (details in explain)',
};

/** The reason of a verdict as lists may show it. */
export function publicReason(verdict: Verdict): string | null {
  if (!verdict.sensitive) return verdict.reason;
  if (verdict.verdict === 'met' || verdict.verdict === 'conflict') return MASKED_MET;
  return isReviewed(verdict) ? MASKED_REVIEW : verdict.reason;
}

/** The evidence of a verdict as lists may show it. */
export function publicEvidence(verdict: Verdict): string[] {
  return verdict.sensitive && verdict.verdict !== 'not-met' ? [] : verdict.evidence;
}

/** What is missing as lists may show it: that a test is due may be told, what another one found may not. */
export function publicMissing(verdict: Verdict): Missing[] | null {
  if (!verdict.sensitive || !verdict.missing || !isReviewed(verdict)) return verdict.missing;
  const found = new Set(verdict.findings.map((finding) => finding.reason));
  return [REVIEW, ...verdict.missing.filter(({ what }) => !found.has(what) && !what.startsWith('undecided-'))];
}

function isReviewed(verdict: Verdict): boolean {
  return (
    verdict.findings.some((finding) => finding.says !== 'not-met') ||
    (verdict.missing ?? []).some(({ what }) => what.startsWith('undecided-'))
  );
}
