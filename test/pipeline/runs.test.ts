import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { printed } from './command-line.ts';
import { folder, ndjson } from './gateway.ts';

/** A feed of two people and one bad line, in a folder with room for the results. */
async function place(): Promise<{ feed: string; out: string; args: string[] }> {
  const dir = await folder();
  const [feed, out] = [join(dir, 'feed.ndjson'), join(dir, 'out')];
  const people = [b.feedContext('ya', 1), b.feedContext('nf', 1)].flatMap((ctx) => eligiblePerson(ctx));
  await writeFile(feed, `${ndjson(people)}{"resourceType":"Condition"\n`);
  return { feed, out, args: ['screen', '--as-of', '2025-06-01', '--out', out, feed] };
}

test('a second run leaves the subjects and everything else it writes byte by byte as they are', async () => {
  const { out, args } = await place();
  const files = ['subjects.ndjson', 'worklist.ndjson', 'quarantine.ndjson', 'unmapped-codes.csv', 'screening-log.csv'];
  const read = () => Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
  expect((await printed(...args)).code).toBe(1);
  const first = await read();
  expect(first[0]!.split('\n')).toHaveLength(3);
  expect((await printed(...args)).code).toBe(1);
  expect(await read()).toEqual(first);
});

test('the summary counts every resource once, and says what was set aside', async () => {
  const { out, args } = await place();
  await printed(...args);
  const { resources, quarantined, changes } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
  expect(resources.read).toBe(resources.accepted + resources.ignored + resources.quarantined);
  expect(quarantined).toEqual({ 'invalid-json': 1 });
  expect(changes.added).toBe(resources.accepted);
});

test('keys that the store was not written with are refused, whether other ones or none', async () => {
  const { out, args } = await place();
  await printed(...args);
  const before = await readFile(join(out, 'subjects.ndjson'), 'utf8');
  const other = await printed(...args, '--keys', join(out, 'other-keys'));
  expect(other.code).toBe(2);
  expect(other.stdout).toBe('');
  expect(other.stderr).toMatch(/key/i);
  await rm(join(out, 'study-gateway.sqlite.keys'), { recursive: true });
  expect((await printed(...args)).code).toBe(2);
  expect(await readFile(join(out, 'subjects.ndjson'), 'utf8')).toBe(before);
});

test.each([
  ['a path that is not there', ['screen', 'no/such/path'], 'no/such/path'],
  ['a site that nobody knows', ['screen', '--site', 'xx', import.meta.filename], 'xx'],
  ['a study that is not there', ['screen', '--study', 'no-study', import.meta.filename], 'no-study'],
  ['a clock that is no date', ['screen', '--as-of', '2025-02-30', import.meta.filename], '2025-02-30'],
])('%s cannot start, and is named', async (_, args, named) => {
  const { code, stdout, stderr } = await printed(...args, '--out', await folder());
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(named);
  expect(stderr).not.toMatch(/\n\s+at /);
});
