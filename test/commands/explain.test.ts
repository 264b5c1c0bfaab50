import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { concept, condition, type FeedContext, icd10, localDiagnosis } from '../feed/builders.ts';
import { AS_OF, command, folder, rows } from './command.ts';
import { ndjson, person } from './people.ts';

const healthy = (ctx: FeedContext) => {
  return { disease: [condition(ctx, { code: concept(localDiagnosis(ctx, 'DX1001')) })] };
};
const hiv = (ctx: FeedContext) => ({ hiv: [condition(ctx, { code: concept(icd10('B24')) })] });

let at: string;
let store: string;
beforeAll(async () => {
  at = await folder();
  store = join(at, 'study-gateway.sqlite');
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1), ...person(2, healthy), ...person(3, hiv), ...person(1, undefined, 'nf')));
  await command('screen', feed, '--out', at, ...AS_OF);
});

const explain = (...args: string[]) => command('explain', ...args, '--store', store, ...AS_OF);

test('of a subject: status, group, each criterion with its evidence, what is missing, the history', async () => {
  const { code, stdout, stderr } = await explain('Patient/ya-p-000001');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Patient\/ya-p-000001 at ya /);
  expect(stdout).toMatch(/^Status: eligible; ResearchSubject\/[a-z2-7]{26}$/m);
  expect(stdout).toMatch(/^Group: HBV; stratum: none$/m);
  expect(stdout).toMatch(/^I1 .*\n {3}MET: consent-valid\n.*\[Consent\/ya-k-000001-1\/_history\/1\]$/m);
  expect(stdout).toMatch(/^E4 .*\n {3}UNKNOWN: suitability\n {3}missing \(absent\): /m);
  for (const id of ['I1', 'I2', 'I3', 'I4', 'E1', 'E2', 'E3', 'E4']) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'));
  expect(stdout).toMatch(/^History:\n {2}\S+Z new → eligible, by data$/m);
});

test('by the id alone, and by the id of the ResearchSubject, with or without its type', async () => {
  const { stdout } = await explain('Patient/ya-p-000001');
  const [row] = (await rows(at, 'worklist.ndjson')).filter(({ patient }) => patient === 'Patient/ya-p-000001');
  for (const id of ['ya-p-000001', row.subject, `ResearchSubject/${row.subject}`]) {
    expect((await explain(id)).stdout).toBe(stdout);
  }
});

test('of somebody who is no subject: why not, and the criteria all the same', async () => {
  const { code, stdout } = await explain('Patient/ya-p-000002');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Not a subject: no-disease-evidence – .*\p{Script=Han}/mu);
  expect(stdout).toMatch(/^I1 .*\n {3}MET: consent-valid$/m);
  expect(stdout).not.toMatch(/History:/);
});

test('shows what lists mask, and leaves an audit row that names the subject by pseudonym', async () => {
  const { stdout } = await explain('Patient/ya-p-000003');
  expect(stdout).toMatch(/^E1 .*\n {3}MET: hiv\n.*\[Condition\/ya-c-000003-1\/_history\/1\]$/m);
  const [row] = (await rows(at, 'worklist.ndjson')).filter(({ patient }) => patient === 'Patient/ya-p-000003');
  const db = new DatabaseSync(store, { readOnly: true });
  const last = db.prepare('SELECT action, object FROM audit ORDER BY sequence DESC LIMIT 1').get();
  db.close();
  expect({ ...last }).toEqual({ action: 'explain', object: row.subject });
});

test('changes nothing: the next screening finds every subject in the version it had', async () => {
  const before = await rows(at, 'subjects.ndjson');
  await command('screen', join(at, 'feed.ndjson'), '--out', at, ...AS_OF);
  expect(await rows(at, 'subjects.ndjson')).toEqual(before);
});

test('of nobody: says what to give', async () => {
  const { code, stdout, stderr } = await explain('Patient/nobody');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Nobody of that id is known to this store: give Patient\/<id>/);
});

test('--site says which hospital is meant', async () => {
  expect((await explain('Patient/ya-p-000001', '--site', 'ya')).code).toBe(0);
  expect((await explain('Patient/ya-p-000001', '--site', 'nf')).code).toBe(2);
});
