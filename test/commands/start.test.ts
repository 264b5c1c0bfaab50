import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AS_OF, command, FILES, folder, program } from './command.ts';
import { ndjson, person } from './people.ts';

/** A folder with a feed, the report and the store of its screening in `out`. */
async function place(): Promise<{ at: string; feed: string; out: string }> {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1)));
  return { at, feed, out: join(at, 'out') };
}

async function nothingWritten(out: string): Promise<void> {
  for (const name of FILES) await expect(access(join(out, name))).rejects.toThrow();
}

test('a path that does not exist is named; nothing is screened', async () => {
  const { at, feed, out } = await place();
  const done = await command('screen', feed, join(at, 'not-there'), '--out', out, ...AS_OF);
  expect(done).toEqual({
    code: 2,
    stdout: '',
    stderr: `Cannot be read, or is not there: ${join(at, 'not-there')}. Nothing was screened.\n`,
  });
  await nothingWritten(out);
});

test.each([
  ['an unknown site', ['--site', 'xx'], /There is no site "xx": known are bf, gz, nf, ya, zn\./],
  ['an unknown study', ['--study', 'nct0'], /There is no study "nct0"/],
  ['no folder of sites', ['--sites', '/nowhere'], /folder of sites cannot be read: \/nowhere/],
  ['an --as-of that is a word', ['--as-of', 'yesterday'], /--as-of takes a day such as 2025-06-01.*not "yesterday"/],
  ['an --as-of that is no day', ['--as-of', '2025-02-30'], /--as-of takes a day.*not "2025-02-30"/],
  ['an --as-of that is only a month', ['--as-of', '2025-06'], /--as-of takes a day.*not "2025-06"/],
])('%s', async (_name, args, message) => {
  const { feed, out } = await place();
  const { code, stdout, stderr } = await command('screen', feed, '--out', out, ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  await nothingWritten(out);
});

test.each([
  ['no path', ['screen'], /missing required argument/],
  ['an unknown format', ['screen', '.', '--format', 'xml'], /--format.*table, json/],
  ['an unknown option', ['screen', '.', '--nonsense'], /unknown option/],
  ['an unknown command', ['nonsense'], /unknown command/],
])('the command line itself: %s', (_name, args, message) => {
  const { code, stderr } = program(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('--help names every exit code and ends with 0', () => {
  const { code, stdout } = program(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/0 done; 1 done, but something was set aside; 2 could not start/);
});

describe('keys', () => {
  test('a folder without the keys of the store: the key is missing, none is made in its place', async () => {
    const { at, feed, out } = await place();
    await command('screen', feed, '--out', out, ...AS_OF);
    const { code, stderr } = await command('screen', feed, '--out', out, '--keys', join(at, 'empty'), ...AS_OF);
    expect(code).toBe(2);
    expect(stderr).toMatch(/The key that the store was written with is gone\. Put the original file back/);
    await expect(access(join(at, 'empty', 'ya.key'))).rejects.toThrow();
  });

  test('keys of another store', async () => {
    const [one, two] = [await place(), await place()];
    await command('screen', one.feed, '--out', one.out, ...AS_OF);
    await command('screen', two.feed, '--out', two.out, ...AS_OF);
    const keys = join(two.out, 'study-gateway.sqlite.keys');
    const { code, stderr } = await command('screen', one.feed, '--out', one.out, '--keys', keys, ...AS_OF);
    expect(code).toBe(2);
    expect(stderr).toMatch(/written with another key.*Name the key folder that belongs to it/);
  });

  test('a key that others may read', async () => {
    const { at, feed, out } = await place();
    await mkdir(join(at, 'keys'), { mode: 0o700 });
    await writeFile(join(at, 'keys', 'ya.key'), Buffer.alloc(32), { mode: 0o644 });
    const { code, stderr } = await command('screen', feed, '--out', out, '--keys', join(at, 'keys'), ...AS_OF);
    expect(code).toBe(2);
    expect(stderr).toMatch(/ya\.key: .*chmod 600/);
  });
});

describe('a store that is not ours', () => {
  test('no database at all', async () => {
    const { at, feed, out } = await place();
    const store = join(at, 'notes.txt');
    await writeFile(store, 'These are notes, no database. '.repeat(100));
    const { code, stderr } = await command('screen', feed, '--out', out, '--store', store, ...AS_OF);
    expect([code, stderr]).toEqual([
      2,
      'The file is not a store of this gateway. Name another file, or leave the option out.\n',
    ]);
    await nothingWritten(out);
  });

  test("another program's database", async () => {
    const { at, feed, out } = await place();
    const store = join(at, 'other.sqlite');
    const db = new DatabaseSync(store);
    db.exec('CREATE TABLE notes (text TEXT)');
    db.close();
    const { code, stderr } = await command('screen', feed, '--out', out, '--store', store, ...AS_OF);
    expect(code).toBe(2);
    expect(stderr).toMatch(/not a store of this gateway/);
  });
});
