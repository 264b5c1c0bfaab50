import type { ReportFault } from './definition-fault.ts';
import { hasPrefixHierarchy, hierarchyCode } from './hierarchy.ts';
import { listAt, objectAt, type ParsedObject, stringAt } from './parsed.ts';

/** One `include` or `exclude`: all that is given must hold (R4, ValueSet.compose.include). */
export interface ComposePart {
  /** The codes of one system: the enumerated ones, or those below every one of `ancestors`. Null: any system. */
  codes: { system: string; exact: ReadonlySet<string>; ancestors: readonly string[] } | null;
  /** Url or id of the set the codes must also be in. */
  imported: string | null;
}

export interface Compose {
  include: readonly ComposePart[];
  exclude: readonly ComposePart[];
}

const ALLOWED = new Set(['id', 'extension', 'system', 'version', 'concept', 'filter', 'valueSet']);

function readExact(part: ParsedObject, system: string, path: string, report: ReportFault): Set<string> {
  const exact = new Set<string>();
  listAt(part.concept, `${path}.concept`, report).forEach((concept, index) => {
    const at = `${path}.concept[${index}]`;
    const read = objectAt(concept, at, report);
    const code = read && stringAt(read.code, `${at}.code`, report);
    if (code) exact.add(hierarchyCode(system, code) ?? code);
  });
  return exact;
}

function readAncestor(filter: unknown, system: string, at: string, report: ReportFault): string | null {
  const read = objectAt(filter, at, report);
  if (read === null) return null;
  if (read.property !== 'concept' || read.op !== 'is-a') {
    report(at, 'Only the filter "concept is-a" is supported.');
    return null;
  }
  const value = stringAt(read.value, `${at}.value`, report);
  if (value === null) return null;
  if (!hasPrefixHierarchy(system)) {
    report(at, 'is-a is decided by the beginning of a code, which says nothing in this system: list the codes.');
    return null;
  }
  const code = hierarchyCode(system, value);
  if (code === null) report(`${at}.value`, 'This is not a code of the system.');
  return code;
}

/** Several imports in one part are refused: R4 says "union" in their definition and "all" in the comment beside it. */
function readImport(part: ParsedObject, path: string, report: ReportFault): string | null {
  const imports = listAt(part.valueSet, `${path}.valueSet`, report);
  if (imports.length > 1) report(`${path}.valueSet`, 'Name one ValueSet here and give the others a part of their own.');
  if (imports.length !== 1) return null;
  const url = stringAt(imports[0], `${path}.valueSet[0]`, report);
  return url === null ? null : url.split('|')[0]!;
}

function readPart(value: unknown, path: string, report: ReportFault): ComposePart | null {
  const part = objectAt(value, path, report);
  if (part === null) return null;
  for (const key of Object.keys(part)) if (!ALLOWED.has(key)) report(`${path}.${key}`, 'Not supported here.');
  const imported = readImport(part, path, report);
  if (part.concept === undefined && part.filter === undefined) {
    if (part.system !== undefined) report(path, 'A system as a whole is not supported: give concepts or a filter.');
    else if (part.valueSet === undefined) report(path, 'Give concepts, a filter or a ValueSet.');
    return imported === null ? null : { codes: null, imported };
  }
  if (part.concept !== undefined && part.filter !== undefined) {
    report(path, 'Concepts and filters exclude each other (R4, vsd-3): write two parts.');
  }
  const system = stringAt(part.system, `${path}.system`, report);
  if (system === null) return null;
  const exact = readExact(part, system, path, report);
  const filters = listAt(part.filter, `${path}.filter`, report);
  const ancestors = filters
    .map((filter, index) => readAncestor(filter, system, `${path}.filter[${index}]`, report))
    .filter((code) => code !== null);
  if (Array.isArray(part.concept) && part.concept.length === 0) report(`${path}.concept`, 'The list is empty.');
  if (Array.isArray(part.filter) && part.filter.length === 0) report(`${path}.filter`, 'The list is empty.');
  return { codes: { system, exact, ancestors }, imported };
}

/** Reads `ValueSet.compose`; what it reports makes the set unusable. */
export function readCompose(value: unknown, report: ReportFault): Compose {
  const compose = objectAt(value, 'compose', report) ?? {};
  const read = (name: 'include' | 'exclude') =>
    listAt(compose[name], `compose.${name}`, report)
      .map((part, index) => readPart(part, `compose.${name}[${index}]`, report))
      .filter((part) => part !== null);
  if (Array.isArray(compose.include) ? compose.include.length === 0 : compose.include === undefined) {
    report('compose.include', 'A ValueSet needs at least one include.');
  }
  return { include: read('include'), exclude: read('exclude') };
}
