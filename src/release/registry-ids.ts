import { ID_FORM, type RegistryKeys } from '../identity/registry-keys.ts';

/** A resource, or a version of one, as it is stored: its id on our side and its JSON. */
export interface Stored {
  type: string;
  id: string;
  body: string;
}

/** The registry's ids of ours. */
export interface RegistryIds {
  of(type: string, id: string): string;
  /** `Type/id` of ours under the registry's; null when it is no such name, or its type may not be told. */
  reference(text: string): string | null;
  /** Makes all ids at once that are in some resources or are named by them, and forgets those of the last call. */
  makeReady(resources: readonly Stored[]): void;
}

const REFERENCE = '"reference":"';
const ID_LENGTH = 26;

/** @param isNamed whether ids of a type may be told at all */
export function registryIds(keys: Pick<RegistryKeys, 'ids'>, isNamed: (type: string) => boolean): RegistryIds {
  let ready = new Map<string, Map<string, string>>();
  return {
    reference(text) {
      const slash = text.indexOf('/');
      const [type, id] = [text.slice(0, slash), text.slice(slash + 1)];
      // What is ready has the form of an id, and of a type that may be told.
      const found = ready.get(type)?.get(id) ?? (isNamed(type) && ID_FORM.test(id) ? keys.ids(type).encrypt(id) : null);
      return found === null ? null : `${type}/${found}`;
    },
    of: (type, id) => ready.get(type)?.get(id) ?? keys.ids(type).encrypt(id),
    makeReady(resources) {
      const wanted = new Map<string, Set<string>>();
      for (const { type, id, body } of resources) {
        want(wanted, type, id);
        for (let at = body.indexOf(REFERENCE); at >= 0; at = body.indexOf(REFERENCE, at)) {
          const from = at + REFERENCE.length;
          const slash = body.indexOf('/', from);
          at = slash + 1 + ID_LENGTH;
          if (slash > 0 && body[at] === '"') want(wanted, body.slice(from, slash), body.slice(slash + 1, at));
          else at = from;
        }
      }
      ready = new Map();
      for (const [type, ids] of wanted) {
        const ours = isNamed(type) ? [...ids].filter((id) => ID_FORM.test(id)) : [];
        if (ours.length === 0) continue;
        const theirs = keys.ids(type).encryptAll(ours);
        ready.set(type, new Map(ours.map((id, index) => [id, theirs[index]!])));
      }
    },
  };
}

function want(wanted: Map<string, Set<string>>, type: string, id: string): void {
  const ids = wanted.get(type);
  if (ids) ids.add(id);
  else wanted.set(type, new Set([id]));
}
