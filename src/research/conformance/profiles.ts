import type { r4 } from '../../fhir/resource.ts';
import type { StudyFault } from '../../study/fault.ts';
import type { Checked } from '../../study/model.ts';
import { readSources, type SourceFile } from '../../study/source.ts';
import { type Allowed, createAllowList } from './allow-list.ts';
import { type Base, readBase } from './base.ts';
import { codeSetOf } from './code-set.ts';
import { type Definition, type Expanded, PROFILE_BASE } from './definition.ts';
import { type Library, snapshotOf } from './snapshot.ts';

/** A compiled profile of a type of resource. */
export interface Profile {
  name: string;
  snapshot: Expanded;
  allowed: Allowed;
}

/** The profiles of what may leave, compiled: one for each resource type. */
export interface Profiles {
  byType: ReadonlyMap<string, Profile>;
  base: Base;
}

/**
 * Reads profiles, extensions, profiles of datatypes and ValueSets from every YAML or JSON file below the folders
 * (`examples` left out), and compiles them. A later folder replaces a definition of an earlier one by its url: so a
 * study brings its own. Every mistake is reported with file, line and element.
 */
export async function loadProfiles(...folders: string[]): Promise<Checked<Profiles>> {
  const read = await Promise.all(folders.map(readSources));
  const faults = read.flatMap((one) => one.faults);
  const compiled = compileProfiles(
    read.flatMap(({ files }) => files.filter(({ file }) => !file.startsWith('examples'))),
  );
  if (compiled.ok) return faults.length > 0 ? { ok: false, faults } : compiled;
  return { ok: false, faults: [...faults, ...compiled.faults] };
}

/** Compiles what `loadProfiles` reads; of two definitions with one url the later counts. */
export function compileProfiles(sources: readonly SourceFile[]): Checked<Profiles> {
  const faults: StudyFault[] = [];
  const places = new Map<string, SourceFile>();
  for (const source of sources) {
    const { url, resourceType } = (source.value ?? {}) as { url?: string; resourceType?: string };
    if (url && (resourceType === 'StructureDefinition' || resourceType === 'ValueSet')) places.set(url, source);
    else faults.push({ file: source.file, line: null, path: '', message: NEITHER });
  }
  const report = (url: string, path: string, message: string) => {
    const source = places.get(url)!;
    const elements = (source.value as Partial<Definition>).differential?.element ?? [];
    const index = elements.findIndex(({ id }) => id === path);
    const at = index < 0 ? [] : ['differential', 'element', index];
    faults.push({ file: source.file, line: source.lineOf(at), path, message });
  };
  const all = [...places.values()].map(({ value }) => value as Definition | r4.ValueSet);
  const value = compile(
    all.filter((one) => one.resourceType === 'StructureDefinition'),
    all.filter((one) => one.resourceType === 'ValueSet'),
    report,
  );
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value };
}

const NEITHER = 'This must be a StructureDefinition or a ValueSet with a url.';

type ReportAt = (url: string, element: string, message: string) => void;

function compile(definitions: Definition[], sets: r4.ValueSet[], report: ReportAt): Profiles {
  const resources = definitions.filter(({ kind }) => kind === 'resource');
  const base = readBase(resources.map(({ type }) => type));
  const library = createLibrary(definitions, base, report);
  const codeSets = new Map(
    sets.map((set) => [set.url!, codeSetOf(set, (path, message) => report(set.url!, path, message))]),
  );
  const allowList = createAllowList({ ...library, codeSet: (url) => codeSets.get(url) ?? null, report });
  // Extensions and datatypes as well, so that a mistake in one that is not in use is told too.
  for (const { url } of definitions) allowList.of(url);
  const byType = new Map<string, Profile>();
  for (const { url, type, name } of resources) {
    if (byType.has(type)) report(url, '', `There is another profile of ${type}; a type of resource has one.`);
    const snapshot = library.expanded(url);
    const allowed = allowList.of(url);
    if (snapshot && allowed) byType.set(type, { name, snapshot, allowed });
  }
  return { byType, base };
}

function createLibrary(definitions: readonly Definition[], base: Base, report: ReportAt): Library {
  const authored = new Map(definitions.map((definition) => [definition.url, definition]));
  const merged = new Map<string, Expanded | null>();
  const library: Library = {
    expanded(urlOrType) {
      const definition = authored.get(urlOrType);
      if (!definition) return base.get(urlOrType) ?? null;
      const known = merged.get(urlOrType);
      if (known !== undefined) return known;
      // Met again while being merged, a definition builds on itself.
      merged.set(urlOrType, null);
      const snapshot = snapshotOf(definition, library, (element, message) => report(urlOrType, element, message));
      merged.set(urlOrType, snapshot);
      return snapshot;
    },
    defaultProfile(type) {
      const url = `${PROFILE_BASE}Study${type}`;
      return authored.get(url)?.kind === 'complex-type' ? url : null;
    },
  };
  return library;
}
