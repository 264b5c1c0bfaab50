import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOrder } from '../../bench/plan.ts';
import { type Result, readResults, resultOf, spreadOf, writeResult } from '../../bench/results.ts';
import { inTurns } from '../../bench/rounds.ts';
import { type Contestant, NAIVE, PARSE, PARSE_ONE } from '../../bench/screen/compare.ts';
import { ONE_CORE, TEN } from '../../bench/screen/ours.ts';
import { byRoom, selfTimes } from '../../bench/screen/profile.ts';
import { growthOf, targetsOf } from '../../bench/screen/targets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'test-results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a result takes the place of the one before it, the others stay, names are in order', () => {
  const file = join(folder, 'results.json');
  expect(readResults(file)).toEqual({});
  const [first, second] = [resultOf({ people: 1 }, ['x'], ['ajv']), resultOf({ people: 2 }, ['y'])];
  writeResult('screen', first, file);
  writeResult('map', first, file);
  writeResult('screen', second, file);
  expect(readResults(file)).toEqual({ map: first, screen: second });
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['map', 'screen']);
  expect(Object.keys(first)).toEqual(['date', 'machine', 'versions', 'parameters', 'seen']);
  expect(first.date).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(first.versions.node).toBe(process.versions.node);
  expect(first.versions.ajv).toMatch(/^8\./);
});

test('the results that are kept here can be read', () => {
  for (const { date, machine, versions, seen } of Object.values<Result>(readResults())) {
    expect(Date.parse(date)).toBeGreaterThan(0);
    expect(machine.cores).toBeGreaterThan(0);
    expect(versions.node).toBeDefined();
    expect(seen).toBeDefined();
  }
});

test('a spread has four figures', () => {
  expect(spreadOf([12345.6, 1.23456, 0.000123456])).toEqual({ median: 1.235, min: 0.0001235, max: 12350 });
});

test('turns are rotated, each variant once a round', async () => {
  const order: string[] = [];
  const variant = (name: string) => async () => order.push(name);
  const given = await inTurns({ a: variant('a'), b: variant('b'), c: variant('c') }, 3);
  expect(order.join('')).toBe('abcbcacab');
  expect([...given]).toEqual([
    ['a', [1, 6, 8]],
    ['b', [2, 4, 9]],
    ['c', [3, 5, 7]],
  ]);
});

test('a bench that fails, or does not end, is told and leaves the results as they were', async () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.ts`), text);
  write('good', 'console.log("one"); console.log("two");');
  write('bad', 'console.log("half"); process.exitCode = 3;');
  write('slow', 'setInterval(() => {}, 1000);');
  const file = join(folder, 'results.json');
  const plan = (name: string, seconds = 60) => ({ name, args: ['x'], seconds });
  const told: string[] = [];
  const all = [plan('bad'), plan('slow', 0.2), plan('good')];
  expect(await inOrder(all, folder, file, (line) => told.push(line))).toEqual(['bad', 'slow']);
  expect(told.filter((line) => !/ s$/.test(line) || /failed/.test(line))).toEqual([
    ...['\n### bad x', 'half', '### bad failed: it ended with 3'],
    ...['\n### slow x', '### slow failed: it did not end in 0.2 s'],
    ...['\n### good x', 'one', 'two'],
  ]);
  const results = readResults(file);
  expect(Object.keys(results)).toEqual(['good']);
  expect(results.good!.seen).toEqual({ lines: ['one', 'two'] });
});

test('targets are held against medians of the ratios of one round; what was not run is not measured', () => {
  const contestant = (name: string, walls: number[], rss: number, person = walls): Contestant => {
    const runs = walls.map((wall) => ({ wall, cpu: wall, rss, said: {} }));
    return { name, runs, person, way: null, found: null, candidates: null };
  };
  const all = [
    contestant(PARSE_ONE, [100, 300, 400], 80),
    contestant(PARSE, [90, 90, 90], 80),
    contestant(NAIVE, [9, 9, 9], 600, [50, 60, 70]),
    contestant(ONE_CORE, [50, 100, 400], 249, [2, 2, 2]),
    contestant(TEN, [50, 300, 2000], 300),
  ];
  expect(targetsOf(all).map(({ what, cores, seen, met }) => [what, cores, seen, met])).toEqual([
    ['× JSON.parse of the feed', 'one core', { median: 2, min: 1, max: 3 }, true],
    ['× the naive way, per person', 'one core', { median: 30, min: 25, max: 35 }, true],
    ['peak RSS, MiB', 'one core', { median: 249, min: 249, max: 249 }, true],
    ['× JSON.parse of the feed', 'two workers', null, null],
    ['× the naive way, per person', 'two workers', null, null],
    ['peak RSS, MiB', 'two workers', null, null],
    ['ten studies at once, × one', 'one core', { median: 3, min: 1, max: 5 }, false],
  ]);
});

test('growth of memory is told of ways to screen that were run at both sizes', () => {
  const found = { people: 1, subjects: 1, eligible: 1, unexpected: [], answers: 'a' };
  const way = (name: string, ...rss: number[]): Contestant => {
    const runs = rss.map((each) => ({ wall: 1, cpu: 1, rss: each, said: {} }));
    return { name, runs, person: [1], way: null, found, candidates: null };
  };
  const before = ['a', 'c'].map((name) => ({ name, rssMiB: { median: 200, min: 100, max: 300 } }));
  expect(growthOf([way('a', 100, 200, 500), way('b', 100), { ...way('c', 1), found: null }], before)).toEqual([
    { name: 'a', times: { median: 1, min: 0.5, max: 2.5 } },
  ]);
});

test('self times are added up by function and by room, without idle time', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 4 });
  const home = new URL('../../', import.meta.url).href;
  const nodes = [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('push', `${home}src/intake/scan.ts`) },
    { id: 3, callFrame: frame('', `${home}node_modules/@a/b/x.js`) },
    { id: 4, callFrame: frame('push', `${home}src/intake/scan.ts`) },
    { id: 5, callFrame: frame('(garbage collector)', '') },
    { id: 6, callFrame: frame('update', 'node:internal/crypto') },
    { id: 7, callFrame: frame('parse', '') },
  ];
  const profile = { nodes, samples: [1, 2, 3, 4, 5, 6, 7], timeDeltas: [9e6, 3e3, 2e3, 1e3, 1e3, 1e3, 2e3] };
  writeFileSync(join(folder, 'a.cpuprofile'), JSON.stringify(profile));
  const rooms = byRoom(selfTimes(folder), 1);
  expect(rooms.map(({ room, milliseconds, share }) => [room, milliseconds, share])).toEqual([
    ['src/intake', 4, 0.4],
    ['@a/b', 2, 0.2],
    ['native', 2, 0.2],
    ['garbage collector', 1, 0.1],
    ['node', 1, 0.1],
  ]);
  expect(rooms[0]!.top.map(({ where }) => where)).toEqual(['push src/intake/scan.ts:5']);
});
