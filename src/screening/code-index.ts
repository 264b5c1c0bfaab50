import type { FhirResource, r4 } from '../fhir/resource.ts';

/** Resources by the ValueSets that their `code` is in. */
export interface CodeIndex {
  /** Those of a list whose code is in one of the ValueSets, in the order of the list. */
  of(list: readonly FhirResource[], sets: readonly string[]): readonly FhirResource[];
}

type BySet = Map<string, FhirResource[]>;

/** Reads each list once, when it is first asked for. @param setsOf the ValueSets that a concept is in */
export function createCodeIndex(setsOf: (concept: r4.CodeableConcept) => ReadonlySet<string>): CodeIndex {
  const lists = new WeakMap<readonly FhirResource[], BySet>();

  function indexOf(list: readonly FhirResource[]): BySet {
    const known = lists.get(list);
    if (known) return known;
    const index: BySet = new Map();
    for (const resource of list) {
      for (const set of setsIn(resource)) {
        const members = index.get(set);
        if (members) members.push(resource);
        else index.set(set, [resource]);
      }
    }
    lists.set(list, index);
    return index;
  }

  function setsIn({ code }: FhirResource): Iterable<string> {
    return typeof code === 'object' && code !== null ? setsOf(code as r4.CodeableConcept) : [];
  }

  return {
    of(list, sets) {
      const index = indexOf(list);
      const found = sets.flatMap((set) => index.get(set) ?? []);
      if (sets.length === 1 || found.length < 2) return found;
      const members = new Set(found);
      return list.filter((resource) => members.has(resource));
    },
  };
}
