import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { StudyFault } from '../../study/fault.ts';
import type { Checked } from '../../study/model.ts';
import { readSources, type SourceFile } from '../../study/source.ts';
import type { MapLanguage } from '../map/language.ts';
import { loadMaps, type Maps } from '../map/load.ts';
import { parseMap } from '../map/parse.ts';
import type { MapSyntax } from '../map/syntax.ts';
import { PSEUDONYM_KINDS } from './kinds.ts';
import { compileTerms, type Terms } from './terms.ts';
import { READINGS } from './translation.ts';
import { type MapText, mapVersion } from './version.ts';

/** The map for one type of resource. */
export interface TypeMap {
  url: string;
  /** `Name@` and 12 hexadecimal digits. */
  version: string;
}

/** Maps with the terminology they ask, found to be right. */
export interface Mappings {
  maps: Maps;
  terms: Terms;
  /** By the type of the source. */
  byType: ReadonlyMap<string, TypeMap>;
}

/** What `mappings/` holds for tables is no part of a map, nor of its version. */
const OF_TABLES = /^(views|tables)\//;
/** As the extension map-version allows it. */
const NAME = /^[A-Z][A-Za-z]{2,40}$/;

/**
 * Loads the maps (`mappings/*.map`, FML), the ConceptMaps and ValueSets beside them, and the ValueSets of the profiles
 * (`profiles/`). Of the folders given, a later one overrides maps, ConceptMaps and ValueSets of the earlier ones by
 * their url: so a study or a site changes a map without code. Every mistake comes back with file, line and place.
 * @param root the folder that holds `mappings/` and `profiles/`
 * @param overriding folders of a study and then of a site; those without `mappings/` or `profiles/` change nothing
 */
export async function loadMappings(root: string, ...overriding: string[]): Promise<Checked<Mappings>> {
  const faults: StudyFault[] = [];
  let texts: (MapText & { syntax: MapSyntax })[] = [];
  const sources: SourceFile[][] = [];
  for (const folder of [root, ...overriding]) {
    const label = folder === root ? '' : basename(folder);
    const here = await readMaps(folder, label, faults);
    const urls = new Set(here.map(({ syntax }) => syntax.url));
    texts = [...texts.filter(({ syntax }) => !urls.has(syntax.url)), ...here];
    sources.push([
      ...(await readTerms(join(folder, 'mappings'), join(label, 'mappings'), faults)),
      ...(await readTerms(join(folder, 'profiles'), join(label, 'profiles'), faults)),
    ]);
  }
  if (texts.length === 0) faults.push({ file: 'mappings', line: null, path: '', message: 'There is no map.' });
  const terms = compileTerms(sources, faults);
  if (faults.length > 0) return { ok: false, faults };
  const maps = loadMaps(texts, languageOf(terms));
  if (!maps.ok) return maps;
  const byType = new Map<string, TypeMap>();
  for (const one of texts) {
    const { url, name, file } = one.syntax;
    const executable = maps.value.executable(url);
    if (!executable) continue;
    const fault = (message: string) => faults.push({ file, line: 1, path: '', message });
    if (!NAME.test(name)) fault('The name of a map is written in letters and begins with a capital.');
    if (byType.has(executable.sourceType)) {
      fault(`There are two maps of ${executable.sourceType}: override a map by its url.`);
    }
    byType.set(executable.sourceType, { url, version: mapVersion(one, texts, terms) });
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { maps: maps.value, terms, byType } };
}

function languageOf(terms: Terms): MapLanguage {
  return {
    pseudonyms: PSEUDONYM_KINDS,
    conceptMaps: terms.sets,
    valueSets: { has: (id) => terms.sets.has(id) || Object.hasOwn(READINGS, id) },
  };
}

async function readMaps(
  folder: string,
  label: string,
  faults: StudyFault[],
): Promise<(MapText & { syntax: MapSyntax })[]> {
  const top = join(folder, 'mappings');
  if (!(await isFolder(top))) return [];
  const names = (await readdir(top, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.map'))
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .sort();
  const found: (MapText & { syntax: MapSyntax })[] = [];
  for (const name of names) {
    const file = join(label, 'mappings', name);
    const text = await readFile(join(top, name), 'utf8');
    const syntax = parseMap(file, text);
    if ('groups' in syntax) found.push({ file, text, syntax });
    else faults.push(syntax);
  }
  return found;
}

async function readTerms(folder: string, label: string, faults: StudyFault[]): Promise<SourceFile[]> {
  if (!(await isFolder(folder))) return [];
  const read = await readSources(folder);
  const files = read.files.filter(({ file }) => !OF_TABLES.test(file));
  const wrong = read.faults.filter(({ file }) => !OF_TABLES.test(file));
  faults.push(...wrong.map((fault) => ({ ...fault, file: join(label, fault.file) })));
  return files.map((source) => ({ ...source, file: join(label, source.file) }));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
