import { type Argument, type Instance, instanceOf, type Shared, sourceOf } from './compile-group.ts';
import { isConcreteResource } from './elements.ts';
import type { MapFault, MapLanguage } from './language.ts';
import { parseMap } from './parse.ts';
import type { Place } from './reads.ts';
import { GroupScope } from './scope.ts';
import type { MapSyntax } from './syntax.ts';

/** A map that makes one resource out of another. */
export interface Executable {
  file: string;
  sourceType: string;
  targetType: string;
  instance: Instance;
  /** What its rules read of the source. */
  reads: Place;
}

/** Maps that were found to be right. */
export interface Maps {
  /** Urls of all maps, in the order of the files. */
  readonly urls: readonly string[];
  /** The map of a url; null when it has none that begins with a group from one resource type to another. */
  executable(url: string): Executable | null;
}

export type LoadedMaps = { ok: true; value: Maps } | { ok: false; faults: MapFault[] };

/**
 * Reads and checks maps written in the FHIR Mapping Language and compiles them to functions. Whatever a map names –
 * types, elements, groups, variables, transforms, functions, ConceptMaps, ValueSets, kinds of pseudonyms – must be
 * known, and what is not part of our language (docs/mapping-language.md) is a fault.
 * @param files name and text of each file; one map a file, importing one another by url
 */
export function loadMaps(files: readonly { file: string; text: string }[], language: MapLanguage): LoadedMaps {
  const faults: MapFault[] = [];
  const maps: MapSyntax[] = [];
  for (const { file, text } of files) {
    const map = parseMap(file, text);
    if (!('groups' in map)) faults.push(map);
    else if (maps.some(({ url }) => url === map.url))
      faults.push({ file, line: 1, path: '', message: `another file has the map "${map.url}"` });
    else maps.push(map);
  }
  if (faults.length > 0) return { ok: false, faults };

  const scope = new GroupScope(maps, faults);
  const shared: Shared = { language, scope, instances: new Map(), places: new Map(), faults };
  if (faults.length > 0) return { ok: false, faults };
  const executables = new Map<string, Executable>();
  for (const map of maps) {
    const executable = compileEntry(map, shared);
    if (executable) executables.set(map.url, executable);
    compileTypedGroups(map, shared);
  }
  if (faults.length === 0) findEndless([...shared.instances.values()], faults);
  if (faults.length > 0) return { ok: false, faults: distinct(faults) };
  return { ok: true, value: { urls: maps.map(({ url }) => url), executable: (url) => executables.get(url) ?? null } };
}

/** The first group is where a map begins (R4 mapping language, "Groups"). */
function compileEntry(map: MapSyntax, shared: Shared): Executable | null {
  const [syntax] = map.groups;
  const [from, to] = syntax!.inputs;
  if (syntax!.inputs.length !== 2 || from?.mode !== 'source' || to?.mode !== 'target') return null;
  const [sourceType, targetType] = [from, to].map(({ type }) => type && shared.scope.typeOf(map, type));
  if (!sourceType || !targetType || !isConcreteResource(sourceType) || !isConcreteResource(targetType)) return null;
  const source = sourceOf(sourceType);
  const target = { type: targetType, slot: 1, contained: false };
  const instance = instanceOf({ map, syntax: syntax! }, [source, target], shared);
  return { file: map.file, sourceType, targetType, instance, reads: source.place! };
}

/** Groups that say all their types are checked even when no rule calls them. */
function compileTypedGroups(map: MapSyntax, shared: Shared): void {
  const compiled = new Set([...shared.instances.values()].map(({ group }) => group.syntax));
  for (const syntax of map.groups) {
    if (compiled.has(syntax)) continue;
    const given = syntax.inputs.map(({ mode, type }): Argument | null => {
      const known = type && shared.scope.typeOf(map, type);
      if (!known) return null;
      return mode === 'source' ? sourceOf(known) : { type: known, slot: 0, contained: false };
    });
    if (given.every((argument) => argument !== null)) instanceOf({ map, syntax }, given, shared);
  }
}

/**
 * A circle of calls comes to an end when some call in it goes deeper into the source: then nothing it looks at is as
 * deep as before. So the calls that do not go deeper may form no circle.
 */
function findEndless(instances: readonly Instance[], faults: MapFault[]): void {
  const done = new Set<Instance>();
  const open = new Set<Instance>();
  const visit = (instance: Instance): void => {
    open.add(instance);
    for (const { to, consumes, fault } of instance.calls) {
      if (consumes || done.has(to)) continue;
      if (open.has(to)) faults.push(fault);
      else visit(to);
    }
    open.delete(instance);
    done.add(instance);
  };
  for (const instance of instances) if (!done.has(instance)) visit(instance);
}

/** A group compiled for several types finds the same fault several times. */
function distinct(faults: readonly MapFault[]): MapFault[] {
  const byText = new Map(faults.map((fault) => [`${fault.file}:${fault.line}:${fault.path}:${fault.message}`, fault]));
  return [...byText.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
