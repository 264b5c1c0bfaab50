import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StudyFault } from '../study/fault.ts';
import type { Checked } from '../study/model.ts';
import { openParameters } from '../study/parameter-file.ts';
import { readSources, type SourceFile } from '../study/source.ts';
import { compileTableTerms, type TableTerms } from './terms.ts';
import { compileViews } from './view/load.ts';
import type { View } from './view/view.ts';

/** What a study says of itself in tables: Parameters `<study>-tables`. */
export interface TableSettings {
  /** STUDYID. */
  studyId: string;
  /** dataset_id of HCA. */
  datasetId: string;
  /** COUNTRY, ISO 3166 alpha-3. */
  country: string;
  /** sample_source of HCA. */
  sampleSource: string;
  /** IANA name of the zone in which days begin. */
  timezone: string;
}

/** Views, translations and settings, found to be right. */
export interface TableDefinitions {
  views: readonly View[];
  terms: TableTerms;
  settings: TableSettings;
}

/**
 * Loads ViewDefinitions (`mappings/views`), the ConceptMaps of tables (`mappings/tables`) and the study's settings.
 * The study's own folder is read after the project's: a view of the same name, or a ConceptMap of the same id, counts
 * instead. Every mistake comes back with file and line.
 * @param root the folder that holds the project's `mappings/`
 * @param folder the study's folder
 */
export async function loadTables(
  root: string,
  folder: string,
  study: { id: string; timezone: string },
): Promise<Checked<TableDefinitions>> {
  const faults: StudyFault[] = [];
  const sources = async (name: string) => [
    ...(await read(join(root, 'mappings', name), join('mappings', name), faults)),
    ...(await read(join(folder, 'mappings', name), join(basename(folder), 'mappings', name), faults)),
  ];
  const views = compileViews(await sources('views'), faults);
  const maps = (await sources('tables')).filter(({ value }) => typeOf(value) !== 'Parameters');
  const terms = compileTableTerms(maps, faults);
  const settings = await settingsOf(folder, study, faults);
  if (faults.length > 0 || !settings) return { ok: false, faults };
  return { ok: true, value: { views, terms, settings } };
}

async function settingsOf(
  folder: string,
  { id, timezone }: { id: string; timezone: string },
  faults: StudyFault[],
): Promise<TableSettings | null> {
  const opened = await openParameters(folder, `${id}-tables`);
  if (!opened.ok) {
    faults.push(...opened.faults);
    return null;
  }
  const file = opened.value;
  if (!file) {
    const message = `The Parameters "${id}-tables" are missing: what the study is called in tables.`;
    faults.push({ file: 'mappings/tables', line: null, path: '', message });
    return null;
  }
  const settings = {
    studyId: file.text('studyId'),
    datasetId: file.text('datasetId'),
    country: file.text('country'),
    sampleSource: file.choice('sampleSource', ['surgical donor', 'postmortem donor', 'living organ donor']),
    timezone,
  };
  const finished = file.finish();
  if (!finished.ok) faults.push(...finished.faults);
  return settings;
}

async function read(folder: string, label: string, faults: StudyFault[]): Promise<SourceFile[]> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) return [];
  const { files, faults: found } = await readSources(folder);
  faults.push(...found.map((fault) => ({ ...fault, file: join(label, fault.file) })));
  return files.map((source) => ({ ...source, file: join(label, source.file) }));
}

function typeOf(value: unknown): string | undefined {
  return (value as { resourceType?: string } | null)?.resourceType;
}
