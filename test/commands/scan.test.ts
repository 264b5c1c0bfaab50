import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { purgeCommand } from '../../src/commands/purge.ts';
import { identifiersOfFeed, scanCommand, sourceOf } from '../../src/commands/scan.ts';
import type { Identifier } from '../../src/identity/identifiers-of.ts';
import { createScanner, type Hit, type Scanner, type ScanSource } from '../../src/identity/scanner.ts';
import { HOME } from '../pipeline/gateway.ts';
import { command, folder, SITES_FOLDER, STUDY } from './command.ts';

const FEED = join(HOME, 'demo', 'feed');
/** What stays at the hospital and names its resources. */
const AT_HOSPITAL = /^(worklist\.ndjson|quarantine\.ndjson|study-gateway\.sqlite(-\w+)?|study-gateway\.sqlite\.keys)$/;

let out: string;
let who: Identifier[];
let scanner: Scanner;
const printed = { stdout: '', stderr: '' };

beforeAll(async () => {
  out = await folder();
  const demo = await command('demo', '--out', out);
  expect(demo.code).toBe(0);
  const store = join(out, 'study-gateway.sqlite');
  const purging = await caught(() =>
    purgeCommand({ study: STUDY, sites: SITES_FOLDER, store, asOf: '2027-01-15', dryRun: true, out }),
  );
  printed.stdout = demo.stdout.replaceAll(out, '') + purging.stdout.replaceAll(out, '');
  printed.stderr = demo.stderr;
  who = (await identifiersOfFeed([FEED])).identifiers;
  scanner = createScanner(who);
}, 240_000);

/** What a command gives and prints. */
async function caught(run: () => Promise<number>): Promise<{ code: number; stdout: string }> {
  const write = process.stdout.write;
  let stdout = '';
  process.stdout.write = ((text: string) => {
    stdout += text;
    return true;
  }) as typeof process.stdout.write;
  try {
    return { code: await run(), stdout };
  } finally {
    process.stdout.write = write;
  }
}

async function found(...sources: ScanSource[]): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const source of sources) for await (const hit of scanner.scan(source)) hits.push(hit as Hit);
  return hits;
}
const text = (name: string, content: string): ScanSource => ({ name, content: [Buffer.from(content)] });
const fileOf = (name: string) => ({ ...sourceOf(join(out, name)), name });

test('the feed names enough for the rest to mean something', () => {
  const kinds = Map.groupBy(who, ({ kind }) => kind);
  const least = { name: 200, contact: 40, 'birth-date': 100, 'record-number': 400, 'resource-id': 2000 };
  for (const [kind, count] of Object.entries(least)) {
    expect([kind, kinds.get(kind as Identifier['kind'])!.length > count]).toEqual([kind, true]);
  }
  expect(scanner.tooShort).toBe(0);
});

test('nothing that a demo run and a purge leave for the study side, or print, names anybody', async () => {
  const names = await readdir(out);
  const files = names.filter((name) => !AT_HOSPITAL.test(name));
  expect(files).toEqual(expect.arrayContaining(['screening-log.csv', 'subjects.ndjson', 'summary.json']));
  expect(files.some((name) => name.startsWith('purge-dry-run-'))).toBe(true);
  expect(await found(...files.map(fileOf))).toEqual([]);
  expect(await found(...names.map((name) => text(name, '')))).toEqual([]);
  expect(printed.stdout.length).toBeGreaterThan(2000);
  expect(await found(text('stdout', printed.stdout), text('stderr', printed.stderr))).toEqual([]);
});

test('nor do the tables of the study side, or the audit', async () => {
  const db = new DatabaseSync(join(out, 'study-gateway.sqlite'), { readOnly: true });
  try {
    const rows = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    const tables = rows.map(({ name }) => String(name)).filter((name) => !name.startsWith('hospital_'));
    expect(tables).toEqual(expect.arrayContaining(['study_subject', 'study_research', 'study_number', 'audit']));
    const dumps = tables.map((name) => text(name, JSON.stringify(db.prepare(`SELECT * FROM ${name}`).all())));
    expect(dumps.find(({ name }) => name === 'study_subject')!.content).not.toEqual([]);
    expect(await found(...dumps)).toEqual([]);
    const records = text('hospital_record', JSON.stringify(db.prepare('SELECT * FROM hospital_record').all()));
    expect((await found(records)).length).toBeGreaterThan(1000);
  } finally {
    db.close();
  }
});

test('what stays at the hospital names its resources and nobody', async () => {
  const hits = await found(fileOf('worklist.ndjson'), fileOf('quarantine.ndjson'));
  expect(hits.length).toBeGreaterThan(500);
  expect([...new Set(hits.map(({ kind }) => kind))]).toEqual(['resource-id']);
});

test('negative control: one of each kind, planted in a real file in every encoding, is found', async () => {
  const clean = await readFile(join(out, 'summary.json'), 'utf8');
  const escaped = (value: string) =>
    [...value].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const encoded = (value: string) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16)}`).join('');
  for (const kind of ['name', 'contact', 'birth-date', 'record-number', 'resource-id'] as const) {
    const { value } = who.find((one) => one.kind === kind)!;
    const plants = [value, value.toUpperCase(), escaped(value), encoded(value)].map((plant) =>
      Buffer.from(clean.replace('{', `{"planted":"${plant}",`)),
    );
    plants.push(Buffer.from(clean.replace('{', `{"planted":"${value}",`), 'utf16le'));
    for (const bytes of plants) {
      for (const content of [bytes, gzipSync(bytes)]) {
        expect([kind, (await found({ name: 'summary.json', content: [content] })).map((hit) => hit.kind)]).toEqual([
          kind,
          [kind],
        ]);
      }
    }
  }
});

test('the command prints where, never what, and says by its exit code whether anything was found', async () => {
  const dir = await folder();
  await mkdir(join(dir, 'deep'));
  const id = who.find(({ kind }) => kind === 'resource-id')!.value;
  await writeFile(join(dir, 'a.csv'), `x,${id}\n`);
  await writeFile(join(dir, 'deep', `.${id}.json`), gzipSync(`[{"id":"${id}"}]`));
  await writeFile(join(dir, 'deep', 'broken.gz'), gzipSync('x').subarray(0, 12));
  const done = await caught(() => scanCommand([FEED], { in: [dir] }));
  expect(done.code).toBe(1);
  const lines = done.stdout.replaceAll(dir, '').split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '/a.csv\t2\tresource-id\tplain',
    '/deep/.***.json\tname\tresource-id\tplain',
    '/deep/.***.json\t8\tresource-id\tplain in gzip',
    '/deep/broken.gz\t-\tgzip-broken\t-',
  ]);
  expect(lines[4]).toMatch(/^3 files looked through for \d+ texts: 4 found\.$/);
  expect(lines[5]).toMatch(/^\d+ items of the feed cannot be read/);
  expect(done.stdout).not.toContain(id);
  await writeFile(join(dir, 'clean'), 'nothing');
  expect((await caught(() => scanCommand([FEED], { in: [join(dir, 'clean')] }))).code).toBe(0);
  await expect(scanCommand([FEED], { in: [join(dir, 'missing')] })).rejects.toThrow('is not there');
  await expect(scanCommand([join(dir, 'clean')], { in: [dir] })).rejects.toThrow('holds no identifier');
});
