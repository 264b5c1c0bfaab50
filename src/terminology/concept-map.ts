import type { CanonicalCode } from './code.ts';
import type { Compiled, DefinitionFault, DefinitionInput, ReportFault } from './definition-fault.ts';
import { faultsOf } from './definition-fault.ts';
import { listAt, objectAt, type ParsedObject, stringAt } from './parsed.ts';

/** What a map says of one code: whether it knows it at all, and what it stands for (nothing, when unmatched). */
export interface Translation {
  known: boolean;
  targets: readonly CanonicalCode[];
}

/** The dictionaries of one site, compiled. */
export interface ConceptTranslator {
  /** `code` exactly as in the dictionary, `system` as the site's own URI. */
  translate(system: string, code: string): Translation;
  /** All codes the dictionaries know in a system. */
  codesOf(system: string): ReadonlySet<string>;
}

/**
 * R4 reads equivalence from target to source: with `wider` and `subsumes` the target is the broader concept, so whatever
 * has the source also has the target, as with `equal` and `equivalent`. These four make a target count.
 */
const COUNTS: ReadonlySet<string> = new Set(['equal', 'equivalent', 'wider', 'subsumes']);
/** A narrower target would claim more than the hospital said; the others leave open what is shared. */
const DOES_NOT_COUNT: ReadonlySet<string> = new Set(['narrower', 'specializes', 'inexact', 'relatedto']);
/** There is no target at all, and therefore no code is asked for. */
const NO_TARGET: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);

const UNKNOWN: Translation = { known: false, targets: [] };

type Dictionary = Map<string, Map<string, CanonicalCode[]>>;

/** `site:<kind>` stands for that system of the site; any other source is a URI and taken as it is. */
function sourceSystem(source: string, systems: ReadonlyMap<string, string>): string | null {
  if (!source.startsWith('site:')) return source;
  return systems.get(source.slice('site:'.length)) ?? null;
}

function readTarget(target: unknown, system: unknown, path: string, report: ReportFault): CanonicalCode | null {
  const read = objectAt(target, path, report);
  if (read === null) return null;
  const equivalence = stringAt(read.equivalence, `${path}.equivalence`, report);
  if (equivalence === null || NO_TARGET.has(equivalence)) return null;
  if (!COUNTS.has(equivalence) && !DOES_NOT_COUNT.has(equivalence)) {
    report(`${path}.equivalence`, 'R4 has no such equivalence.');
    return null;
  }
  if (read.dependsOn !== undefined || read.product !== undefined) {
    report(path, 'dependsOn and product are not supported: a code must mean the same wherever it stands.');
    return null;
  }
  const code = stringAt(read.code, `${path}.code`, report);
  if (code === null) return null;
  if (typeof system !== 'string' || system === '') {
    report(path, 'The group of this target must name its target system.');
    return null;
  }
  return COUNTS.has(equivalence) ? { system, code } : null;
}

function readGroup(group: ParsedObject, path: string, known: Map<string, CanonicalCode[]>, report: ReportFault): void {
  if (group.unmapped !== undefined) report(`${path}.unmapped`, 'Not supported: list every code the map is to know.');
  const elements = listAt(group.element, `${path}.element`, report);
  if (elements.length === 0) report(`${path}.element`, 'A group needs at least one element.');
  elements.forEach((element, index) => {
    const at = `${path}.element[${index}]`;
    const read = objectAt(element, at, report);
    const code = read && stringAt(read.code, `${at}.code`, report);
    if (!read || !code) return;
    const targets = listAt(read.target, `${at}.target`, report);
    if (targets.length === 0) report(`${at}.target`, 'Name a target; for none, write equivalence: unmatched.');
    const counted = targets.map((target, n) => readTarget(target, group.target, `${at}.target[${n}]`, report));
    const before = known.get(code) ?? [];
    known.set(code, [...before, ...counted.filter((target) => target !== null)]);
  });
}

/**
 * Compiles R4 ConceptMaps for one site. All groups with one source are applied together.
 * @param systems kind → URI of the site's own systems, which `site:<kind>` in `group.source` stands for
 */
export function compileConceptMaps(
  maps: readonly DefinitionInput[],
  systems: ReadonlyMap<string, string>,
): Compiled<ConceptTranslator> {
  const faults: DefinitionFault[] = [];
  const dictionary: Dictionary = new Map();
  for (const { source, content } of maps) {
    const report = faultsOf(source, faults);
    const map = objectAt(content, '', report);
    if (map === null) continue;
    if (map.resourceType !== 'ConceptMap') report('resourceType', 'This must be a ConceptMap.');
    const groups = listAt(map.group, 'group', report);
    if (groups.length === 0) report('group', 'A ConceptMap needs at least one group.');
    groups.forEach((group, index) => {
      const path = `group[${index}]`;
      const read = objectAt(group, path, report);
      const name = read && stringAt(read.source, `${path}.source`, report);
      if (!read || !name) return;
      const system = sourceSystem(name, systems);
      if (system === null) {
        report(`${path}.source`, `The site names no system for "${name}".`);
        return;
      }
      const known = dictionary.get(system) ?? new Map<string, CanonicalCode[]>();
      dictionary.set(system, known);
      readGroup(read, path, known, report);
    });
  }
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    value: {
      translate(system, code) {
        const targets = dictionary.get(system)?.get(code);
        return targets === undefined ? UNKNOWN : { known: true, targets };
      },
      codesOf: (system) => new Set(dictionary.get(system)?.keys()),
    },
  };
}
