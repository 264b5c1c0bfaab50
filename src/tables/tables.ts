import { datasetFiles } from './cdisc/files.ts';
import { readCohort } from './cohort.ts';
import { csv } from './csv.ts';
import type { TableFile, TablesInput } from './input.ts';
import { sheetFiles } from './sheets/files.ts';
import { viewResources } from './view/resources.ts';
import { runView, type ViewRow, type ViewValue } from './view/run.ts';
import type { View } from './view/view.ts';

/**
 * Makes tables of research resources: of each format asked for, its files in a fixed order. A function of its input
 * alone, whatever the order of resources and facts.
 * @throws ViewRefused when a view has no cell for what it met
 */
export async function* tableFiles(input: TablesInput): AsyncIterable<TableFile> {
  const cohort = await readCohort(input);
  const { formats, definitions } = input;
  if (formats.includes('csv') || formats.includes('ndjson')) {
    const resources = viewResources(cohort, input.verdicts);
    for (const view of definitions.views) {
      const rows = runView(view, resources);
      const about = { rows: rows.length, gaps: [] };
      if (formats.includes('csv')) yield { name: `${view.name}.csv`, content: csvOf(view, rows), ...about };
      if (formats.includes('ndjson')) yield { name: `${view.name}.ndjson`, content: ndjsonOf(rows), ...about };
    }
  }
  if (formats.includes('dataset-json')) yield* datasetFiles(cohort, input);
  if (formats.includes('hca')) yield* sheetFiles(cohort, definitions);
}

function csvOf({ columns }: View, rows: readonly ViewRow[]): string {
  const names = columns.map(({ name }) => name);
  return csv(
    names,
    rows.map((row) => names.map((name) => plain(row[name]!))),
  );
}

/** Several values stand in one cell with semicolons. */
function plain(value: ViewValue): string | number | null {
  if (Array.isArray(value)) return value.join(';');
  return typeof value === 'boolean' ? String(value) : value;
}

function ndjsonOf(rows: readonly ViewRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
