import { ID_FORM, type RegistryKeys } from '../identity/registry-keys.ts';

/** Ids of ours, with the type of what they are of. */
export interface OwnName {
  type: string;
  id: string;
}

/** The registry's ids of ours, remembered for a while: a person's stands in every resource of theirs. */
export interface RegistryIds {
  of(type: string, id: string): string;
  /** Makes many at once, which costs a twentieth for each. */
  makeReady(names: Iterable<OwnName>): void;
}

/** Ids of one type that are remembered at a time. */
const LATELY = 20_000;

export function registryIds(keys: Pick<RegistryKeys, 'ids'>): RegistryIds {
  const types = new Map<string, Map<string, string>>();
  function knownOf(type: string): Map<string, string> {
    const known = types.get(type) ?? new Map<string, string>();
    types.set(type, known);
    return known;
  }

  function remember(known: Map<string, string>, ours: readonly string[], theirs: readonly string[]): void {
    if (known.size + ours.length > LATELY) known.clear();
    for (const [index, id] of ours.entries()) known.set(id, theirs[index]!);
  }

  return {
    of(type, id) {
      const known = knownOf(type);
      const found = known.get(id) ?? keys.ids(type).encrypt(id);
      if (!known.has(id)) remember(known, [id], [found]);
      return found;
    },
    makeReady(names) {
      const wanted = new Map<string, Set<string>>();
      for (const { type, id } of names) {
        if (knownOf(type).has(id) || !ID_FORM.test(id)) continue;
        const ids = wanted.get(type) ?? new Set();
        wanted.set(type, ids.add(id));
      }
      for (const [type, ids] of wanted) remember(knownOf(type), [...ids], keys.ids(type).encryptAll([...ids]));
    },
  };
}

const REFERENCE = /"reference":"([A-Za-z]+)\/([a-z2-7]{26})"/g;

/** What a resource, written as JSON, is and refers to. */
export function* namesIn(type: string, id: string, json: string): Iterable<OwnName> {
  yield { type, id };
  for (const [, target, named] of json.matchAll(REFERENCE)) yield { type: target!, id: named! };
}
