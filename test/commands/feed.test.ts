import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AS_OF, command, folder, programReading, rows, summaryOf } from './command.ts';
import { gzipped, ndjson, person, withoutSource } from './people.ts';

async function screen(files: Record<string, string | Uint8Array>, ...args: string[]) {
  const at = await folder();
  const feed = join(at, 'feed');
  await mkdir(feed);
  for (const [name, content] of Object.entries(files)) await writeFile(join(feed, name), content);
  const out = join(at, 'out');
  const done = await command('screen', feed, '--out', out, ...AS_OF, ...args);
  return {
    ...done,
    feed,
    worklist: await rows(out, 'worklist.ndjson'),
    quarantine: await rows(out, 'quarantine.ndjson'),
  };
}

const brief = (worklist: { site: string; patient: string; status: string }[]) =>
  worklist.map(({ site, patient, status }) => `${site} ${patient} ${status}`);

test('- reads standard input, plain or gzip', async () => {
  const text = ndjson(...person(1));
  for (const input of [text, gzipped(text)]) {
    const out = join(await folder(), 'out');
    const done = await programReading(['screen', '-', '--out', out, ...AS_OF], [input]);
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(brief(await rows(out, 'worklist.ndjson'))).toEqual(['ya Patient/ya-p-000001 eligible']);
  }
});

test('several sites in one file, told apart by meta.source', async () => {
  const mixed = [...person(1, undefined, 'ya'), ...person(1, undefined, 'nf'), ...person(2, undefined, 'gz')];
  const { code, worklist } = await screen({ 'all.ndjson': ndjson(...mixed) });
  expect(code).toBe(0);
  expect(brief(worklist)).toEqual([
    'gz Patient/gz-p-000002 eligible',
    'nf Patient/nf-p-000001 eligible',
    'ya Patient/ya-p-000001 eligible',
  ]);
});

test('--site names the hospital of what does not name one itself', async () => {
  const silent = person(1).map(withoutSource);
  const named = await screen({ 'a.ndjson': ndjson(...silent) }, '--site', 'ya');
  expect([named.code, brief(named.worklist)]).toEqual([0, ['ya Patient/ya-p-000001 eligible']]);
  const unnamed = await screen({ 'a.ndjson': ndjson(...silent) });
  expect([unnamed.code, unnamed.worklist]).toEqual([1, []]);
  expect(unnamed.quarantine.map(({ reason }) => reason)).toEqual(silent.map(() => 'site-unknown'));
  expect(unnamed.quarantine[0].message).toContain('give --site');
});

test('--site that contradicts meta.source sets aside what is of another hospital, and only that', async () => {
  const [own, other] = [person(1), person(1, undefined, 'nf')];
  const { code, worklist, quarantine } = await screen({ 'a.ndjson': ndjson(...other, ...own) }, '--site', 'ya');
  expect([code, brief(worklist)]).toEqual([1, ['ya Patient/ya-p-000001 eligible']]);
  expect(quarantine.map(({ reason, line }) => [reason, line])).toEqual(other.map((_, at) => ['site-conflict', at + 1]));
  expect(quarantine[0].message).toMatch(/under its own --site, or without --site/);
});

test('a folder is read in the order of its file names; hidden files are not', async () => {
  const bad = (type: string) => `${JSON.stringify({ resourceType: type, id: 'x' })}\n`;
  const files = { 'b.ndjson': bad('B'), 'a.ndjson.gz': gzipped(bad('A')), '.hidden': bad('H'), 'B.json': bad('C') };
  const { feed, quarantine } = await screen(files);
  expect(quarantine.map(({ file }) => file.slice(feed.length + 1))).toEqual(['B.json', 'a.ndjson.gz', 'b.ndjson']);
});

test('files of any name: pretty-printed JSON, a Bundle, gzip; evidence before its patient', async () => {
  const [patient, ...rest] = person(1);
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: rest.map((resource) => ({ resource })) };
  const { code, worklist } = await screen({
    'a.txt': gzipped(JSON.stringify(bundle)),
    b: JSON.stringify(patient, null, 2),
  });
  expect([code, brief(worklist)]).toEqual([0, ['ya Patient/ya-p-000001 eligible']]);
});

test('two runs over halves of a feed end as one run over the whole', async () => {
  const at = await folder();
  const resources = person(1);
  const [first, second, all] = [join(at, '1'), join(at, '2'), join(at, '3')];
  await writeFile(first, ndjson(...resources.filter((_, index) => index % 2 === 0)));
  await writeFile(second, ndjson(...resources.filter((_, index) => index % 2 === 1)));
  await writeFile(all, ndjson(...resources));
  const keys = ['--keys', join(at, 'keys')];
  const [halves, whole] = [join(at, 'halves'), join(at, 'whole')];
  await command('screen', second, '--out', halves, ...keys, ...AS_OF);
  await command('screen', first, '--out', halves, ...keys, ...AS_OF);
  await command('screen', all, '--out', whole, ...keys, ...AS_OF);
  const worklist = (out: string) => readFile(join(out, 'worklist.ndjson'), 'utf8');
  expect(await worklist(halves)).toBe(await worklist(whole));
  expect((await summaryOf(whole)).funnel).toEqual((await summaryOf(halves)).funnel);
});
