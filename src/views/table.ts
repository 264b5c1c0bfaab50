import Table from 'cli-table3';
import type { Summary } from './summary.ts';

const PLAIN = { head: [], border: [], compact: true };
const TOP = 8;

/** The summary as a person reads it on a terminal. */
export function summaryTables(summary: Summary): string {
  const { read, accepted, ignored, quarantined } = summary.resources;
  const lines = [
    `${summary.study} (${summary.studyVersion}) as of ${summary.asOf}`,
    `resources: ${read} read = ${accepted} accepted + ${ignored} ignored + ${quarantined} quarantined`,
    section(
      `People (${summary.people})`,
      ['where they stand', 'people'],
      summary.funnel.filter(({ people }) => people > 0).map(({ bin, people }) => [bin, people]),
    ),
    section(
      'Groups and strata (all subjects, and those eligible)',
      ['group', 'stratum', 'subjects', 'eligible'],
      summary.groups.map(({ group, stratum, people, eligible }) => [group, stratum ?? '–', people, eligible]),
    ),
    section(
      'Most frequent open items',
      ['criterion', '待办', 'to do', 'standing', 'people'],
      summary.missing
        .slice(0, TOP)
        .map(({ criterion, zh, en, standing, people }) => [criterion, zh, en, standing, people]),
    ),
    section(
      'Flags',
      ['flag', 'people'],
      summary.flags.map(({ flag, people }) => [flag, people]),
    ),
    section('Set aside (quarantine.ndjson)', ['reason', 'resources'], Object.entries(summary.quarantined)),
    section(
      'Draws, specimens, adverse events: to do (study-gateway due)',
      ['to do', 'open'],
      Object.entries(summary.care.toDo),
    ),
    careLine(summary),
    researchLine(summary),
    `local codes no map knows: ${summary.unmapped.codes} codes in ${summary.unmapped.resources} resources (unmapped-codes.csv)`,
  ];
  if (summary.unresolvedReferences > 0)
    lines.push(`identifiers that lead to no patient, or to several: ${summary.unresolvedReferences}`);
  const { people, subjects } = summary.passedOver;
  if (people > 0)
    lines.push(`people of whom data was passed over unchecked, nothing of the study being known: ${people}`);
  if (subjects > 0)
    lines.push(
      `SUBJECTS of whom earlier data was passed over: ${subjects}. Screen the earlier export again, then it counts.`,
    );
  return `${lines.filter(Boolean).join('\n')}\n`;
}

function section(title: string, head: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return '';
  const table = new Table({ head, style: PLAIN });
  table.push(...rows);
  return `\n${title}\n${table.toString()}`;
}

function careLine({ care }: Summary): string {
  const { specimens, quarantined, deviations, events, serious } = care;
  if (specimens + events === 0) return '';
  const deviating = Object.entries(deviations).map(([code, count]) => `${code} ${count}`);
  const said = deviating.length > 0 ? ` (deviations: ${deviating.join(', ')})` : '';
  return `\nspecimens: ${specimens}, ${quarantined} quarantined${said}; adverse events: ${events}, ${serious} serious`;
}

function researchLine({ research }: Summary): string {
  if (research.people === 0) return '';
  const total = Object.values(research.resources).reduce((sum, count) => sum + count, 0);
  const numbers = Object.entries(research.participants).map(([group, count]) => `${group} ${count}`);
  const enrolled = numbers.length > 0 ? `; participant numbers given: ${numbers.join(', ')}` : '';
  return `\nresearch records: ${total} resources of ${research.people} consenting people, ${research.held} held back${enrolled}`;
}
