import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { MoveRow } from '../../src/store/store.ts';
import { eligiblePerson, hepatitisB } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { historyBundle } from '../feed/bundles.ts';
import { DAY, folder, HOME, NOW, ndjson, openTestGateway, type Run, rowOf, runOver, studyOf } from './gateway.ts';

const PATIENT = 'Patient/ya-p-000001';
const LATER = { versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00' };

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const take = (...resources: FhirResource[]) => runOver(gateway, { feed: ndjson(resources) });
const movesOf = (run: Run): Promise<MoveRow[]> =>
  gateway.store.withTransaction(({ hospital }) => hospital.moves(rowOf(run, PATIENT).subject));
const versionsOf = (run: Run) => run.subjects.map(({ version }) => version);
const auditOf = () => gateway.store.withTransaction(async (tx) => (await tx.audit()).map(({ action }) => action));

test('the first screening is a move by data, with the study version and the evidence', async () => {
  const ctx = b.feedContext('ya', 1);
  const run = await take(...eligiblePerson(ctx));
  expect(await movesOf(run)).toEqual([
    {
      subject: rowOf(run, PATIENT).subject,
      at: expect.stringMatching(/^2025-06-02T00:\d\d:\d\d\.000Z$/),
      from: null,
      to: 'eligible',
      reason: null,
      cause: 'data',
      studyVersion: gateway.loaded.study.version,
      evidence: expect.arrayContaining(['Consent/ya-k-000001-1/_history/1', 'ServiceRequest/ya-s-000001-1/_history/1']),
    },
  ]);
  expect(await auditOf()).toEqual(['subject-created']);
});

test('a second run over the same feed writes nothing: no version, no move, no audit row', async () => {
  const resources = eligiblePerson(b.feedContext('ya', 1));
  const first = await take(...resources);
  const second = await take(...resources);
  expect(second.subjects).toEqual(first.subjects);
  expect(second.rows).toEqual(first.rows);
  expect(second.tally.changes).toEqual({
    added: 0,
    updated: 0,
    unchanged: second.tally.accepted,
    stale: 0,
    deleted: 0,
  });
  expect(await movesOf(second)).toHaveLength(1);
  expect(await auditOf()).toEqual(['subject-created']);
});

describe('a correction takes evidence back', () => {
  const hiv = (ctx: b.FeedContext, more: Partial<b.ConditionOptions> = {}) =>
    b.condition(ctx, { code: b.concept(b.icd10('B24')), id: 'hiv', ...more });
  const infected = async () => {
    const ctx = b.feedContext('ya', 1);
    const run = await take(...eligiblePerson(ctx), hiv(ctx));
    expect(rowOf(run, PATIENT).status).toBe('ineligible');
    return ctx;
  };
  const expectBack = async (run: Run) => {
    expect(rowOf(run, PATIENT).status).toBe('eligible');
    expect((await movesOf(run)).map(({ from, to, cause }) => [from, to, cause])).toEqual([
      [null, 'ineligible', 'data'],
      ['ineligible', 'eligible', 'data'],
    ]);
    expect(versionsOf(run)).toEqual([2]);
  };

  test.each(['entered-in-error', 'refuted'])('%s', async (verification) => {
    const ctx = await infected();
    await expectBack(await take(hiv(ctx, { ...LATER, verification })));
  });

  test('deleted, as a history Bundle tells', async () => {
    const ctx = await infected();
    const bundle = JSON.stringify(historyBundle(ctx.site, [], ['Condition/hiv']));
    await expectBack(await runOver(gateway, { 'history.json': bundle }));
  });

  test('an older version that comes later changes nothing', async () => {
    const ctx = await infected();
    await take(hiv(ctx, { ...LATER, verification: 'refuted' }));
    await expectBack(await take(hiv(ctx)));
  });

  test('evidence of a disease that vanishes altogether leaves an ineligible subject', async () => {
    const ctx = b.feedContext('ya', 1);
    const disease = hepatitisB(ctx);
    await take(...eligiblePerson(ctx, { disease }));
    const bundle = historyBundle(ctx.site, [], disease.map(b.referenceTo));
    const run = await runOver(gateway, { 'history.json': JSON.stringify(bundle) });
    expect(rowOf(run, PATIENT)).toMatchObject({ status: 'ineligible', reason: 'evidence-retracted' });
  });
});

test('a withdrawn consent is a move by consent', async () => {
  const ctx = b.feedContext('ya', 1);
  const signed = (more: Partial<b.ConsentOptions> = {}) => b.consent(ctx, { id: 'icf', on: '2025-05-15', ...more });
  await take(...eligiblePerson(ctx, { consents: [signed()] }));
  const run = await take(signed({ ...LATER, status: 'inactive' }));
  expect((await movesOf(run)).map(({ to, cause }) => [to, cause])).toEqual([
    ['eligible', 'data'],
    ['withdrawn', 'consent'],
  ]);
});

test('a later clock is a move by the clock: here the consent has run out', async () => {
  const ctx = b.feedContext('ya', 1);
  const period = { start: '2025-05-15', end: '2025-06-03' };
  const consents = [b.consent(ctx, { on: '2025-05-15', period })];
  const need = [b.serviceRequest(ctx, { on: '2025-06-10' })];
  await take(...eligiblePerson(ctx, { consents, need }));
  const run = await runOver(gateway, {}, { now: NOW + 3 * DAY });
  expect((await movesOf(run)).map(({ to, cause }) => [to, cause])).toEqual([
    ['eligible', 'data'],
    ['screening', 'clock'],
  ]);
  const back = await runOver(gateway, {}, { now: NOW });
  expect(rowOf(back, PATIENT).status).toBe('eligible');
});

test('a changed study is a move by criteria, under the new version', async () => {
  const ctx = b.feedContext('ya', 1);
  const need = [b.serviceRequest(ctx, { on: '2025-06-10' })];
  const first = await take(...eligiblePerson(ctx, { need }));
  const dir = join(await folder(), 'study');
  await cp(join(HOME, 'studies', 'nct07265544'), dir, { recursive: true });
  const file = join(dir, 'parameters.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/(name: hivWindowDays\n\s*valueInteger:) 90/, '$1 5'));
  const changed = { ...gateway, ...(await studyOf(dir)) };
  const version = changed.loaded.study.version;
  expect(version).not.toBe(gateway.loaded.study.version);
  const run = await runOver(changed, {});
  expect((await movesOf(run)).map(({ to, cause, studyVersion }) => [to, cause, studyVersion])).toEqual([
    ['eligible', 'data', gateway.loaded.study.version],
    ['screening', 'criteria', version],
  ]);
  expect(versionsOf(first)).toEqual([1]);
  expect(versionsOf(run)).toEqual([2]);
  expect(run.subjects[0]!.body).toContain(version);
});
