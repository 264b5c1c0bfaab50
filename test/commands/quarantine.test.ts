import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pointToPatient } from '../feed/references.ts';
import { copyOf, removeFolders, replaceIn } from '../study/copied-folder.ts';
import { AS_OF, command, type Done, folder, rows, SITES_FOLDER } from './command.ts';
import { ctxOf, ndjson, person } from './people.ts';

afterAll(removeFolders);

const NAME = '测试姓名乙';
const MOVED = 'https://moved.ya.example.cn/fhir';

let out: string;
let sites: string;
/** Of the Patient whose name is no array. */
let oddId: string;
let common: string[];
const quarantine = (...args: string[]) => command('quarantine', ...args, ...common);
const idIn = (done: Done, mark: string) =>
  done.stdout
    .split('\n')
    .find((line) => line.includes(mark))!
    .split(' ')[0]!;
const lines = (done: Done) => done.stdout.trimEnd().split('\n');
const tables = () => {
  const db = new DatabaseSync(join(out, 'study-gateway.sqlite'), { readOnly: true });
  const all = ['audit', 'hospital_quarantine', 'hospital_record', 'hospital_move', 'study_subject'].map((name) =>
    db.prepare(`SELECT * FROM ${name}`).all(),
  );
  db.close();
  return all;
};

beforeAll(async () => {
  out = await folder();
  sites = copyOf(SITES_FOLDER);
  common = ['--store', join(out, 'study-gateway.sqlite'), '--sites', sites, ...AS_OF];
  const [patient, ...rest] = person(1);
  const ctx = ctxOf(1);
  const moved = pointToPatient(ctx, rest, { reference: `${MOVED}/Patient/${ctx.patientId}` });
  const odd = { ...patient, id: 'odd', name: { text: NAME } };
  const stray = { resourceType: 'Condition', id: 'stray', subject: { reference: 'Patient/x' } };
  const feed = join(out, 'feed.ndjson');
  await writeFile(feed, ndjson(patient!, ...moved, odd, stray));
  const screened = await command('screen', feed, '--out', out, '--sites', sites, ...AS_OF);
  expect([screened.code, screened.stderr]).toEqual([1, '']);
  expect(await rows(out, 'worklist.ndjson')).toEqual([]);
});

test('quarantine.ndjson is as it was: place, reason, expression, message', async () => {
  const set = await rows(out, 'quarantine.ndjson');
  expect(set).toHaveLength(person(1).length - 1 + 2);
  for (const row of set) expect(Object.keys(row)).toEqual(['file', 'line', 'entry', 'reason', 'expression', 'message']);
});

test('list and show say what and where, and what can be tried again; never what was in it', async () => {
  const all = await quarantine('list');
  expect([all.code, all.stderr]).toEqual([1, '']);
  expect(lines(all).at(-1)).toBe(`${person(1).length + 1} open`);
  const bySite = await quarantine('list', '--site', 'ya', '--reason', 'shape');
  expect(lines(bySite)).toEqual([
    expect.stringMatching(/^[a-z2-7]{26} ya \S+Z \S+feed\.ndjson:\d+ shape Patient\.name \(×1\): The element .*\.$/),
    '1 open',
  ]);
  const stray = await quarantine('list', '--reason', 'site-unknown');
  expect(stray.stdout).toMatch(/^\S+ – .*\(×1, cannot be tried again\): /);
  const shown = await quarantine('show', idIn(stray, ' site-unknown '));
  expect(shown.stdout).toContain('not kept: it is not known from which hospital it comes; send it again with --site');
  expect((await quarantine('list', '--site', 'nf')).stdout).toBe('0 open\n');
  oddId = idIn(bySite, ' shape ');
  const odd = await quarantine('show', oddId);
  expect(odd.stdout).toContain('kept, sealed (--content shows it, and is audited)');
  for (const { stdout } of [all, bySite, stray, shown, odd]) expect(stdout).not.toContain(NAME);
});

test('show --content shows what was refused, and leaves an audit row', async () => {
  const done = await quarantine('show', oddId, '--content');
  expect(done.stdout).toContain(NAME);
  const [audit] = tables();
  expect(audit!.at(-1)).toMatchObject({ action: 'quarantine-content-shown', object: oddId });
  expect(JSON.stringify(audit)).not.toContain('odd');
  expect((await readFile(join(out, 'study-gateway.sqlite'))).includes(NAME)).toBe(false);
});

test('what names no row, nothing at all, or a row of another hospital stops before anything is tried', async () => {
  const before = tables();
  const none = 'a'.repeat(26);
  for (const args of [[oddId, none], [oddId, '--site', 'nf'], []]) {
    const done = await quarantine('retry', ...args);
    expect([args, done.code, done.stdout]).toEqual([args, 2, '']);
    expect(done.stderr).toMatch(/^(The quarantine of this store has no row|Give ids of quarantine list, or --all)/);
  }
  expect((await quarantine('show', oddId, '--site', 'nf')).code).toBe(2);
  expect(tables()).toEqual(before);
  const elsewhere = await command('quarantine', 'list', '--store', join(out, 'other.sqlite'));
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('There is no store')]);
});

test('retry, after the address of the site is mended: the person is screened; again, and nothing changes', async () => {
  const first = await quarantine('retry', '--all', '--site', 'ya');
  expect([first.code, lines(first).at(-1)]).toEqual([
    1,
    `0 taken in, 0 taken in before, ${person(1).length} refused again, 0 not tried`,
  ]);
  replaceIn(sites, 'ya/site.yaml', 'fhirBase: https://ya.example.cn/fhir', `fhirBase: ${MOVED}`);
  const ids = lines(await quarantine('list', '--reason', 'subject-foreign'))
    .slice(0, -1)
    .map((line) => line.split(' ')[0]!);
  const done = await quarantine('retry', ...ids);
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(lines(done)).toEqual([
    `${ids.length} taken in, 0 taken in before, 0 refused again, 0 not tried`,
    'screened: 1 people, 1 subjects',
  ]);
  const [audit, kept, , , subjects] = tables();
  expect(audit).toContainEqual(
    expect.objectContaining({ action: 'quarantine-retried', object: ids[0], detail: 'resolved' }),
  );
  expect(subjects!.map(({ body }) => JSON.parse(String(body)).status)).toEqual(['eligible']);
  expect(kept!.filter(({ content }) => content !== null)).toHaveLength(1);

  const before = tables();
  const again = await quarantine('retry', ...ids);
  expect(lines(again).at(-1)).toBe(`0 taken in, ${ids.length} taken in before, 0 refused again, 0 not tried`);
  expect([again.code, tables()]).toEqual([0, before]);
});
