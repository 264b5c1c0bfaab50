import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PurgeOptions, purgeCommand } from '../../src/commands/purge.ts';
import type { PurgeReport } from '../../src/pipeline/purge.ts';
import { loadSites } from '../../src/study/site.ts';
import { copyOf, removeFolders, replaceIn } from '../study/copied-folder.ts';
import { AS_OF, command, folder, SITES_FOLDER, STUDY } from './command.ts';
import { ndjson, person } from './people.ts';

afterAll(removeFolders);

let out: string;
beforeEach(async () => {
  out = await folder();
  const feed = join(out, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1, () => ({ consents: [] })), ...person(2)));
  expect((await command('screen', ...AS_OF, '--out', out, feed)).code).toBe(0);
});

/** Runs the command and catches what it prints. */
async function purged(more: Partial<PurgeOptions> = {}): Promise<{ code: number; stdout: string }> {
  const store = join(out, 'study-gateway.sqlite');
  const options = { study: STUDY, sites: SITES_FOLDER, store, asOf: '2026-01-15', out: join(out, 'proof'), ...more };
  const write = process.stdout.write;
  let stdout = '';
  process.stdout.write = ((text: string) => {
    stdout += text;
    return true;
  }) as typeof process.stdout.write;
  try {
    return { code: await purgeCommand(options), stdout };
  } finally {
    process.stdout.write = write;
  }
}

const reports = async () => (await readdir(join(out, 'proof'))).sort();
const IDS = /ya-[a-z]+-0|YA-TEST/;

test('prints the proof and keeps it as JSON and text, for the owner only, without ids', async () => {
  const done = await purged();
  expect(done.code).toBe(0);
  const names = await reports();
  expect(names).toEqual([expect.stringMatching(/^purge-\d.*\.json$/), expect.stringMatching(/^purge-\d.*\.txt$/)]);
  const [json, text] = await Promise.all(names.map((name) => readFile(join(out, 'proof', name), 'utf8')));
  const report = JSON.parse(json!) as PurgeReport;
  expect(report.purged).toEqual([{ site: 'ya', reason: 'no-consent', count: 1 }]);
  expect(report.kept).toEqual([{ site: 'ya', reason: 'consent', count: 1 }]);
  expect(report.tombstones.find(({ site }) => site === 'ya')).toMatchObject({ before: 0, after: 1 });
  expect(done.stdout.startsWith(text!)).toBe(true);
  expect(text).toContain('Purged as of 2026-01-15');
  expect(text).toMatch(new RegExp(`after: {2}${report.tombstoneHash.after}`));
  expect(`${json}${text}`).not.toMatch(IDS);
  for (const name of names) expect((await stat(join(out, 'proof', name))).mode & 0o777).toBe(0o600);
});

test('a dry run leaves everybody, says so, and reports beside the real one', async () => {
  const dry = await purged({ dryRun: true });
  expect(dry.stdout).toContain('DRY RUN');
  const done = await purged();
  expect(done.stdout).toContain('at 20');
  expect(await reports()).toHaveLength(4);
  const again = await purged();
  expect(again.stdout).toMatch(/: 0\.\n/);
});

test('a clock in the future, and a store that is not there, stop before anything is deleted', async () => {
  await expect(purged({ asOf: '2999-01-01' })).rejects.toThrow('lies in the future');
  expect((await purged({ asOf: '2999-01-01', dryRun: true })).code).toBe(0);
  await expect(purged({ store: join(out, 'other.sqlite') })).rejects.toThrow('There is no store');
  await expect(stat(join(out, 'other.sqlite'))).rejects.toThrow();
});

describe('purgeAfterDays of a site', () => {
  const faults = async (text: string) => {
    const root = copyOf(SITES_FOLDER);
    const line = replaceIn(root, 'ya/site.yaml', 'purgeAfterDays: 180\n', text);
    const read = await loadSites(root);
    return { line, days: read.ok && read.value.get('ya')!.purgeAfterDays, faults: read.ok ? [] : read.faults };
  };

  test.each(['0', '-1', '1.5', '"180"', 'soon'])('%s is a mistake', async (days) => {
    const { line, faults: found } = await faults(`purgeAfterDays: ${days}\n`);
    expect(found).toEqual([
      { file: 'ya/site.yaml', line, path: 'purgeAfterDays', message: expect.stringContaining('a whole number') },
    ]);
  });

  test('it is read; without it 180 days', async () => {
    expect((await faults('purgeAfterDays: 30\n')).days).toBe(30);
    expect((await faults('')).days).toBe(180);
  });
});
