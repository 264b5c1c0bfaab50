import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concept, condition, type FeedContext, icd10, localDiagnosis } from '../feed/builders.ts';
import { AS_OF, command, FILES, folder, program, rows, summaryOf } from './command.ts';
import { ndjson, person } from './people.ts';

const hiv = (ctx: FeedContext) => ({ hiv: [condition(ctx, { code: concept(icd10('B24')) })] });
/** An eligible person, one with HIV, one with no disease of the study, and a line that is no JSON. */
const FEED = `${ndjson(
  ...person(1),
  ...person(2, hiv),
  ...person(3, (ctx) => ({ disease: [condition(ctx, { code: concept(localDiagnosis(ctx, 'DX1001')) })] })),
)}{"resourceType":"Condition",\n`;

async function screened(text: string): Promise<{ out: string; feed: string; code: number | null; stdout: string }> {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, text);
  const out = join(at, 'new', 'out');
  const { code, stdout } = await command('screen', feed, '--out', out, ...AS_OF);
  return { out, feed, code, stdout };
}

test('folders for --out and --store are made when missing', async () => {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1)));
  const [out, store] = [join(at, 'a', 'b'), join(at, 'c', 'd', 'kept.sqlite')];
  const { code } = await command('screen', feed, '--out', out, '--store', store, ...AS_OF);
  expect(code).toBe(0);
  expect((await readdir(out)).sort()).toEqual(FILES);
  expect((await readdir(join(at, 'c', 'd'))).sort()).toEqual(['kept.sqlite', 'kept.sqlite.keys']);
});

test('an empty feed leaves every file, empty ones too', async () => {
  const { out, code } = await screened('');
  expect(code).toBe(0);
  for (const name of ['worklist.ndjson', 'subjects.ndjson', 'quarantine.ndjson'])
    expect(await rows(out, name)).toEqual([]);
  expect(await readFile(join(out, 'unmapped-codes.csv'), 'utf8')).toBe(
    'site,type,system,code,text,resources,people,also_coded\r\n',
  );
  expect(await readFile(join(out, 'screening-log.csv'), 'utf8')).toBe(
    'as_of,site,subject,status,reason,group,stratum,flags,open_items,study_version\r\n',
  );
  const { resources, people, subjects } = await summaryOf(out);
  expect({ resources, people, subjects }).toEqual({
    resources: { read: 0, accepted: 0, ignored: 0, quarantined: 0 },
    people: 0,
    subjects: 0,
  });
});

