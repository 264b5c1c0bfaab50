import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { identifiersOfFeed, sourceOf } from '../../src/commands/scan.ts';
import { createScanner } from '../../src/identity/scanner.ts';
import { HOME } from '../pipeline/gateway.ts';
import { command, type Done, folder } from './command.ts';

const FEED = join(HOME, 'demo', 'feed');
const TYPES = ['Condition', 'Observation', 'Patient', 'Procedure', 'ResearchSubject', 'Specimen'];
const TABLES = [
  ...['be.json', 'bs.json', 'cellxgene-donor.csv', 'cellxgene-sample.csv', 'criteria.csv', 'criteria.ndjson'],
  ...[
    'dm.json',
    'hca-donor.csv',
    'hca-sample.csv',
    'ie.json',
    'measurements.csv',
    'measurements.ndjson',
    'participants.csv',
    'participants.ndjson',
  ],
  ...['relspec.json', 'specimens.csv', 'specimens.ndjson', 'suppdm.json'],
];
/** In the order of their names, as they are posted. */
const NAMES = [...TYPES.map((type) => `${type}.ndjson`), ...TABLES];

let dir: string;
let server: Server;
let posted: { path: string; digest: string; authorization: string | undefined; body: Buffer }[];
let statuses: number[];
/** Everything that was printed. */
let printed = '';

beforeAll(async () => {
  dir = await folder();
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const digest = String(request.headers['content-digest']);
    const { authorization } = request.headers;
    posted.push({ path: request.url!, digest, authorization, body: Buffer.concat(parts) });
    response.writeHead(statuses.shift() ?? 201).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await mkdir(join(dir, 'agreements'));
  const example = await readFile(join(HOME, 'agreements', 'liver-omics.yaml'), 'utf8');
  const endpoint = `endpoint: http://127.0.0.1:${(server.address() as AddressInfo).port}/in/`;
  await writeFile(join(dir, 'agreements', 'liver-omics.yaml'), `${example}${endpoint}\n`);
  const plain = example.replaceAll('liver-omics', 'quiet').replace(/^(criteria|tables): .*\n/gm, '');
  await writeFile(join(dir, 'agreements', 'quiet.yaml'), plain);
  expect((await command('demo', '--out', join(dir, 'demo'))).code).toBe(0);
}, 240_000);
beforeEach(() => {
  [posted, statuses] = [[], []];
});
afterAll(() => server.close());

async function release(name: string, ...args: string[]): Promise<Done> {
  const store = join(dir, 'demo', 'study-gateway.sqlite');
  const done = await command(
    'release',
    name,
    ...args,
    ...['--store', store, '--agreements', join(dir, 'agreements'), '--as-of', '2025-06-01'],
  );
  printed += (done.stdout + done.stderr).replaceAll(dir, '');
  return done;
}
const out = (name: string) => join(dir, 'out', name);
const make = (id: string) => release('make', id, '--by', 'dr.wang', '--out', join(dir, 'out'));
const manifestOf = async (name: string) => JSON.parse(await readFile(join(out(name), 'manifest.json'), 'utf8'));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('dry-run tells what would be in it and names every exclusion with its counts, and writes nothing', async () => {
  const { code, stdout } = await release('dry-run', 'liver-omics');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  const [, people, subjects] = /^people: (\d+) of (\d+) subjects$/.exec(lines[0]!)!.map(Number);
  expect(people).toBeGreaterThan(150);
  expect(lines).toContain(`people left out: ${subjects! - people!}`);
  expect(lines).toContain(`  purpose-not-granted data: ${subjects! - people!}`);
  expect(lines).toContain(`  type-not-agreed AdverseEvent: 2 (2 people)`);
  expect(stdout).toMatch(/^ {2}element-not-agreed Condition\.category: \d+ \(\d+ people\)$/m);
  expect(stdout).toMatch(/^ {2}age-not-agreed ResearchSubject\.extension\(stratum\): \d+ /m);
  expect(lines).toContain('this would be the first release');
  expect((await release('list')).stdout).toBe('0 releases\n');
});

