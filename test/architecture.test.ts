import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = join(import.meta.dirname, '..', 'src');

const STAGES = [
  'intake',
  'scan',
  'pull',
  'forms',
  'record',
  'screening',
  'enrolment',
  'collection',
  'safety',
  'research',
  'release',
  'delivery',
  'tables',
];
const ENTRIES = ['main', 'cli', 'commands', 'config'];
/** Storeys, the upper ones first: a room may know what lies below it, never what lies above. */
const STOREYS: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['commands'],
  ['config'],
  ['http', 'jobs'],
  ['pipeline', 'views', 'registry'],
  STAGES,
  ['identity', 'terminology', 'study', 'audit', 'auth', 'operations'],
  ['fhir'],
  ['kept'],
];
/** The store stands aside: a port and, behind it, its makers. It knows no room but fhir. */
const PORT = /^store\/(store|rank|[a-z]+-rows)\.ts$/;
const SEES_PORT = ['pipeline', 'views', 'registry', 'jobs', ...ENTRIES];
/** Rooms of one storey that may know each other, in this direction, and why. */
const BESIDE: Readonly<Record<string, { why: string; typesOnly: boolean }>> = {
  'study → terminology': { why: 'a study is written in its ValueSets and text rules', typesOnly: false },
  'views → pipeline': { why: 'a report shows what a run gave', typesOnly: true },
  'delivery → pull': { why: 'a target is asked for a token, and to wait, as a hospital is', typesOnly: false },
  'enrolment → screening': { why: 'the status is a function of an assessment', typesOnly: false },
};
/** The one value that enrolment takes from screening: how a sensitive criterion's reason may be shown. */
const VALUES_BESIDE = ['enrolment/status.ts → screening/masked.ts'];

interface Edge {
  from: string;
  to: string;
  typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8');

/** Static imports and exports, type-only ones too, and `import()`; packages by name, files as paths inside src. */
function importsOf(file: string, text: string): Edge[] {
  const forms =
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...text.matchAll(forms)].map((match) => {
    const named = match[2] ?? match[3] ?? match[4]!;
    const to = named.startsWith('.') ? relative(SRC, resolve(SRC, dirname(file), named)) : named;
    return { from: file, to, typeOnly: match[1] !== undefined };
  });
}

const roomOf = (path: string) => path.split(/[/.]/)[0]!;
const storeyOf = (room: string) => STOREYS.findIndex((rooms) => rooms.includes(room));

/** Why an import breaks the rule; null when it does not. */
function breach({ from, to, typeOnly }: Edge): string | null {
  const room = roomOf(from);
  if (!to.endsWith('.ts')) return to === 'express' && room !== 'http' ? 'only http knows Express' : null;
  const into = roomOf(to);
  if (room === into) return null;
  if (into === 'store') {
    if (ENTRIES.includes(room)) return null;
    if (!PORT.test(to)) return 'only the entry points see what is behind the port of the store';
    return SEES_PORT.includes(room) ? null : 'only pipeline, views, registry, jobs and the entry points see the store';
  }
  if (room === 'store') return into === 'fhir' ? null : 'the store knows no room but fhir';
  const [above, below] = [storeyOf(room), storeyOf(into)];
  if (above < 0 || below < 0) return `no storey is given for ${above < 0 ? room : into}`;
  if (below > above) return null;
  if (below < above) return `${into} lies above ${room}`;
  const beside = BESIDE[`${room} → ${into}`];
  if (!beside) return STAGES.includes(room) ? 'stages do not know one another' : `${room} and ${into} lie side by side`;
  return beside.typesOnly && !typeOnly ? `${room} may take types of ${into} only` : null;
}

const edges = files.flatMap((file) => importsOf(file, textOf(file)));
const shown = (edge: Edge) => `${edge.from} → ${edge.to}`;

test('no import breaks the rule of the house', () => {
  expect(edges.length).toBeGreaterThan(files.length);
  expect(edges.flatMap((edge) => (breach(edge) === null ? [] : [`${shown(edge)}: ${breach(edge)}`]))).toEqual([]);
});

test('the exceptions are used, and no wider than they need be', () => {
  const beside = (edge: Edge) => `${roomOf(edge.from)} → ${roomOf(edge.to)}`;
  expect(Object.keys(BESIDE).filter((one) => !edges.some((edge) => beside(edge) === one))).toEqual([]);
  const values = edges.filter((edge) => !edge.typeOnly && beside(edge) === 'enrolment → screening').map(shown);
  expect(values).toEqual(VALUES_BESIDE);
});

test.each<[string, string, boolean, boolean]>([
  ['record/need.ts', 'study/model.ts', false, true],
  ['record/need.ts', 'screening/assess.ts', false, false],
  ['record/need.ts', 'screening/assess.ts', true, false],
  ['research/map.ts', 'enrolment/status.ts', true, false],
  ['screening/sets.ts', 'store/store.ts', true, false],
  ['pipeline/screen.ts', 'store/store.ts', true, true],
  ['pipeline/screen.ts', 'store/sqlite/open.ts', false, false],
  ['commands/open.ts', 'store/sqlite/open.ts', false, true],
  ['views/table.ts', 'pipeline/screen.ts', true, true],
  ['views/table.ts', 'pipeline/screen.ts', false, false],
  ['pipeline/screen.ts', 'views/table.ts', true, false],
  ['fhir/time.ts', 'study/model.ts', true, false],
  ['terminology/icd.ts', 'study/model.ts', true, false],
  ['study/load.ts', 'terminology/icd.ts', false, true],
  ['intake/read.ts', 'express', false, false],
  ['fhir/time.ts', 'attic/time.ts', false, false],
])('the check itself: %s → %s (types only: %s) may be: %s', (from, to, typeOnly, allowed) => {
  expect(breach({ from, to, typeOnly }) === null).toBe(allowed);
});

test('every form of import is seen', () => {
  const text = [
    `import a from './a.ts';`,
    `import type { B } from '../record/b.ts';`,
    `import {\n  c,\n  type D,\n} from "../fhir/c.ts";`,
    `export * from './e.ts';`,
    `export type { F } from './f.ts';`,
    `import './g.ts';`,
    `const h = await import('./h.ts');`,
    `import { i } from 'express';`,
  ].join('\n');
  expect(importsOf('intake/x.ts', text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ['intake/a.ts', false],
    ['record/b.ts', true],
    ['fhir/c.ts', false],
    ['intake/e.ts', false],
    ['intake/f.ts', true],
    ['intake/g.ts', false],
    ['intake/h.ts', false],
    ['express', false],
  ]);
});

test('nothing is called util or helper', () => {
  const roots = ['src', 'test', 'bin', 'studies', 'sites', 'demo'].map((name) => join(SRC, '..', name));
  const names = roots.flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }));
  expect(names.filter((name) => /(^|[^a-z])(utils?|helpers?)([^a-z]|$)/i.test(name.split('/').at(-1)!))).toEqual([]);
});

test('most files are short: three in four under 120 lines, none over 300', () => {
  const lengths = files.map((file) => ({ file, lines: textOf(file).trimEnd().split('\n').length }));
  expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
  expect(lengths.filter(({ lines }) => lines < 120).length / lengths.length).toBeGreaterThanOrEqual(0.75);
});
