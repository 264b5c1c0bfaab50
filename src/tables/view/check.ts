import fhirpath from 'fhirpath';
import { checkExpression } from '../../fhir/fhirpath/check.ts';
import type { Node } from '../../fhir/fhirpath/language.ts';
import { model } from '../../fhir/fhirpath/paths.ts';
import { REFUSED_EXPRESSIONS, REFUSED_MEMBERS, VIEW_LANGUAGE } from './language.ts';
import { columnsOf, type ViewDefinition, type ViewSelect } from './view.ts';

type At = readonly (string | number)[];
type Report = (path: At, message: string) => void;

/** The members that are read; any other would be ignored in silence, so it is refused. */
const MEMBERS = {
  view: 'resourceType id meta url identifier name title status experimental publisher contact description useContext copyright resource fhirVersion constant where select',
  select: 'id column select forEach forEachOrNull unionAll',
  column: 'id name path description collection type tag',
  where: 'id path description',
} as const;
/** Also a name in any database (SQL on FHIR v2, sql-name). */
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const NO_NAMES = { valueSets: { has: () => false }, concepts: { has: () => false } };

/** Reports everything in a view that would not do what it says. */
export function checkView(view: ViewDefinition, report: Report): void {
  onlyMembers(view, 'view', [], report);
  if (!NAME.test(view.name ?? '')) report(['name'], 'A view has a name of letters, digits and _, as a table has.');
  if (!model.availableTypes.has(view.resource)) report(['resource'], `R4 has no type "${view.resource}".`);
  if (!Array.isArray(view.select) || view.select.length === 0) {
    report(['select'], 'A view selects something.');
    return;
  }
  const constants = constantsOf(view, report);
  for (const [index, one] of (view.where ?? []).entries()) {
    onlyMembers(one, 'where', ['where', index], report);
    expression(one.path, [view.resource], ['where', index, 'path']);
  }
  for (const [index, one] of view.select.entries()) walk(one, [view.resource], ['select', index]);
  const names = view.select.flatMap(columnsOf).map(({ name }) => name);
  for (const twice of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    report(['select'], `There are two columns "${twice}".`);
  }

  function walk(select: ViewSelect, focus: readonly string[], at: At): void {
    onlyMembers(select, 'select', at, report);
    if (select.forEach !== undefined && select.forEachOrNull !== undefined)
      report(at, 'forEach and forEachOrNull exclude each other.');
    const each = select.forEach === undefined ? 'forEachOrNull' : 'forEach';
    const inside = select[each] === undefined ? focus : expression(select[each], focus, [...at, each]);
    for (const [index, column] of (select.column ?? []).entries()) {
      const place = [...at, 'column', index];
      onlyMembers(column, 'column', place, report);
      if (!NAME.test(column.name ?? '')) report([...place, 'name'], 'A column has a name of letters, digits and _.');
      expression(column.path, inside, [...place, 'path']);
    }
    for (const [index, one] of (select.select ?? []).entries()) walk(one, inside, [...at, 'select', index]);
    for (const [index, one] of (select.unionAll ?? []).entries()) {
      walk(one, inside, [...at, 'unionAll', index]);
      if (namesOf(one) !== namesOf(select.unionAll![0]!))
        report([...at, 'unionAll', index], 'The branches of a union have the same columns in the same order.');
    }
  }

  function expression(text: unknown, focus: readonly string[], at: At): readonly string[] {
    if (typeof text !== 'string' || text === '') {
      report(at, 'An expression is missing.');
      return [];
    }
    const refused = REFUSED_EXPRESSIONS.find(({ form }) => form.test(text));
    if (refused) {
      report(at, `${refused.why}.`);
      return [];
    }
    let tree: Node;
    try {
      tree = fhirpath.parse(text) as Node;
    } catch {
      report(at, 'The expression cannot be read as FHIRPath.');
      return [];
    }
    const { types, faults } = checkExpression(tree, { ...VIEW_LANGUAGE, variables: constants }, NO_NAMES, focus);
    for (const fault of faults) report(at, `${fault.message} (column ${fault.column}).`);
    return types;
  }
}

function constantsOf(view: ViewDefinition, report: Report): Record<string, readonly string[]> {
  const types: Record<string, readonly string[]> = {};
  for (const [index, constant] of (view.constant ?? []).entries()) {
    const value = Object.keys(constant).find((key) => key.startsWith('value'));
    if (!NAME.test(constant.name ?? '') || !value) report(['constant', index], 'A constant has a name and a value.');
    else types[constant.name] = [`${value.charAt(5).toLowerCase()}${value.slice(6)}`];
  }
  return types;
}

function onlyMembers(value: object, kind: keyof typeof MEMBERS, at: At, report: Report): void {
  const known = MEMBERS[kind].split(' ');
  for (const name of Object.keys(value ?? {})) {
    if (known.includes(name)) continue;
    const why = REFUSED_MEMBERS[name] ?? 'it would be ignored';
    report([...at, name], `"${name}" is not supported here: ${why}.`);
  }
}

function namesOf(select: ViewSelect): string {
  return columnsOf(select)
    .map(({ name }) => name)
    .join(' ');
}