test('make: files, manifest and signature, for their owner alone; again the same bytes', async () => {
  const [first, second] = [await make('liver-omics'), await make('liver-omics')];
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(second.stdout).toContain('the same content as release 1');
  const names = [...NAMES, 'manifest.json', 'manifest.jws'].sort();
  expect((await readdir(out('liver-omics-0001'))).sort()).toEqual(names);
  expect((await readdir(join(dir, 'out'))).sort()).toEqual(['liver-omics-0001', 'liver-omics-0002']);
  const modes = await Promise.all(
    names.map(async (name) => (await stat(join(out('liver-omics-0001'), name))).mode & 0o777),
  );
  expect(new Set(modes)).toEqual(new Set([0o600]));
  const { release: name, number, made, ...content } = await manifestOf('liver-omics-0001');
  expect([name, number]).toEqual(['liver-omics-0001', 1]);
  expect(await manifestOf('liver-omics-0002')).toMatchObject(content);
  for (const file of content.files) {
    const [a, b] = await Promise.all(['0001', '0002'].map((n) => readFile(join(out(`liver-omics-${n}`), file.name))));
    expect(b!.equals(a!)).toBe(true);
    expect([file.sha256, file.bytes]).toEqual([sha256(a!), a!.length]);
  }
  expect(content).toMatchObject({
    registry: 'liver-omics',
    approver: 'dr.wang',
    study: { id: 'nct07265544', version: expect.stringMatching(/^nct07265544@[0-9a-f]{12}$/) },
    agreement: { id: 'liver-omics', hash: expect.stringMatching(/^[0-9a-f]{64}$/), types: TYPES },
  });
  expect(content.agreement.tables).toEqual(['csv', 'dataset-json', 'hca', 'ndjson']);
  expect(first.stdout).toMatch(/^dm\.json\n {2}SITEID not known: \d+$/m);
  expect(content.maps).toContainEqual(expect.stringMatching(/^StudyPatient@[0-9a-f]{12}$/));
  // Three specimens and three procedures are fewer than the smallest cell.
  const rows = Object.fromEntries(content.files.map((file: { name: string; rows: unknown }) => [file.name, file.rows]));
  expect(rows).toMatchObject({
    'Specimen.ndjson': '<5',
    'Procedure.ndjson': '<5',
    'Patient.ndjson': content.counts.people,
    'participants.csv': content.counts.people,
    'hca-donor.csv': '<5',
  });
  const told = JSON.stringify(content.counts)
    .match(/(?<=:)\d+/g)!
    .map(Number);
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter((count) => count > 0 && count < 5)).toEqual([]);
});

