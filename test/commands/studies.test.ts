import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { concept, condition, icd10 } from '../feed/builders.ts';
import { emptyFolder, removeFolders } from '../study/copied-folder.ts';
import { writeOtherStudy } from '../study/other-study.ts';
import { AS_OF, command, FILES, folder, rows, STUDY, summaryOf } from './command.ts';
import { ndjson, person } from './people.ts';

const OURS = 'nct07265544';
const OTHER = 'other-disease';
/** A kidney stone is a disease of the other study alone, focal nodular hyperplasia one of ours alone. */
const CHANGES = {
  '    - system: http://hl7.org/fhir/sid/icd-10-cm # NASH, MASH\n':
    '    - system: http://hl7.org/fhir/sid/icd-10\n      concept: [{ code: "N20" }]\n    - system: http://hl7.org/fhir/sid/icd-10-cm # NASH, MASH\n',
  'name: plateletsReview\n    valueDecimal: 50': 'name: plateletsReview\n    valueDecimal: 500',
};

let [at, feed, other, both] = ['', '', '', [] as string[]];
beforeAll(async () => {
  at = await folder();
  feed = join(at, 'feed.ndjson');
  const stone = person(2, (ctx) => ({ disease: [condition(ctx, { code: concept(icd10('N20')) })] }));
  const unsigned = person(3, () => ({ consents: [] }));
  const local = person(4, (ctx) => ({ disease: [condition(ctx, { code: concept(icd10('L40')) })] }));
  await writeFile(feed, `${ndjson(...person(1), ...stone, ...unsigned, ...local)}{"resourceType":"Condition",\n`);
  other = emptyFolder();
  writeOtherStudy(other, OTHER, CHANGES);
  both = ['--study', STUDY, '--study', other];
});
afterAll(removeFolders);

const shared = () => ['--keys', join(at, 'keys'), '--site', 'ya', ...AS_OF];
const text = (out: string, name: string) => readFile(join(out, name), 'utf8');

/** What a report says but for the times of writing and the counts of how much was read. */
async function reportIn(out: string) {
  const { ignored: _, changes: __, resources, passedOver: ___, ...summary } = await summaryOf(out);
  const subjects = (await rows(out, 'subjects.ndjson')).map((row) => ({ ...row, meta: null }));
  const files = ['worklist.ndjson', 'unmapped-codes.csv', 'screening-log.csv', 'quarantine.ndjson'];
  const texts = await Promise.all(files.map((name) => text(out, name)));
  return { summary, subjects, texts, read: resources.read };
}

async function alone(study: string, out: string, from: string) {
  await command('screen', from, '--study', study, '--out', out, '--full', ...shared());
  return reportIn(out);
}

test.each(['1', '2'])(
  'two studies over one reading, %s threads: each as alone with --full, and again',
  async (workers) => {
    const out = join(at, `both-${workers}`);
    const wanted = [await alone(STUDY, join(out, 'a'), feed), await alone(other, join(out, 'b'), feed)];
    expect(wanted.map(({ summary }) => [summary.subjects, summary.quarantined])).toEqual([
      [2, { 'invalid-json': 1 }],
      [3, { 'invalid-json': 1 }],
    ]);
    for (const _ of ['first', 'again']) {
      const args = ['--out', out, '--workers', workers, '--format', 'json', ...shared()];
      const { code, stdout } = await command('screen', feed, ...both, ...args);
      expect(code).toBe(1);
      const found = [await reportIn(join(out, OURS)), await reportIn(join(out, OTHER))];
      expect(found).toEqual(wanted);
      const printed = JSON.parse(stdout);
      expect(printed).toEqual([await summaryOf(join(out, OURS)), await summaryOf(join(out, OTHER))]);
    }
    // What one study stores it may go on with alone.
    const { code } = await command('screen', feed, '--study', other, '--out', join(out, OTHER), ...shared());
    expect(code).toBe(1);
    expect(await reportIn(join(out, OTHER))).toEqual(wanted[1]);
  },
);

test('tables come one after the other, each with its places; --store names a folder', async () => {
  const [out, store] = [join(at, 'tables'), join(at, 'stores')];
  const { stdout } = await command('screen', feed, ...both, '--out', out, '--store', store, ...shared());
  const heads = stdout.split('\n').filter((line) => / as of 2025-06-01$| the store is /.test(line));
  expect(heads).toEqual([
    expect.stringMatching(/^Single-cell .* \(nct07265544@[0-9a-f]{12}\) as of/),
    `Files are in ${join(out, OURS)}, the store is ${join(store, OURS, 'study-gateway.sqlite')}.`,
    expect.stringMatching(/^other-disease \(other-disease@[0-9a-f]{12}\) as of/),
    `Files are in ${join(out, OTHER)}, the store is ${join(store, OTHER, 'study-gateway.sqlite')}.`,
  ]);
  // What lies there is no feed.
  await copyFile(feed, join(out, 'feed.ndjson'));
  await command('screen', out, ...both, '--out', out, '--store', store, ...shared());
  expect((await summaryOf(join(out, OTHER))).quarantined).toEqual({ 'invalid-json': 1 });
});

