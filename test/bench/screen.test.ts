import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchFeed, benchFeed } from '../../bench/screen/feed.ts';
import { offered, screenOnce, waysOf } from '../../bench/screen/ours.ts';
import { run } from '../../bench/screen/run.ts';
import { studiesIn } from '../../bench/screen/studies.ts';

const BENCH = join(import.meta.dirname, '..', '..', 'bench', 'screen');
const PATIENT = 'aaaaaaaa-1111-4222-8333-444444444444';
const STAY = 'bbbbbbbb-1111-4222-8333-555555555555';

let folder: string;
let synthea: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'test-bench-'));
  synthea = join(folder, 'exported');
  mkdirSync(synthea);
  const subject = { reference: `Patient/${PATIENT}` };
  const code = { coding: [{ system: 'http://snomed.info/sct', code: '22253000' }] };
  const identifier = [{ system: 'urn:card', value: '999-12-3456' }];
  const put = (name: string, resource: object) => writeFileSync(join(synthea, name), `${JSON.stringify(resource)}\n`);
  put('Condition.000.ndjson', {
    ...{ resourceType: 'Condition', id: 'cccccccc-1111-4222-8333-666666666666', code, subject },
    encounter: { reference: `Encounter/${STAY}` },
  });
  put('Encounter.000.ndjson', {
    ...{ resourceType: 'Encounter', id: STAY, status: 'finished', subject },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  });
  put('Patient.000.ndjson', { resourceType: 'Patient', id: PATIENT, identifier, birthDate: '1980-01-02' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const make = (root: string, seed = 'test', people = 40): BenchFeed =>
  benchFeed({ people, labs: 12, seed, synthea }, join(folder, root));

function filesOf(feed: BenchFeed): Record<string, string> {
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const types = readdirSync(feed.folder).map((name) => [name, hash(join(feed.folder, name))]);
  return { ...Object.fromEntries(types), first: hash(feed.first) };
}

const resourcesIn = (feed: BenchFeed, type: string) =>
  readFileSync(join(feed.folder, `${type}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('the same parameters give the same bytes, another seed gives others', () => {
  const [one, again, other] = [make('one'), make('again'), make('one', 'other')];
  expect(filesOf(again)).toEqual(filesOf(one));
  expect(filesOf(other)['Observation.ndjson']).not.toBe(filesOf(one)['Observation.ndjson']);
  expect(one.people).toBe(40);
  expect(one.demo.length).toBe(4);
  expect(one.standIn).toBe(false);
});

test('a feed that lies there is used as it is', () => {
  const { folder: there } = make('kept');
  writeFileSync(join(there, 'Patient.ndjson'), 'kept');
  expect(readFileSync(join(make('kept').folder, 'Patient.ndjson'), 'utf8')).toBe('kept');
});

test('copies are people of their own: no id or identifier twice, every reference leads to the copy itself', () => {
  const feed = make('one');
  const patients = resourcesIn(feed, 'Patient');
  const [stays, conditions] = [resourcesIn(feed, 'Encounter'), resourcesIn(feed, 'Condition')];
  expect(patients.length).toBe(40);
  expect(new Set(patients.map(({ id }) => id)).size).toBe(40);
  const identifiers = patients.flatMap(({ identifier }) => identifier.map(({ value }: { value: string }) => value));
  expect(new Set(identifiers).size).toBe(identifiers.length);
  const copied = conditions.filter(({ encounter }) => encounter);
  expect(copied.length).toBe(36);
  const owners = new Map(stays.map(({ id, subject }) => [`Encounter/${id}`, subject.reference]));
  for (const { encounter, subject } of copied) expect(owners.get(encounter.reference)).toBe(subject.reference);
  const known = new Set(patients.map(({ id }) => `Patient/${id}`));
  const strangers = resourcesIn(feed, 'Observation').filter(({ subject }) => !known.has(subject.reference));
  expect(strangers).toEqual([]);
});

test('without exported people made-up ones stand in', () => {
  const feed = benchFeed({ people: 2, labs: 3, seed: 'test', synthea: join(folder, 'nowhere') }, join(folder, 'in'));
  expect(feed.standIn).toBe(true);
  expect(new Set(resourcesIn(feed, 'Patient').map(({ id }) => id)).size).toBe(2);
  expect(resourcesIn(feed, 'Encounter').length).toBe(400);
});

test('every way to screen finds the people of the demo generator as they were told, and all ways the same', async () => {
  const feed = make('one');
  const keys = join(folder, 'keys');
  const found = [];
  const several = studiesIn(join(folder, 'studies'), 2);
  const ways = waysOf(offered(), several);
  expect(ways.map(({ name }) => name)).toEqual([
    'screen, one core',
    'screen, two workers',
    'screen --full, one core',
    'screen, ten studies, one core',
  ]);
  for (const way of ways) found.push((await screenOnce(feed, way, keys)).found);
  for (const one of found) expect(one).toEqual({ ...found[0], unexpected: [] });
  expect(found[0]).toMatchObject({ people: 40, subjects: 3, eligible: 3, unexpected: [] });
  // Of the four people told, three are eligible; one has a hemangioma of the skin only, and is no subject.
  expect(feed.demo.map(({ status }) => status)).toEqual(['eligible', 'eligible', null, 'eligible']);
});

test('JSON.parse reads every line; the naive way and cql-execution answer every criterion alike', async () => {
  const feed = make('one');
  const told = async (name: string, ...args: string[]) =>
    (await run({ program: join(BENCH, `${name}.ts`), args, pinned: false })).said;
  expect(await told('parse', feed.folder)).toEqual({ lines: feed.lines });
  const [naive, cql] = [await told('naive', feed.first, '40'), await told('cql', feed.first, '40')];
  // As many as our subjects: the coarse criteria suffice for these people.
  for (const one of [naive, cql]) expect(one).toMatchObject({ people: 40, candidates: 3, trues: naive.trues });
  expect(naive.trues).toBe(33);
});

test('JSON.parse of lines longer than a chunk, over its end, and without a newline at the end', async () => {
  const wide = join(folder, 'wide');
  mkdirSync(wide);
  const filler = JSON.stringify({ filler: '肝'.repeat(1 << 20) });
  writeFileSync(join(wide, 'a.ndjson'), `{"a":1}\n${filler}\n\n${'{"b":"乙肝"}\n'.repeat(100_000)}{"c":3}`);
  const { said } = await run({ program: join(BENCH, 'parse.ts'), args: [wide], pinned: false });
  expect(said).toEqual({ lines: 100_003 });
});

test('a contestant that fails is told, with what it said', async () => {
  const failing = run({ program: join(BENCH, 'parse.ts'), args: [join(folder, 'nowhere')], pinned: false });
  await expect(failing).rejects.toThrow(/parse\.ts .* ended with 1:[\s\S]*ENOENT/);
});