test('a registry has other ids, kits and dates of the same people', async () => {
  expect((await make('quiet')).code).toBe(0);
  const text = async (name: string) =>
    (await Promise.all(TYPES.map((type) => readFile(join(out(name), `${type}.ndjson`), 'utf8')))).join('');
  const ids = (of: string) => new Set(of.match(/(?<=["/])[a-z2-7]{26}(?=")/g));
  const [one, other] = [await text('liver-omics-0001'), await text('quiet-0001')];
  expect(ids(one).size).toBeGreaterThan(1500);
  expect([...ids(one)].filter((id) => ids(other).has(id))).toEqual([]);
  expect(one.length).toBe(other.length);
});

describe('verify', () => {
  const verify = (name: string, ...args: string[]) => release('verify', out(name), ...args);
  let key: string;
  beforeAll(async () => {
    key = join(dir, 'key.jwk');
    await writeFile(key, (await release('key')).stdout);
    await cp(out('liver-omics-0001'), join(dir, 'kept'), { recursive: true });
  });
  afterEach(async () => {
    await rm(out('liver-omics-0001'), { recursive: true, force: true });
    await cp(join(dir, 'kept'), out('liver-omics-0001'), { recursive: true });
  });
  const codes = ({ stdout }: Done) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2).join(' '));

  test('by the key of the store, and by the public key alone', async () => {
    expect(await verify('liver-omics-0001')).toMatchObject({ code: 0, stdout: expect.stringContaining('as released') });
    const alone = await command('release', 'verify', out('liver-omics-0001'), '--key', key);
    expect(alone).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(await readFile(key, 'utf8'))).toEqual(expect.not.objectContaining({ d: expect.anything() }));
  });

  test.each<[string, (at: string) => Promise<unknown>, string[]]>([
    ['a changed file', (at) => appendFile(join(at, 'Patient.ndjson'), '{}\n'), ['Patient.ndjson file-changed']],
    ['a file less', (at) => rm(join(at, 'Patient.ndjson')), ['Patient.ndjson file-missing']],
    ['a file more', (at) => writeFile(join(at, 'names.csv'), ''), ['names.csv file-surplus']],
    ['a changed manifest', (at) => appendFile(join(at, 'manifest.json'), ' '), ['- signature-broken']],
    ['another signature', (at) => writeFile(join(at, 'manifest.jws'), '{}'), ['- signature-broken']],
    ['no manifest', (at) => rm(join(at, 'manifest.json')), ['- manifest-unreadable']],
  ])('finds %s', async (_, change, expected) => {
    await change(out('liver-omics-0001'));
    const done = await verify('liver-omics-0001', '--key', key);
    expect([done.code, codes(done)]).toEqual([1, expected]);
  });

  test('finds a release under another name', async () => {
    await rename(out('liver-omics-0001'), out('liver-omics-0009'));
    const done = await verify('liver-omics-0009', '--key', key);
    await rm(out('liver-omics-0009'), { recursive: true });
    expect(codes(done)).toEqual(['- name-mismatch']);
  });
});

describe('push', () => {
  const push = (name: string) => release('push', out(name));

  test('posts every file with its digest, the manifest and its signature last, and notes it', async () => {
    const bearer = join(dir, 'demo', 'study-gateway.sqlite.keys', 'liver-omics.bearer');
    await writeFile(bearer, 'of the registry\n', { mode: 0o600 });
    const done = await push('liver-omics-0002');
    await rm(bearer);
    expect(done).toMatchObject({ code: 0, stdout: 'liver-omics-0002: posted 26 files\n' });
    const names = [...NAMES, 'manifest.json', 'manifest.jws'];
    expect(posted.map(({ path }) => path)).toEqual(names.map((name) => `/in/liver-omics-0002/${name}`));
    for (const [index, { body, digest, authorization }] of posted.entries()) {
      expect(body.equals(await readFile(join(out('liver-omics-0002'), names[index]!)))).toBe(true);
      expect(digest).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
      expect(authorization).toBe('Bearer of the registry');
    }
    expect((await release('list')).stdout).toMatch(/^liver-omics\t2\t.*\tposted \d{4}-/m);
  });

  test('says which file was refused, and notes nothing', async () => {
    statuses = [201, 403];
    const done = await push('liver-omics-0002');
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/^Observation\.ndjson: answer-4xx \(403\): /);
    expect(posted).toHaveLength(2);
  });

  test.each([
    ['liver-omics-0001', 'not-the-last'],
    ['quiet-0001', 'no-endpoint'],
  ])('%s: %s', async (name, code) => {
    const done = await push(name);
    expect([done.code, done.stderr.split(':')[0], posted]).toEqual([2, code, []]);
  });

  test('agreement-changed', async () => {
    const file = join(dir, 'agreements', 'liver-omics.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('smallestCell: 5', 'smallestCell: 6'));
    const done = await push('liver-omics-0002');
    await writeFile(file, text);
    expect([done.code, done.stderr.split(':')[0], posted]).toEqual([2, 'agreement-changed', []]);
  });
});

