import { spawn } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hepatitisB, openRequest } from '../feed/baseline.ts';
import { concept, condition, icd10 } from '../feed/builders.ts';
import { AS_OF, command, folder, PROGRAM, programReading, rows, summaryOf } from './command.ts';
import { ctxOf, gzipped, ndjson, person } from './people.ts';

/** Somebody in whose data there is nothing of the study. */
const bystander = (number: number) =>
  person(number, (ctx) => ({
    disease: [condition(ctx, { code: concept(icd10('I10')) })],
    consents: [],
    need: [],
    hiv: [],
  })).filter(({ resourceType }) => /^(Patient|Condition|Observation)$/.test(resourceType));

const OBSERVATIONS = bystander(2).filter(({ resourceType }) => resourceType === 'Observation').length;

test('lines about people of whom nothing is known are passed over, counted and told; --full reads them', async () => {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1), ...bystander(2)));
  const { stdout } = await command('screen', feed, '--out', join(at, 'a'), '--keys', join(at, 'keys'), ...AS_OF);
  expect(stdout).toMatch(/passed over unchecked, nothing of the study being known: 1\n/);
  const scanned = await summaryOf(join(at, 'a'));
  expect(scanned.ignored.Observation['person-without-evidence']).toBe(OBSERVATIONS);
  expect(scanned.passedOver).toEqual({ people: 1, subjects: 0 });
  await command('screen', feed, '--out', join(at, 'b'), '--keys', join(at, 'keys'), '--full', ...AS_OF);
  const full = await summaryOf(join(at, 'b'));
  expect(full.ignored.Observation?.['person-without-evidence']).toBeUndefined();
  expect(full.passedOver).toEqual({ people: 0, subjects: 0 });
  expect([full.people, full.resources.read]).toEqual([scanned.people, scanned.resources.read]);
  expect(await readFile(join(at, 'a', 'worklist.ndjson'))).toEqual(await readFile(join(at, 'b', 'worklist.ndjson')));
});

test('of somebody who becomes a subject later, summary and explain say that earlier data was passed over', async () => {
  const at = await folder();
  const [earlier, later] = [join(at, 'earlier.ndjson'), join(at, 'later.ndjson')];
  await writeFile(earlier, ndjson(...bystander(2)));
  const ctx = { ...ctxOf(2), id: (kind: string) => `later-${kind}` };
  await writeFile(later, ndjson(...hepatitisB(ctx), ...openRequest(ctx)));
  const out = join(at, 'out');
  const screen = (feed: string) => command('screen', feed, '--out', out, ...AS_OF);
  const explain = () =>
    command('explain', 'Patient/ya-p-000002', '--store', join(out, 'study-gateway.sqlite'), ...AS_OF);
  await screen(earlier);
  const { stdout } = await screen(later);
  expect(stdout).toMatch(/SUBJECTS of whom earlier data was passed over: 1\. Screen the earlier export again/);
  expect((await summaryOf(out)).passedOver).toEqual({ people: 1, subjects: 1 });
  expect((await explain()).stdout).toMatch(
    new RegExp(`earlier data was passed over \\(${OBSERVATIONS + 1} resources\\): screen the earlier export again`),
  );
  await screen(earlier);
  expect((await summaryOf(out)).passedOver).toEqual({ people: 0, subjects: 0 });
  expect((await explain()).stdout).not.toMatch(/passed over/);
});

test('standard input is scanned twice, plain or packed, and leaves no file behind', async () => {
  const at = await folder();
  const text = ndjson(...bystander(2), ...person(1));
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('study-gateway-'));
  for (const [name, content] of [
    ['plain', Buffer.from(text)],
    ['packed', gzipped(text)],
  ] as const) {
    const out = join(at, name);
    const pieces = Array.from({ length: Math.ceil(content.length / 777) }, (_, n) =>
      content.subarray(n * 777, n * 777 + 777),
    );
    expect((await programReading(['screen', '-', '--out', out, '--workers', '2', ...AS_OF], pieces)).code).toBe(0);
    expect((await rows(out, 'worklist.ndjson')).map(({ patient }) => patient)).toEqual(['Patient/ya-p-000001']);
    expect((await summaryOf(out)).passedOver.people).toBe(1);
  }
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('study-gateway-'))).toEqual(before);
});

test('a run that is interrupted leaves a store that the next run completes', async () => {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(
    feed,
    ndjson(...Array.from({ length: 150 }, (_, n) => [...person(n + 1), ...bystander(n + 1000)]).flat()),
  );
  const store = join(at, 'out', 'study-gateway.sqlite');
  const args = ['screen', feed, '--out', join(at, 'out'), '--workers', '2', ...AS_OF];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)));
  // Its first units are written: it is amid the feed.
  while (((await stat(`${store}-wal`).catch(() => null))?.size ?? 0) < 400_000)
    await new Promise((go) => setTimeout(go, 5));
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect((await command(...args)).code).toBe(0);
  const fresh = join(at, 'fresh');
  await command('screen', feed, '--out', fresh, '--keys', `${store}.keys`, ...AS_OF);
  for (const name of ['worklist.ndjson', 'unmapped-codes.csv', 'screening-log.csv']) {
    expect(await readFile(join(at, 'out', name), 'utf8')).toBe(await readFile(join(fresh, name), 'utf8'));
  }
}, 120_000);

test.each(['0', 'two', '-1', '1000'])('--workers %s is refused', async (workers) => {
  const { code, stderr } = await command('screen', '.', '--workers', workers);
  expect([code, /whole number from 1 on/.test(stderr)]).toEqual([2, true]);
});
