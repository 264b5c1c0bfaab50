import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { listFeed } from '../../src/intake/files.ts';
import { readFeed } from '../../src/intake/read.ts';
import { printed } from '../pipeline/command-line.ts';
import { folder, HOME } from '../pipeline/gateway.ts';

const FEED = join(HOME, 'demo', 'feed');

/** Everything in the feed that says who somebody is. */
interface Identities {
  /** Names, hospital numbers, resident ids, telephone numbers, full dates of birth. */
  personal: string[];
  /** Ids of the hospitals' resources. */
  ids: string[];
}

async function identitiesOf(path: string): Promise<Identities> {
  const listing = await listFeed([path]);
  if ('missing' in listing) throw new Error('the demo feed is missing');
  const [personal, ids] = [new Set<string>(), new Set<string>()];
  for await (const arrival of readFeed(listing.files)) {
    if (arrival.kind !== 'resource') continue;
    const { resource } = arrival;
    if (resource.resourceType === 'Organization') continue;
    ids.add(resource.id!);
    for (const text of personalOf(resource)) personal.add(text);
  }
  return { personal: [...personal], ids: [...ids] };
}

function personalOf(resource: FhirResource): string[] {
  if (resource.resourceType !== 'Patient' && resource.resourceType !== 'RelatedPerson') return [];
  const { name, identifier, telecom, birthDate } = resource as unknown as r4.Patient;
  // The one broken line of the feed has a text here.
  const names = Array.isArray(name) ? name.map(({ text }) => text) : [];
  const values = [...(identifier ?? []), ...(telecom ?? [])].map(({ value }) => value);
  const born = (birthDate?.length ?? 0) === 'YYYY-MM-DD'.length ? birthDate : undefined;
  return [...names, ...values, born].filter((text) => text !== undefined);
}

let out: string;
let stdout: string;
let who: Identities;
/** What the command left behind, before any test looked into it. */
let left: string[];

beforeAll(async () => {
  out = await folder();
  const targets = await folder();
  for (const [id, side] of [
    ['hub', 'side: study'],
    ['ward', 'side: hospital\nsites: [ya]'],
  ])
    await writeFile(
      join(targets, `${id}.yaml`),
      `id: ${id}\nbase: https://${id}.example/r4\n${side}\nwithdrawal: delete\nauth: { kind: none }\n`,
    );
  const done = await printed('screen', '--as-of', '2025-06-01', '--targets', targets, '--out', out, FEED);
  expect(done.code).toBe(1);
  stdout = `${done.stdout}${done.stderr}`;
  left = (await readdir(out)).sort();
  who = await identitiesOf(FEED);
}, 240_000);

const found = (text: string, wanted: readonly string[]) => wanted.filter((one) => text.includes(one));
const read = (name: string) => readFile(join(out, name), 'utf8');
const rowsOf = (table: string): string => {
  const db = new DatabaseSync(join(out, 'study-gateway.sqlite'), { readOnly: true });
  try {
    return JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all());
  } finally {
    db.close();
  }
};

test('the feed names enough people for the rest to mean something', async () => {
  expect(who.ids.length).toBeGreaterThan(1000);
  expect(who.personal.length).toBeGreaterThan(500);
  expect(found(await read('worklist.ndjson'), who.ids).length).toBeGreaterThan(100);
});

test.each(['subjects.ndjson', 'summary.json', 'screening-log.csv', 'unmapped-codes.csv'])(
  '%s names nobody and nothing of a hospital',
  async (name) => {
    const text = await read(name);
    expect(text.length).toBeGreaterThan(100);
    expect(found(text, [...who.personal, ...who.ids])).toEqual([]);
  },
);

test('nor does what is printed', () => {
  expect(stdout.length).toBeGreaterThan(1000);
  expect(found(stdout, [...who.personal, ...who.ids])).toEqual([]);
});

const FILLED = [
  'study_grant',
  'study_granted',
  'study_number',
  'study_outbox',
  'study_research',
  'study_subject',
  'study_verdict',
];
/** Filled by releases alone, which test/commands/release.test.ts looks through. */
const EMPTY = ['study_export', 'study_extract', 'study_pushed', 'study_release', 'study_released'];
const STUDY_TABLES = [...FILLED, ...EMPTY].sort();