test('after a withdrawal: diff and list say so, the old release is not posted any more', async () => {
  const store = join(dir, 'demo', 'study-gateway.sqlite');
  const held = (await release('list', 'Normal-1')).stdout;
  expect(held).toMatch(/^liver-omics\t1\tNormal-1\t\d+ resources\nliver-omics\t2\t.*\nquiet\t1\t.*\n3 releases\n$/);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(store, { readOnly: true });
  const row = db.prepare("SELECT subject FROM study_number WHERE group_code = 'Normal' AND number = 1").get();
  const subject = String(row!.subject);
  const { seen } = db.prepare('SELECT max(version) AS seen FROM study_subject WHERE id = ?').get(subject)!;
  db.close();
  expect((await release('list', subject)).stdout).toBe(held);
  const decided = await command(
    ...[
      'decide',
      'withdraw',
      subject,
      '--by',
      'dr.li',
      '--role',
      'investigator',
      '--seen',
      String(seen),
      '--store',
      store,
    ],
    ...['--as-of', '2025-06-01'],
  );
  expect(decided.stderr).toBe('');
  expect((await release('diff', 'liver-omics')).stdout).toMatch(
    /^Normal-1\twithdrawn\t\+0\t~0\t-\d+\n1 people changed; since release 2 of /,
  );
  expect((await release('list')).stdout.match(/holds withdrawn: Normal-1$/gm)).toHaveLength(3);
  const push = await release('push', out('liver-omics-0002'));
  expect([push.code, push.stderr.split(':')[0], posted]).toEqual([2, 'withdrawn-since', []]);
});

test.each([
  [['make', 'liver-omics', '--by', 'dr.li'], 'not-approver: '],
  [['make', 'liver-omics'], 'error: required option'],
  [['dry-run', 'nobody'], 'There is no agreement "nobody": known are liver-omics, quiet.'],
  [['dry-run', 'liver-omics', '--as-of', '2031-01-01'], 'not-in-force: '],
])('%j cannot start', async ([name, ...args], message) => {
  const asOf = args.includes('--as-of')
    ? await command('release', name!, ...args, '--store', join(dir, 'demo', 'study-gateway.sqlite'))
    : await release(name!, ...args);
  expect(asOf.code).toBe(2);
  if (!message.startsWith('error')) expect(asOf.stderr).toContain(message);
});

test('a folder that this store did not make is not overwritten', async () => {
  await mkdir(out('quiet-0002'));
  const done = await make('quiet');
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('did not make')]);
  await rm(out('quiet-0002'), { recursive: true });
  expect((await make('quiet')).stdout).toContain('quiet-0002: 6 files');
});

test('the identifier scanner finds nothing in files, manifests, names, nor in what was printed', async () => {
  const { identifiers } = await identifiersOfFeed([FEED]);
  const scanner = createScanner(identifiers);
  expect(scanner.texts).toBeGreaterThan(2000);
  const names = await readdir(join(dir, 'out'), { recursive: true });
  const files = names.filter((name) => /\.(ndjson|json|jws|csv)$/.test(name));
  expect(files.length).toBe(2 * 26 + 2 * 8);
  const found: unknown[] = [];
  for (const name of files) {
    for await (const hit of scanner.scan({ ...sourceOf(join(dir, 'out', name)), name })) found.push(hit);
  }
  expect(printed.length).toBeGreaterThan(3000);
  for await (const hit of scanner.scan({ name: 'printed', content: [Buffer.from(printed)] })) found.push(hit);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(dir, 'demo', 'study-gateway.sqlite'), { readOnly: true });
  for (const table of [
    'study_release',
    'study_released',
    'study_pushed',
    'study_granted',
    'study_grant',
    'study_verdict',
  ]) {
    const text = JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all());
    expect(text.length).toBeGreaterThan(30);
    for await (const hit of scanner.scan({ name: table, content: [Buffer.from(text)] })) found.push(hit);
  }
  db.close();
  expect(found).toEqual([]);
}, 120_000);
