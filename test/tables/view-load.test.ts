import type { StudyFault } from '../../src/study/fault.ts';
import { parseSource } from '../../src/study/source.ts';
import { compileViews } from '../../src/tables/view/load.ts';

const HEAD = 'resourceType: ViewDefinition\nname: trial\nstatus: active\nresource: Patient\n';
const column = (path: string) => `${HEAD}select:\n  - column:\n      - { name: one, path: "${path}" }\n`;

function compiled(text: string) {
  const faults: StudyFault[] = [];
  const views = compileViews([parseSource('trial.yaml', text).file], faults);
  return { views, faults: faults.map(({ line, path, message }) => `${line} ${path}: ${message}`) };
}

test('a view that says what it does is taken, with its columns in order', () => {
  const { views, faults } = compiled(
    `${HEAD}where: [{ path: "gender.exists()" }]\nselect:\n  - column: [{ name: id, path: getResourceKey() }]\n    select:\n      - forEachOrNull: link\n        column: [{ name: other, path: other.getReferenceKey() }]\n`,
  );
  expect(faults).toEqual([]);
  expect(views[0]!.columns.map(({ name }) => name)).toEqual(['id', 'other']);
});

test.each<[string, string, string]>([
  [
    'repeat',
    `${HEAD}select:\n  - repeat: [contact]\n    column: [{ name: a, path: id }]\n`,
    '6 select[0].repeat: "repeat" is not supported here: the evaluator ignores it, and would lose what lies deeper: write the levels as forEach.',
  ],
  [
    '%rowIndex',
    column('%rowIndex'),
    '7 select[0].column[0].path: %rowIndex is not supported: an order must come from the data.',
  ],
  [
    'lowBoundary',
    column('birthDate.lowBoundary()'),
    '7 select[0].column[0].path: boundaries of partial dates are not supported: give the date as it is written.',
  ],
  [
    'highBoundary',
    column('birthDate.highBoundary( )'),
    '7 select[0].column[0].path: boundaries of partial dates are not supported: give the date as it is written.',
  ],
  [
    'an element that R4 has not',
    column('colour'),
    '7 select[0].column[0].path: R4 has no element "colour" in Patient (column 1).',
  ],
  [
    'an element deeper down',
    column('contact.first().nickname'),
    '7 select[0].column[0].path: R4 has no element "nickname" in Patient.contact (column 17).',
  ],
  [
    'a function nobody carries out',
    column("id.memberOf('x')"),
    '7 select[0].column[0].path: the function memberOf() is not part of the language of views (column 4).',
  ],
  [
    'now',
    column('now()'),
    '7 select[0].column[0].path: now() may not be used: it depends on the machine; use within() and the other functions on days (column 1).',
  ],
  [
    'iif',
    column('iif(active, 1, 2)'),
    '7 select[0].column[0].path: iif() may not be used: an empty condition takes the second branch, so unknown would become no; write two rules (column 1).',
  ],
  [
    'dates compared',
    column('birthDate < deceased'),
    '7 select[0].column[0].path: only numbers may be compared with < and >; dates depend on the zone, quantities on the unit: use the functions (column 11).',
  ],
  [
    'a variable nobody gave',
    column('%unknown'),
    '7 select[0].column[0].path: there is no variable %unknown (column 1).',
  ],
  ['no FHIRPath', column('id..where('), '7 select[0].column[0].path: The expression cannot be read as FHIRPath.'],
  [
    'a member that would be ignored',
    `${HEAD}select:\n  - column: [{ name: a, path: id, width: 3 }]\n`,
    '6 select[0].column[0].width: "width" is not supported here: it would be ignored.',
  ],
  [
    'two loops in one',
    `${HEAD}select:\n  - forEach: contact\n    forEachOrNull: link\n    column: [{ name: a, path: id }]\n`,
    '6 select[0]: forEach and forEachOrNull exclude each other.',
  ],
  [
    'a column twice',
    `${HEAD}select:\n  - column: [{ name: a, path: id }, { name: a, path: gender }]\n`,
    '6 select: There are two columns "a".',
  ],
  [
    'branches that differ',
    `${HEAD}select:\n  - unionAll:\n      - column: [{ name: a, path: id }]\n      - column: [{ name: b, path: id }]\n`,
    '8 select[0].unionAll[1]: The branches of a union have the same columns in the same order.',
  ],
  [
    'a name no database takes',
    column('id').replace('name: one', 'name: "1 a"'),
    '7 select[0].column[0].name: A column has a name of letters, digits and _.',
  ],
  [
    'an unknown type',
    column('id').replace('resource: Patient', 'resource: Patent'),
    '4 resource: R4 has no type "Patent".',
  ],
  ['nothing selected', HEAD, '1 select: A view selects something.'],
  ['another resource', 'resourceType: Basic\n', '1 : This must be a ViewDefinition.'],
])('refused at load: %s', (_what, text, fault) => {
  const { views, faults } = compiled(text);
  expect(faults).toContain(fault);
  expect(views).toEqual([]);
});

test('of two views with one name the later counts: so a study changes a table', () => {
  const faults: StudyFault[] = [];
  const views = compileViews(
    [parseSource('a', column('id')).file, parseSource('b', column('gender').replace('one', 'two')).file],
    faults,
  );
  expect([views.length, views[0]!.columns[0]!.name, faults]).toEqual([1, 'two', []]);
});
