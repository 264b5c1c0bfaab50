import type { FhirResource } from '../fhir/resource.ts';

/** Resources by what their codes and texts name: ValueSets that their `code` is in, `~concept` that a text may suggest. */
export interface CodeIndex {
  /** Those of a list that name one of these, in the order of the list. */
  of(list: readonly FhirResource[], names: readonly string[]): readonly FhirResource[];
}

type ByName = Map<string, FhirResource[]>;

/**
 * Reads each list once for its codes and once for its texts, when first asked for either.
 * @param codesOf the ValueSets that the code of a resource is in
 * @param textsOf the concepts that its texts may suggest
 */
export function createCodeIndex(
  codesOf: (resource: FhirResource) => Iterable<string>,
  textsOf: (resource: FhirResource) => Iterable<string>,
): CodeIndex {
  const byCode = new WeakMap<readonly FhirResource[], ByName>();
  const byText = new WeakMap<readonly FhirResource[], ByName>();

  function named(list: readonly FhirResource[], name: string): readonly FhirResource[] {
    const index = name.startsWith('~') ? indexOf(list, byText, textsOf) : indexOf(list, byCode, codesOf);
    return index.get(name.replace(/^~/, '')) ?? [];
  }

  return {
    of(list, names) {
      const found = names.flatMap((name) => named(list, name));
      if (names.length === 1 || found.length < 2) return found;
      const members = new Set(found);
      return list.filter((resource) => members.has(resource));
    },
  };
}

function indexOf(
  list: readonly FhirResource[],
  lists: WeakMap<readonly FhirResource[], ByName>,
  namesOf: (resource: FhirResource) => Iterable<string>,
): ByName {
  const known = lists.get(list);
  if (known) return known;
  const index: ByName = new Map();
  for (const resource of list) {
    for (const name of namesOf(resource)) {
      const members = index.get(name);
      if (members) members.push(resource);
      else index.set(name, [resource]);
    }
  }
  lists.set(list, index);
  return index;
}