test('files and store are readable by their owner only, an older file of another mode too', async () => {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...person(1)));
  await writeFile(join(at, 'worklist.ndjson'), 'old', { mode: 0o644 });
  await command('screen', feed, '--out', at, ...AS_OF);
  for (const name of [...FILES, 'study-gateway.sqlite', 'study-gateway.sqlite.keys/ya.key']) {
    expect([name, (await stat(join(at, name))).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect((await stat(join(at, 'study-gateway.sqlite.keys'))).mode & 0o777).toBe(0o700);
});

describe('what a screening leaves behind', () => {
  let at: Awaited<ReturnType<typeof screened>>;
  beforeAll(async () => {
    at = await screened(FEED);
  });

  test('a worklist row has exactly this shape', async () => {
    const [{ recheckOn, ...row }, ...others] = await rows(at.out, 'worklist.ndjson');
    expect(others.map(({ patient }) => patient)).toEqual(['Patient/ya-p-000002']);
    const found = (type: string, ...ids: string[]) => ids.map((id) => `${type}/ya-${id}/_history/1`);
    const open = (what: string, zh: string, en: string) => [{ what, standing: 'absent', zh, en }];
    const decided = (id: string, verdict: string, reason: string, evidence: string[]) => {
      return { id, verdict, reason, evidence, missing: null };
    };
    expect(row).toEqual({
      site: 'ya',
      patient: 'Patient/ya-p-000001',
      subject: expect.stringMatching(/^[a-z2-7]{26}$/),
      status: 'eligible',
      reason: null,
      group: 'HBV',
      groups: ['HBV'],
      stratum: null,
      flags: [],
      criteria: [
        decided('I1', 'met', 'consent-valid', found('Consent', 'k-000001-1')),
        decided('I2', 'met', 'any', found('Patient', 'p-000001')),
        { id: 'I3', verdict: 'not-applicable', reason: null, evidence: [], missing: null },
        decided('I4', 'met', 'disease-and-procedure', [
          ...found('Condition', 'c-000001-1'),
          ...found('Observation', 'o-000001-1'),
          ...found('ServiceRequest', 's-000001-1'),
        ]),
        decided('E1', 'not-met', 'hiv-negative', found('Observation', 'o-000001-2')),
        decided('E2', 'not-met', 'coagulation-normal', found('Observation', 'o-000001-3', 'o-000001-4', 'o-000001-5')),
        {
          id: 'E3',
          verdict: 'unknown',
          reason: 'immune-attestation',
          evidence: [],
          missing: open('immune-attestation', expect.any(String), expect.any(String)),
        },
        {
          id: 'E4',
          verdict: 'unknown',
          reason: 'suitability',
          evidence: [],
          missing: open('suitability', expect.any(String), expect.any(String)),
        },
      ],
      basis: null,
      anchor: { day: expect.stringMatching(/^2025-06-\d\d$/), from: 'request' },
    });
    expect(recheckOn ?? '2025-06-02').toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('a sensitive criterion that is met shows neither its reason nor its evidence, in no file', async () => {
    const row = (await rows(at.out, 'worklist.ndjson'))[1];
    expect([row.status, row.reason]).toEqual(['ineligible', 'exclusion-criterion']);
    expect(row.criteria.find(({ id }: { id: string }) => id === 'E1')).toEqual({
      id: 'E1',
      verdict: 'met',
      reason: 'exclusion-criterion',
      evidence: [],
      missing: null,
    });
    for (const name of FILES) {
      expect(await readFile(join(at.out, name), 'utf8')).not.toMatch(/hiv-(diagnosis|confirm)|B24|ya-c-000002-1/);
    }
  });

  test('subjects.ndjson holds ResearchSubjects with a numeric version and no identifier of the hospital', async () => {
    const subjects = await rows(at.out, 'subjects.ndjson');
    const worklist = await rows(at.out, 'worklist.ndjson');
    expect(subjects.map(({ id }) => id).sort()).toEqual(worklist.map(({ subject }) => subject).sort());
    for (const one of subjects) {
      expect(one.resourceType).toBe('ResearchSubject');
      expect(one.meta).toEqual({ versionId: '1', lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
      expect(one.study).toEqual({ reference: 'ResearchStudy/nct07265544' });
      expect(one.individual.reference).toMatch(/^Patient\/[a-z2-7]{26}$/);
      expect(JSON.stringify(one)).not.toMatch(/ya-|YA-TEST|example\.cn\/sid/);
    }
  });

  test('resources add up, and quarantined is the number of lines of quarantine.ndjson', async () => {
    const { resources } = await summaryOf(at.out);
    const quarantine = await rows(at.out, 'quarantine.ndjson');
    expect(resources.read).toBe(FEED.trimEnd().split('\n').length);
    expect(resources.accepted + resources.ignored + resources.quarantined).toBe(resources.read);
    expect(resources.quarantined).toBe(1);
    expect(quarantine).toEqual([
      {
        file: at.feed,
        line: resources.read,
        entry: null,
        reason: 'invalid-json',
        expression: null,
        message: expect.stringContaining('cut off'),
      },
    ]);
    expect(at.code).toBe(1);
  });

  test('the bins of the funnel exclude one another and add up to the people', async () => {
    const { people, subjects, funnel } = await summaryOf(at.out);
    const bins = Object.fromEntries(funnel.map((one: { bin: string; people: number }) => [one.bin, one.people]));
    expect(people).toBe(3);
    expect(subjects).toBe(2);
    expect(Object.values(bins).reduce((sum, count) => (sum as number) + (count as number), 0)).toBe(3);
    expect([bins.eligible, bins.ineligible, bins['not-a-subject: no-disease-evidence']]).toEqual([1, 1, 1]);
  });

  test('the screening log names subjects by pseudonym only', async () => {
    const log = await readFile(join(at.out, 'screening-log.csv'), 'utf8');
    expect(log.trimEnd().split('\r\n')).toHaveLength(3);
    expect(log).toMatch(/^2025-06-01,ya,[a-z2-7]{26},eligible,,HBV,,,immune-attestation suitability,/m);
    expect(log).not.toMatch(/ya-p-/);
  });

  test('a second run over the same feed changes nothing', async () => {
    const names = ['worklist.ndjson', 'subjects.ndjson', 'quarantine.ndjson', 'screening-log.csv'];
    const read = () => Promise.all(names.map((name) => readFile(join(at.out, name), 'utf8')));
    const before = await read();
    const { accepted } = (await summaryOf(at.out)).resources;
    expect((await command('screen', at.feed, '--out', at.out, ...AS_OF)).code).toBe(1);
    expect(await read()).toEqual(before);
    const { resources, changes } = await summaryOf(at.out);
    expect(resources.accepted).toBe(accepted);
    expect(changes).toEqual({ added: 0, updated: 0, unchanged: accepted, stale: 0, deleted: 0 });
  });
});

test('--format json prints the summary and nothing else; a table is for people', async () => {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, FEED);
  const json = program(['screen', feed, '--out', at, '--format', 'json', ...AS_OF]);
  expect([json.code, json.stderr]).toEqual([1, '']);
  expect(JSON.parse(json.stdout)).toEqual(await summaryOf(at));
  const table = await command('screen', feed, '--out', at, ...AS_OF);
  expect(table.stdout).toMatch(/People \(3\)[\s\S]*eligible[\s\S]*Files are in/);
});
