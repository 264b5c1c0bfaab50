import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refused } from '../fhir/refusal.ts';
import type { SubjectRow, UnmappedCount } from '../store/store.ts';
import { csv } from '../tables/csv.ts';
import type { Summary } from './summary.ts';
import type { WorklistRow } from './worklist.ts';

/** Everything a screening leaves behind for people and scripts. */
export interface Report {
  summary: Summary;
  worklist: WorklistRow[];
  subjects: SubjectRow[];
  quarantine: Refused[];
  unmapped: UnmappedCount[];
}

/** Names of the files a report consists of. */
export const REPORT_FILES = [
  'worklist.ndjson',
  'subjects.ndjson',
  'summary.json',
  'quarantine.ndjson',
  'unmapped-codes.csv',
  'screening-log.csv',
] as const;

/** Writes all files of a report, empty ones too. Those that name hospital resources are readable by their owner only. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  const quarantine = report.quarantine.map(({ place, reason, expression, message }) => ({
    ...place,
    reason,
    expression,
    message,
  }));
  await writeOwnerOnly(join(folder, 'worklist.ndjson'), ndjson(report.worklist));
  await writeOwnerOnly(join(folder, 'quarantine.ndjson'), ndjson(quarantine));
  await writeOwnerOnly(join(folder, 'unmapped-codes.csv'), unmappedCsv(report.unmapped));
  await writeOwnerOnly(join(folder, 'screening-log.csv'), screeningLog(report));
  await writeOwnerOnly(join(folder, 'subjects.ndjson'), report.subjects.map((row) => `${row.body}\n`).join(''));
  await writeOwnerOnly(join(folder, 'summary.json'), `${JSON.stringify(report.summary, null, 2)}\n`);
}

/** The mode holds from the first byte on; an older file of another mode is corrected before it is written. */
export async function writeOwnerOnly(file: string, text: string): Promise<void> {
  await chmod(file, 0o600).catch(() => {});
  await writeFile(file, text, { mode: 0o600 });
}

function ndjson(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function unmappedCsv(rows: readonly UnmappedCount[]): string {
  const columns = ['site', 'type', 'system', 'code', 'text', 'resources', 'people', 'also_coded'];
  return csv(
    columns,
    rows.map((row) => [row.site, row.type, row.system, row.code, row.text, row.resources, row.people, row.alsoCoded]),
  );
}

/** The screening log (ICH E6): who was screened with which outcome, under pseudonyms. */
function screeningLog({ worklist, summary }: Report): string {
  // No day on which something turns by age: a birthday would stand beside a pseudonym.
  const columns = [
    'as_of',
    'site',
    'subject',
    'status',
    'reason',
    'group',
    'stratum',
    'flags',
    'open_items',
    'study_version',
  ];
  const rows = worklist.map((row) => [
    summary.asOf,
    row.site,
    row.subject,
    row.status,
    row.reason,
    row.group,
    row.stratum,
    row.flags.join(' '),
    [...new Set(row.criteria.flatMap(({ missing }) => (missing ?? []).map(({ what }) => what)))].join(' '),
    summary.studyVersion,
  ]);
  return csv(
    columns,
    rows.sort((a, b) => (String(a[2]) < String(b[2]) ? -1 : 1)),
  );
}
