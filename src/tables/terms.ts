import type { r4 } from '../fhir/resource.ts';
import type { StudyFault } from '../study/fault.ts';
import { located, type SourceFile } from '../study/source.ts';
import { type ConceptTranslator, compileConceptMaps } from '../terminology/concept-map.ts';
import { isBelow } from '../terminology/hierarchy.ts';

/** Systems of what is no code system elsewhere: the ConceptMaps of tables translate from them. */
export const AGE_YEARS = 'https://study-gateway.example/cs/age-years';
export const GROUP = 'https://study-gateway.example/cs/group';
export const SITE = 'https://study-gateway.example/cs/site';
export const STATUS_REASON = 'https://study-gateway.example/cs/status-reason';
export const ONTOLOGY_TERM = 'https://study-gateway.example/cs/ontology-term';

/** The ConceptMaps that tables ask, by id. */
export const TABLE_MAPS = [
  'table-age-decade',
  'table-age-year',
  'table-collection-method',
  'table-disease',
  'table-disease-of-group',
  'table-disease-within',
  'table-disposition',
  'table-event-causality',
  'table-event-outcome',
  'table-event-severity',
  'table-institute',
  'table-preservation',
  'table-seriousness',
  'table-sex-cdisc',
  'table-sex-ontology',
  'table-site-condition',
  'table-site-name',
  'table-specimen-measure',
  'table-specimen-type-cdisc',
  'table-tissue',
] as const;
export type TableMap = (typeof TABLE_MAPS)[number];

/** Translations of the tables: all of them data. */
export interface TableTerms {
  /** The targets of a code; empty where the map says it has none; null where the map does not know it. */
  targets(map: TableMap, system: string, code: string): readonly string[] | null;
  /** The targets of all codings together, each once; null when the map knows none of them. */
  targetsOf(map: TableMap, codings: readonly r4.Coding[]): readonly string[] | null;
}

/** Compiles the ConceptMaps of tables; of two with one id the later counts. */
export function compileTableTerms(sources: readonly SourceFile[], faults: StudyFault[]): TableTerms {
  const maps = new Map<string, ConceptTranslator>();
  for (const source of sources) {
    const { id = '' } = (source.value ?? {}) as { id?: string };
    if (!TABLE_MAPS.some((one) => one === id)) {
      const message = `No table asks a ConceptMap "${id}": it is one of ${TABLE_MAPS.join(', ')}.`;
      faults.push({ file: source.file, line: source.lineOf(['id']), path: 'id', message });
      continue;
    }
    const compiled = compileConceptMaps([{ source: source.file, content: source.value }], new Map());
    if (compiled.ok) maps.set(id, compiled.value);
    else faults.push(...compiled.faults.map((fault) => located(fault, [source])));
  }
  for (const id of TABLE_MAPS) {
    if (maps.has(id) || faults.length > 0) continue;
    faults.push({ file: 'mappings/tables', line: null, path: '', message: `The ConceptMap "${id}" is missing.` });
  }
  const terms: TableTerms = {
    targets(map, system, code) {
      const translator = maps.get(map)!;
      const known = translator.translate(system, code);
      const found = known.known ? known : translator.translate(system, nearest(translator, system, code));
      return found.known ? found.targets.map((target) => target.code) : null;
    },
    targetsOf(map, codings) {
      const all = codings.map(({ system = '', code = '' }) => terms.targets(map, system, code));
      return all.every((one) => one === null) ? null : [...new Set(all.flatMap((one) => one ?? []))];
    },
  };
  return terms;
}

/** In systems whose codes name their ancestors: the nearest one that the map knows. */
function nearest(translator: ConceptTranslator, system: string, code: string): string {
  const above = [...translator.codesOf(system)].filter((one) => isBelow(system, code, one));
  return above.sort((a, b) => b.length - a.length)[0] ?? '';
}
