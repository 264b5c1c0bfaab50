import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Decision } from '../study/decision.ts';
import type { Criterion, Need } from '../study/model.ts';
import type { Finding, Missing, Standing, Verdict, VerdictCode } from './assessment.ts';
import { settlementOf } from './decided.ts';
import { evidenceOf, resourcesIn } from './evidence.ts';
import type { Note } from './session.ts';
import type { Sets } from './sets.ts';

const NOTE_WORDS: Record<Note['why'], { zh: string; en: string }> = {
  date: { zh: '日期不全，无法判断先后', en: 'The date is not known well enough to decide' },
  value: {
    zh: '结果不确定或低于定量下限',
    en: 'The result is indeterminate, unreadable or below the limit of quantification',
  },
  unit: { zh: '缺少单位或单位无法换算', en: 'The unit is missing or does not convert' },
  grade: {
    zh: '分期写法不明（缺少方法或范围过宽）',
    en: 'The grade cannot be read (method missing or range too wide)',
  },
  age: { zh: '出生日期不全', en: 'The birth date is not known well enough' },
  form: { zh: '知情同意书版本不明', en: 'The version of the consent form is not known' },
};

/**
 * Judges one criterion: met with not-met is a conflict; review holds back not-met, never met; what could not be decided
 * does the same; nothing at all is unknown.
 */
export function judge(criterion: Criterion, sets: Sets): Verdict {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  for (const rule of criterion.rules) {
    const { says, reason, means, words } = rule;
    const selected = sets.select(rule.expression);
    const resources = resourcesIn(selected.items);
    if (resources.length > 0) findings.push({ says, reason, means, words, evidence: resources.map(evidenceOf) });
    else if (says !== 'not-met') notes.push(...selected.notes);
  }
  const settled = settlementOf(sets.decisions(), criterion.id, findings);
  if (settled) return settledVerdict(criterion, settled, findings);
  const said = (says: Finding['says']) => findings.filter((finding) => finding.says === says);
  const [met, not, review] = [said('met'), said('not-met'), said('review')];
  const verdict = verdictOf(criterion, met, not, review.length > 0 || notes.length > 0);
  const deciding = { met, 'not-met': not, conflict: [...met, ...not], unknown: review, 'not-applicable': [] }[verdict];
  const open = verdict === 'unknown' || verdict === 'conflict';
  // Not-met that only means screening is a to-do as well: a form out of force can be signed anew.
  const todo = verdict === 'not-met' && criterion.whenNotMet === 'screening';
  const items =
    open || todo
      ? whatIsMissing(criterion, sets, todo ? not.filter(({ means }) => means === null) : review, notes)
      : null;
  if (verdict === 'conflict') items?.unshift(CONFLICT);
  const missing = items && items.length > 0 ? items : null;
  const reason = deciding[0]?.reason ?? missing?.[0]?.what ?? null;
  return {
    id: criterion.id,
    exclude: criterion.exclude,
    sensitive: criterion.sensitive,
    verdict,
    reason: verdict === 'conflict' ? 'conflicting-evidence' : reason,
    evidence: [...new Set(deciding.flatMap((finding) => finding.evidence))],
    missing,
    findings,
    holds: open && (criterion.whenUnknown === 'hold' || verdict === 'conflict' || review.length > 0),
    whenNotMet: criterion.whenNotMet,
  };
}

/** An investigator's word on a conflict or a review item stands until something new is found. */
function settledVerdict(criterion: Criterion, settled: Decision, findings: Finding[]): Verdict {
  const { id, exclude, sensitive, whenNotMet } = criterion;
  const verdict = settled.answer === 'met' ? 'met' : 'not-met';
  const reason = 'settled-by-investigator';
  return {
    id,
    exclude,
    sensitive,
    verdict,
    reason,
    evidence: [`Task/${settled.id}`],
    missing: null,
    findings,
    holds: false,
    whenNotMet,
  };
}

function verdictOf(criterion: Criterion, met: Finding[], not: Finding[], heldBack: boolean): VerdictCode {
  if (met.length > 0) return not.length > 0 ? 'conflict' : 'met';
  // A person's refusal or a form out of force stands whatever else is unclear; only exclusions need a clear field.
  if (not.length > 0 && !(criterion.exclude && heldBack)) return 'not-met';
  return criterion.whenUnknown === 'not-applicable' ? 'not-applicable' : 'unknown';
}

/** Evidence both ways that nobody has settled. */
const CONFLICT: Missing = {
  what: 'conflicting-evidence',
  standing: 'undecided',
  zh: '证据互相矛盾，请研究者裁定',
  en: 'The evidence contradicts itself: the investigator settles it',
};

function whatIsMissing(criterion: Criterion, sets: Sets, review: Finding[], notes: Note[]): Missing[] {
  const missing: Missing[] = review.map((finding) => ({
    what: finding.reason,
    standing: 'undecided',
    ...finding.words,
  }));
  for (const need of criterion.needs) {
    if (resourcesIn(sets.select(need.satisfiedBy).items).length > 0) continue;
    missing.push({ what: need.id, standing: standingOf(need, sets), ...need.words });
  }
  for (const why of new Set(notes.map((note) => note.why))) {
    const about = [...new Set(notes.filter((note) => note.why === why).map((note) => note.resource))].filter(Boolean);
    const named = about.map(evidenceOf).join(', ');
    const words = NOTE_WORDS[why];
    missing.push({
      what: `undecided-${why}`,
      standing: 'undecided',
      zh: `${words.zh}（${named}）`,
      en: `${words.en} (${named})`,
    });
  }
  return missing;
}

/** Whether the tests that would settle a need are pending, ordered, stale, or not there at all. */
function standingOf(need: Need, sets: Sets): Standing {
  const concerns = (resource: FhirResource) => {
    const code = resource.code as r4.CodeableConcept | undefined;
    return code !== undefined && need.tests.some((set) => sets.isMember(code, set));
  };
  if (need.pending && resourcesIn(sets.select(need.pending).items).length > 0) return 'pending';
  if (sets.set('pending').some(concerns)) return 'pending';
  if (sets.set('orders').some((order) => ['active', 'on-hold'].includes(String(order.status)) && concerns(order)))
    return 'ordered';
  return sets.set('observations').some(concerns) ? 'stale' : 'absent';
}
