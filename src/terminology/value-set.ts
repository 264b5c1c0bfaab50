import type { Compiled, DefinitionFault, DefinitionInput } from './definition-fault.ts';
import { isBelow } from './hierarchy.ts';
import type { ComposePart } from './value-set-compose.ts';
import { checkImports, type ReadSet, readSets } from './value-set-read.ts';

/** A parsed R4 ValueSet and the name of where it came from. */
export type ValueSetInput = DefinitionInput;

/** A code that a set names: itself, or (`below`) it and everything whose code begins with it. */
export interface NamedCode {
  system: string;
  code: string;
  below: boolean;
}

/** All ValueSets of a study, compiled. */
export interface ValueSets {
  /** Ids of all sets a code is in. The code must be in its one form (`canonicalCodes`). */
  memberOf(system: string, code: string): ReadonlySet<string>;
  has(id: string): boolean;
  ids(): readonly string[];
  /**
   * The codes an id's set names, imports followed. Exclusions and intersections are not applied: never too few, so that
   * a scan made from it loses nothing. Empty for an unknown id.
   */
  codes(id: string): readonly NamedCode[];
  /** The set and all sets that import it whole: what is known to be in it is in them. */
  holding(id: string): ReadonlySet<string>;
  /** Systems named by any set. */
  systems(): ReadonlySet<string>;
}

/** Distinct codes whose sets are remembered before the memory starts anew; a feed has a few thousand. */
const REMEMBERED = 50_000;
const NO_SETS: ReadonlySet<string> = new Set();

/**
 * Compiles the ValueSets of a study (R4 ValueSet: enumerated concepts, `concept is-a` by prefix in the ICD family and
 * ATC, imports, excludes). Sets name every system they mean: is-a under WHO ICD-10 covers no Chinese code.
 */
export function compileValueSets(inputs: readonly ValueSetInput[]): Compiled<ValueSets> {
  const faults: DefinitionFault[] = [];
  const { sets, names } = readSets(inputs, faults);
  checkImports(sets, names, faults);
  if (faults.length > 0) return { ok: false, faults };

  const imported = (part: ComposePart) => sets.get(names.get(part.imported!)!)!;
  const holds = (part: ComposePart, system: string, code: string): boolean => {
    const { codes } = part;
    if (codes !== null) {
      if (codes.system !== system) return false;
      const below = codes.ancestors.length > 0 && codes.ancestors.every((above) => isBelow(system, code, above));
      if (!below && !codes.exact.has(code)) return false;
    }
    return part.imported === null || contains(imported(part), system, code);
  };
  const contains = (set: ReadSet, system: string, code: string): boolean =>
    set.compose.include.some((part) => holds(part, system, code)) &&
    !set.compose.exclude.some((part) => holds(part, system, code));
  const named = (set: ReadSet): NamedCode[] =>
    set.compose.include.flatMap(({ codes, imported: name }) => {
      if (codes === null) return name === null ? [] : named(sets.get(names.get(name)!)!);
      const { system, exact, ancestors } = codes;
      return [
        ...[...exact].map((code) => ({ system, code, below: false })),
        ...ancestors.map((code) => ({ system, code, below: true })),
      ];
    });

  const imports = (outer: ReadSet, inner: string): boolean =>
    outer.compose.include.some((part) => part.codes === null && part.imported !== null && imported(part).id === inner);

  const memory = new Map<string, ReadonlySet<string>>();
  const systems = new Set([...sets.values()].flatMap((set) => named(set).map((code) => code.system)));
  return {
    ok: true,
    value: {
      memberOf(system, code) {
        const key = `${system}|${code}`;
        const remembered = memory.get(key);
        if (remembered !== undefined) return remembered;
        const found = [...sets.values()].filter((set) => contains(set, system, code)).map((set) => set.id);
        const ids = found.length === 0 ? NO_SETS : new Set(found);
        if (memory.size >= REMEMBERED) memory.clear();
        memory.set(key, ids);
        return ids;
      },
      has: (id) => sets.has(id),
      ids: () => [...sets.keys()],
      codes: (id) => {
        const set = sets.get(id);
        return set === undefined ? [] : named(set);
      },
      holding: (id) => {
        const found = new Set([id]);
        // A Set is iterated over what is added on the way, so importers of importers are found too.
        for (const inner of found) for (const set of sets.values()) if (imports(set, inner)) found.add(set.id);
        return found;
      },
      systems: () => systems,
    },
  };
}
