import type { r4 } from '../../fhir/resource.ts';
import type { StudyFault } from '../../study/fault.ts';
import { pathSteps } from '../../study/path.ts';
import { located, type SourceFile } from '../../study/source.ts';
import { type ConceptTranslator, compileConceptMaps } from '../../terminology/concept-map.ts';
import { type CodeSet, codeSetOf } from '../conformance/code-set.ts';

/** A ValueSet that maps translate into or ask about. */
export interface TermSet {
  /** The systems it names, in the order of its file. */
  systems: readonly string[];
  codes: CodeSet;
}

/** ValueSets by id and ConceptMaps, of the profiles and of the mappings. */
export interface Terms {
  sets: ReadonlyMap<string, TermSet>;
  /** All ConceptMaps together; what of their targets counts is decided by the ValueSet that is asked for. */
  conceptMaps: ConceptTranslator;
  /** The ConceptMaps as parsed, in the order of their urls: part of what decides the version of a map. */
  conceptMapSources: readonly unknown[];
  /** The ValueSets as parsed, by id. */
  setSources: ReadonlyMap<string, unknown>;
}

const NO_SYSTEMS: ReadonlyMap<string, string> = new Map();

/** Compiles ValueSets and ConceptMaps; of definitions with one url the one of the later folder counts. */
export function compileTerms(folders: readonly (readonly SourceFile[])[], faults: StudyFault[]): Terms {
  const sets = new Map<string, TermSet>();
  const setSources = new Map<string, unknown>();
  for (const source of byUrl(folders, 'ValueSet', faults)) {
    const set = source.value as r4.ValueSet;
    const codes = codeSetOf(set, (path, message) =>
      faults.push({ file: source.file, line: source.lineOf(pathSteps(path)), path, message }),
    );
    const id = set.id ?? '';
    if (id === '' || sets.has(id)) faults.push(faultOf(source, 'id', 'A ValueSet needs an id that no other has.'));
    sets.set(id, { systems: [...new Set((set.compose?.include ?? []).map(({ system }) => system ?? ''))], codes });
    setSources.set(id, set);
  }
  const maps = byUrl(folders, 'ConceptMap', faults).sort((a, b) => (urlOf(a) < urlOf(b) ? -1 : 1));
  const compiled = compileConceptMaps(
    maps.map(({ file, value }) => ({ source: file, content: value })),
    NO_SYSTEMS,
  );
  if (!compiled.ok) faults.push(...compiled.faults.map((fault) => located(fault, maps)));
  const conceptMaps = compiled.ok ? compiled.value : EMPTY;
  return { sets, setSources, conceptMaps, conceptMapSources: maps.map(({ value }) => value) };
}

const EMPTY: ConceptTranslator = { translate: () => ({ known: false, targets: [] }), codesOf: () => new Set() };

function byUrl(folders: readonly (readonly SourceFile[])[], type: string, faults: StudyFault[]): SourceFile[] {
  const found = new Map<string, SourceFile>();
  for (const files of folders) {
    const here = new Set<string>();
    for (const source of files) {
      if ((source.value as { resourceType?: string } | null)?.resourceType !== type) continue;
      const url = urlOf(source);
      if (url === '') faults.push(faultOf(source, 'url', 'The url is missing: by it a study or site can override.'));
      else if (here.has(url)) faults.push(faultOf(source, 'url', 'Another file of the folder has this url.'));
      here.add(url);
      found.set(url, source);
    }
  }
  return [...found.values()];
}

function urlOf({ value }: SourceFile): string {
  return (value as { url?: string }).url ?? '';
}

function faultOf(source: SourceFile, path: string, message: string): StudyFault {
  return { file: source.file, line: source.lineOf([path]), path, message };
}