test('these are all tables of the study side', () => {
  const db = new DatabaseSync(join(out, 'study-gateway.sqlite'), { readOnly: true });
  const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'study!_%' ESCAPE '!'");
  const found = names.all().map(({ name }) => name);
  db.close();
  expect(found.sort()).toEqual(STUDY_TABLES);
});

test.each([...FILLED, 'audit'])('nor the table %s', (table) => {
  const text = rowsOf(table);
  expect(text.length).toBeGreaterThan(500);
  expect(found(text, [...who.personal, ...who.ids])).toEqual([]);
});

test('nor any research resource of those who consent, however its text is escaped', () => {
  const rows = JSON.parse(rowsOf('study_research')) as { type: string; id: string; body: string }[];
  expect(rows.length).toBeGreaterThan(2000);
  expect([...new Set(rows.map(({ type }) => type))].sort()).toEqual(
    expect.arrayContaining(['Condition', 'Consent', 'Observation', 'Patient', 'Procedure', 'Provenance']),
  );
  for (const { id } of rows) expect(id).toMatch(/^[a-z2-7]{26}$/);
  // Parsed and written anew, nothing is hidden behind an escape any more.
  const text = JSON.stringify(rows.map(({ body }) => JSON.parse(body)));
  expect(found(text, [...who.personal, ...who.ids])).toEqual([]);
  expect(text).not.toMatch(/-TEST-|example\.cn\/sid|"birthDate"/);
});

test('the worklist and the quarantine, which stay at the hospital, name no person either', async () => {
  const text = (await read('worklist.ndjson')) + (await read('quarantine.ndjson'));
  expect(found(text, who.personal)).toEqual([]);
});

/** How a text may lie in a file. 李婷 in UTF-16 is `NgwZ`: four letters that sealed texts (base64url) hold by chance. */
function formsOf(text: string): Buffer[] {
  const [utf8, utf16] = [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')];
  return utf16.length <= 4 && /^[\w-]+$/.test(utf16.toString('latin1')) ? [utf8] : [utf8, utf16];
}

test('no name, number or date of birth lies in the store in clear', async () => {
  const files = (await readdir(out)).filter((name) => /^study-gateway\.sqlite(-\w+)?$/.test(name));
  expect(files).toContain('study-gateway.sqlite');
  for (const name of files) {
    const bytes = await readFile(join(out, name));
    const seen = who.personal.filter((text) => formsOf(text).some((form) => bytes.includes(form)));
    expect([name, seen]).toEqual([name, []]);
  }
}, 240_000);

test('every file is the owner’s alone, and the keys lie outside the store', async () => {
  const modes = async (dir: string) =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(dir)).map(async (name) => [name, ((await stat(join(dir, name))).mode & 0o777).toString(8)]),
      ),
    );
  expect(left).toEqual([
    'quarantine.ndjson',
    'screening-log.csv',
    'study-gateway.sqlite',
    'study-gateway.sqlite.keys',
    'subjects.ndjson',
    'summary.json',
    'unmapped-codes.csv',
    'worklist.ndjson',
  ]);
  const { 'study-gateway.sqlite.keys': keyFolder, ...files } = await modes(out);
  expect(keyFolder).toBe('700');
  expect([...new Set(Object.values(files))]).toEqual(['600']);
  const folderOfKeys = join(out, 'study-gateway.sqlite.keys');
  const sites = ['bf', 'gz', 'nf', 'ya', 'zn'];
  expect(await modes(folderOfKeys)).toEqual(Object.fromEntries(sites.map((site) => [`${site}.key`, '600'])));
  const store = await readFile(join(out, 'study-gateway.sqlite'));
  for (const name of await readdir(folderOfKeys)) {
    const secret = (await readFile(join(folderOfKeys, name), 'utf8')).trim();
    expect(secret.length).toBeGreaterThan(20);
    expect(store.includes(secret)).toBe(false);
  }
});