/** A signed Task that somebody is unsuitable. */
const unsuitable = (id: string, patient: string, subject: string) => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
  code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code: 'unsuitable' }] },
  for: { reference: patient },
  focus: { reference: `ResearchSubject/${subject}/_history/1` },
  authoredOn: '2025-06-01T14:00:00+08:00',
  requester: { identifier: { value: 'dr.li' } },
  reasonCode: { text: 'frail' },
  input: [{ type: { text: 'role' }, valueString: 'investigator' }],
});

test('a decision about a subject of one study, and a form of one study, are that study’s alone', async () => {
  const out = join(at, 'decided');
  const [first, later] = [join(at, 'first.ndjson'), join(at, 'later.ndjson')];
  await copyFile(feed, first);
  const screen = (from: string) => command('screen', from, ...both, '--out', out, ...shared());
  await screen(first);
  const of = async (study: string, patient: string) =>
    (await rows(join(out, study), 'worklist.ndjson')).find((row) => row.patient === patient);
  const [one, three] = ['Patient/ya-p-000001', 'Patient/ya-p-000003'];
  expect([(await of(OURS, one)).status, (await of(OTHER, one)).status]).toEqual(['eligible', 'screening']);
  const answers = join(at, 'answers.yaml');
  await writeFile(
    answers,
    `signed: 2025-05-20 10:30\nsigner: patient\ndecision: permit\npurpose: [data, blood]\nscan: ${'ab'.repeat(32)}\n`,
  );
  const filled = join(at, 'filled.ndjson');
  const by = ['--site', 'ya', '--by', 'Practitioner/7', ...AS_OF];
  await command('form', 'fill', 'consent', three, ...by, '--answers', answers, '--out', filled);
  const [response] = (await rows(at, 'filled.ndjson')).filter((row) => row.resourceType === 'QuestionnaireResponse');
  const task = unsuitable('task-1', one, (await of(OURS, one)).subject);
  await writeFile(later, ndjson(response, task));
  expect((await screen(later)).code).toBe(0);
  expect([(await of(OURS, one)).status, (await of(OTHER, one)).status]).toEqual(['ineligible', 'screening']);
  expect([(await of(OURS, three)).status, (await of(OTHER, three)).status]).toEqual(['eligible', 'screening']);
  const { ignored, resources } = await summaryOf(join(out, OTHER));
  expect(ignored).toEqual({
    QuestionnaireResponse: { 'no-form-of-the-study': 1 },
    Task: { 'decision-of-another-study': 1 },
  });
  expect(resources).toEqual({ read: 2, accepted: 0, ignored: 2, quarantined: 0 });
  expect((await summaryOf(join(out, OURS))).resources).toEqual({ read: 2, accepted: 2, ignored: 0, quarantined: 0 });
  // One that names no subject of any is weighed by each, as it is alone.
  await writeFile(later, ndjson(unsuitable('task-2', three, 'as-shown')));
  await screen(later);
  expect((await of(OTHER, three)).status).toBe('ineligible');
});

test('one --study lies as it always did, and prints one object', async () => {
  const out = join(at, 'one');
  const { stdout } = await command('screen', feed, '--study', STUDY, '--out', out, '--format', 'json', ...shared());
  expect(JSON.parse(stdout)).toEqual(await summaryOf(out));
  for (const name of [...FILES, 'study-gateway.sqlite']) await readFile(join(out, name));
});

test.each<[string, () => Promise<string[]>, RegExp]>([
  [
    'two folders of one study id',
    async () => {
      const again = emptyFolder();
      writeOtherStudy(again, OTHER.toUpperCase());
      return ['--study', again];
    },
    /both have the study id OTHER-DISEASE: each needs an id of its own/,
  ],
  ['--store that is a file', async () => ['--store', feed], /is one file, and each study has a store of its own/],
  ['--store named as one', async () => ['--store', join(at, 'all.sqlite')], /give a folder/],
])('%s is refused before anything is made', async (_, more, message) => {
  const out = join(at, 'refused');
  const { code, stderr } = await command('screen', feed, ...both, ...(await more()), '--out', out, ...AS_OF);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  await expect(readFile(join(out, OURS, 'summary.json'))).rejects.toThrow('ENOENT');
});

test('a fault in one study’s store says whose it is, what others committed stands, and running again completes it', async () => {
  const out = join(at, 'faulty');
  const empty = join(at, 'empty.ndjson');
  await writeFile(empty, '');
  const screen = (from: string) => command('screen', from, ...both, '--out', out, ...shared());
  await screen(empty);
  const sql = (study: string, text: string) => {
    const db = new DatabaseSync(join(out, study, 'study-gateway.sqlite'));
    try {
      return db.prepare(text).get();
    } finally {
      db.close();
    }
  };
  sql(OTHER, "CREATE TRIGGER full BEFORE INSERT ON hospital_record BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
  const { code, stdout, stderr } = await screen(feed);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^The work for the study other-disease failed\. What was committed for any study stands; /);
  const kept = (study: string) => sql(study, 'SELECT count(*) AS kept FROM hospital_record');
  expect([kept(OURS), kept(OTHER)]).toEqual([{ kept: 11 }, { kept: 0 }]);
  sql(OTHER, 'DROP TRIGGER full');
  expect((await screen(feed)).code).toBe(1);
  expect(await reportIn(join(out, OTHER))).toEqual(await alone(other, join(out, 'alone'), feed));
});
