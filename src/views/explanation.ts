import type { Standing } from '../enrolment/status.ts';
import type { r4 } from '../fhir/resource.ts';
import type { Care } from '../pipeline/care.ts';
import type { Duty } from '../pipeline/duties.ts';
import type { Person } from '../pipeline/person.ts';
import type { Assessment, Verdict } from '../screening/assessment.ts';
import type { MoveRow } from '../store/store.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import { careLines, demographicsLine } from './care-lines.ts';

export interface Explained {
  site: Site;
  person: Person;
  subject: string | null;
  assessment: Assessment;
  standing: Standing;
  moves: readonly MoveRow[];
  study: Study;
  care: Care;
  duties: readonly Duty[];
  /** The surviving Patient as the vault holds it; null before it was sent. */
  patient: r4.Patient | null;
  /** Resources that a scan passed over and that were not read since. */
  passedOver: number;
}

const COUNTED: Record<string, string> = {
  'no-disease-evidence': 'nothing in the record speaks of a disease of the study 无研究疾病证据',
  'root-only': 'only codes that name more than one disease 仅有笼统编码',
  'outside-period': 'the procedure is dated outside the enrolment period 手术不在入组期内',
  'no-liver-procedure-or-consent':
    'a disease, but no liver procedure, consent or nomination 有疾病但无肝脏手术、同意书或提名',
};

/** One person's screening so that a physician can follow it: what was found, where, and what is missing. */
export function explanation(explained: Explained): string {
  const { site, person, subject, assessment, standing, moves, study, care, duties, patient, passedOver } = explained;
  const { members, survivor, cyclic } = person.cluster;
  const kept = person.rows.filter((row) => !row.deleted).length;
  const lines = [
    `Patient/${survivor} at ${site.id} (${site.nameEn} ${site.name})`,
    ...(members.length > 1
      ? [
          `  merged records: ${members.map((id) => `Patient/${id}`).join(', ')}${cyclic ? ' – the links run in a circle' : ''}`,
        ]
      : []),
    ...demographicsLine(patient),
    `  ${kept} resources kept; ${study.version}`,
    ...(passedOver > 0
      ? [
          `  earlier data was passed over (${passedOver} resources): screen the earlier export again; until then what is not found may be among it 此前有数据未读取，请重新筛查此前导出的数据`,
        ]
      : []),
    '',
    standing.subject
      ? `Status: ${standing.status}${standing.reason ? ` (${standing.reason})` : ''}; ResearchSubject/${subject ?? '(not yet written)'}`
      : `Not a subject: ${standing.counted} – ${COUNTED[standing.counted]}`,
    `Group: ${assessment.group ?? 'none'}${assessment.groups.length > 1 ? ` (qualifying: ${assessment.groups.join(', ')})` : ''}; stratum: ${assessment.stratum ?? 'none'}${assessment.basis ? ` by ${assessment.basis}` : ''}`,
    ...(assessment.stratumMissing ? [`  ${assessment.stratumMissing.en} ${assessment.stratumMissing.zh}`] : []),
    `Look-backs end at ${assessment.anchor.day} (${ANCHORS[assessment.anchor.from]})`,
    ...(assessment.recheckOn ? [`May change by itself on ${assessment.recheckOn}`] : []),
    '',
    ...study.criteria.flatMap((criterion) => {
      const verdict = assessment.verdicts.find(({ id }) => id === criterion.id)!;
      return criterionLines(verdict, `${criterion.words.en} ${criterion.words.zh}`);
    }),
    ...(assessment.flags.length > 0 ? [''] : []),
    ...assessment.flags.map(
      ({ flag, words, evidence }) => `Flag ${flag}: ${words.en} ${words.zh} [${evidence.join(', ')}]`,
    ),
    ...careLines(care, duties),
    ...(moves.length > 0 ? ['', 'History:'] : []),
    ...moves.map(
      (move) =>
        `  ${move.at} ${move.from ?? 'new'} → ${move.to}${move.reason ? ` (${move.reason})` : ''}, by ${move.cause}`,
    ),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const ANCHORS = { request: 'earliest open request', procedure: 'newest procedure', now: 'the clock' };

function criterionLines(verdict: Verdict, words: string): string[] {
  return [
    `${verdict.id} ${words}`,
    `   ${verdict.verdict.toUpperCase()}${verdict.reason ? `: ${verdict.reason}` : ''}${verdict.holds ? ' – holds in screening' : ''}`,
    ...verdict.findings.map(
      ({ says, words: said, evidence }) => `   ${says}: ${said.en} ${said.zh} [${evidence.join(', ')}]`,
    ),
    ...(verdict.missing ?? [])
      .filter(({ what }) => !verdict.findings.some(({ reason }) => reason === what))
      .map(({ standing, en, zh }) => `   missing (${standing}): ${en} ${zh}`),
  ];
}
