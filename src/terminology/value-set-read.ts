import type { DefinitionFault, DefinitionInput } from './definition-fault.ts';
import { faultsOf } from './definition-fault.ts';
import { objectAt, stringAt } from './parsed.ts';
import { type Compose, readCompose } from './value-set-compose.ts';

/** A ValueSet as read, imports not yet followed. */
export interface ReadSet {
  id: string;
  source: string;
  compose: Compose;
}

/** Reads the sets: id → set, and url or id → id. A second set of the same name is a fault. */
export function readSets(inputs: readonly DefinitionInput[], faults: DefinitionFault[]) {
  const sets = new Map<string, ReadSet>();
  const names = new Map<string, string>();
  for (const { source, content } of inputs) {
    const report = faultsOf(source, faults);
    const set = objectAt(content, '', report);
    if (set === null) continue;
    if (set.resourceType !== 'ValueSet') report('resourceType', 'This must be a ValueSet.');
    const id = stringAt(set.id, 'id', report);
    const compose = readCompose(set.compose, report);
    if (id === null) continue;
    if (sets.has(id)) {
      report('id', `Another ValueSet already has the id "${id}".`);
      continue;
    }
    sets.set(id, { id, source, compose });
    for (const name of [id, set.url]) {
      if (typeof name !== 'string') continue;
      if (names.has(name)) report('url', 'Another ValueSet already goes by this name.');
      names.set(name, id);
    }
  }
  return { sets, names };
}

/** Reports every import that leads to no set, or back to the set it stands in. */
export function checkImports(
  sets: ReadonlyMap<string, ReadSet>,
  names: ReadonlyMap<string, string>,
  faults: DefinitionFault[],
) {
  const importsOf = (set: ReadSet) => {
    const parts = (name: 'include' | 'exclude') =>
      set.compose[name].map((part, index) => ({
        imported: part.imported,
        path: `compose.${name}[${index}].valueSet[0]`,
      }));
    return [...parts('include'), ...parts('exclude')].filter((entry) => entry.imported !== null);
  };
  const leadsTo = (from: string, goal: string, seen: Set<string>): boolean => {
    if (from === goal) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return importsOf(sets.get(from)!).some((entry) => {
      const next = names.get(entry.imported!);
      return next !== undefined && leadsTo(next, goal, seen);
    });
  };
  for (const set of sets.values()) {
    const report = faultsOf(set.source, faults);
    for (const { imported, path } of importsOf(set)) {
      const target = names.get(imported!);
      if (target === undefined) report(path, 'No ValueSet of the study has this url or id.');
      else if (leadsTo(target, set.id, new Set())) report(path, 'This import leads back to the set itself.');
    }
  }
}
