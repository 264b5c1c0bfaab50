import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refused } from '../fhir/refusal.ts';
import type { SubjectRow, UnmappedCount } from '../store/store.ts';
import { csv, csvLine } from '../tables/csv.ts';
import { LOG_COLUMNS, type SubjectReport } from './report.ts';
import type { Summary } from './summary.ts';

/** Everything a screening leaves behind for people and scripts. */
export interface Report {
  summary: Summary;
  people: SubjectReport;
  /** The ResearchSubjects, by id. */
  subjects: AsyncIterable<SubjectRow> | Iterable<SubjectRow>;
  quarantine: Iterable<Refused>;
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
  const { summary, people, subjects, quarantine, unmapped } = report;
  await writeOwnerOnly(join(folder, 'worklist.ndjson'), people.worklist());
  await writeOwnerOnly(join(folder, 'quarantine.ndjson'), quarantineLines(quarantine));
  await writeOwnerOnly(join(folder, 'unmapped-codes.csv'), unmappedCsv(unmapped));
  await writeOwnerOnly(join(folder, 'screening-log.csv'), logOf(people));
  await writeOwnerOnly(join(folder, 'subjects.ndjson'), bodies(subjects));
  await writeOwnerOnly(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
}

type Pieces = string | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** The mode holds from the first byte on; an older file of another mode is corrected before it is written. */
export async function writeOwnerOnly(file: string, content: Pieces): Promise<void> {
  await chmod(file, 0o600).catch(() => {});
  await writeFile(file, content, { mode: 0o600 });
}

function* quarantineLines(refused: Iterable<Refused>): Generator<string> {
  for (const { place, reason, expression, message } of refused)
    yield `${JSON.stringify({ ...place, reason, expression, message })}\n`;
}

async function* bodies(subjects: Report['subjects']): AsyncGenerator<string> {
  for await (const { body } of subjects) yield `${body}\n`;
}

function* logOf(people: SubjectReport): Generator<string | Uint8Array> {
  yield csvLine(LOG_COLUMNS);
  yield* people.log();
}

function unmappedCsv(rows: readonly UnmappedCount[]): string {
  const columns = ['site', 'type', 'system', 'code', 'text', 'resources', 'people', 'also_coded'];
  return csv(
    columns,
    rows.map((row) => [row.site, row.type, row.system, row.code, row.text, row.resources, row.people, row.alsoCoded]),
  );
}
