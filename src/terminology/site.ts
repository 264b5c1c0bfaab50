import type { CodeHabits, IcdExtension } from './code.ts';
import type { ConceptTranslator } from './concept-map.ts';
import { compileConceptMaps } from './concept-map.ts';
import type { Compiled, DefinitionFault, DefinitionInput, ReportFault } from './definition-fault.ts';
import { faultsOf } from './definition-fault.ts';
import { isParsedObject, listAt, objectAt, type ParsedObject, stringAt } from './parsed.ts';

/** What is needed to read the codes of one hospital. */
export interface SiteTerminology extends CodeHabits {
  id: string;
  /** kind (`diagnosis`, `procedure` …) → URI of the hospital's own code system. */
  systems: ReadonlyMap<string, string>;
  map: ConceptTranslator;
}

function readStrings(value: unknown, path: string, report: ReportFault): Map<string, string> {
  const strings = new Map<string, string>();
  if (value === undefined) return strings;
  for (const [key, entry] of Object.entries(objectAt(value, path, report) ?? {})) {
    const text = stringAt(entry, `${path}.${key}`, report);
    if (text !== null) strings.set(key.trim(), text);
  }
  return strings;
}

function readExtension(site: ParsedObject, report: ReportFault): IcdExtension | null {
  if (site.icdExtension === undefined || site.icdExtension === null) return null;
  const declared = objectAt(site.icdExtension, 'icdExtension', report);
  const system = declared && stringAt(declared.system, 'icdExtension.system', report);
  if (!declared || !system) return null;
  const also = listAt(declared.alsoUnder, 'icdExtension.alsoUnder', report);
  const read = also.map((entry, index) => stringAt(entry, `icdExtension.alsoUnder[${index}]`, report));
  return { system, alsoUnder: new Set(read.filter((entry) => entry !== null)) };
}

/**
 * Compiles the part of a site's file that concerns codes (`id`, `systems`, `systemAliases`, `icdExtension`; the rest is
 * not looked at) together with the ConceptMaps the site lists.
 */
export function compileSiteTerminology(
  site: DefinitionInput,
  maps: readonly DefinitionInput[],
): Compiled<SiteTerminology> {
  const faults: DefinitionFault[] = [];
  const report = faultsOf(site.source, faults);
  if (!isParsedObject(site.content)) {
    report('', 'An object is expected here.');
    return { ok: false, faults };
  }
  const id = stringAt(site.content.id, 'id', report);
  const systems = readStrings(site.content.systems, 'systems', report);
  const aliases = readStrings(site.content.systemAliases, 'systemAliases', report);
  const icdExtension = readExtension(site.content, report);
  const map = compileConceptMaps(maps, systems);
  if (!map.ok) faults.push(...map.faults);
  if (faults.length > 0 || id === null || !map.ok) return { ok: false, faults };
  return { ok: true, value: { id, systems, aliases, icdExtension, map: map.value } };
}
