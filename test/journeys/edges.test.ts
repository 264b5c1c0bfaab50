import { gzipSync } from 'node:zlib';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { eligiblePerson, measuredHemangioma, openRequest } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { ndjson, openTestGateway, rowOf, runOver, verdictsOf } from '../pipeline/gateway.ts';

const PATIENT = 'Patient/ya-p-000001';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const take = (...resources: FhirResource[]) => runOver(gateway, { feed: ndjson(resources) });
const LAB = 'https://ya.example.cn/cs/lab';

test('what is dated tomorrow has not happened, by the day too', async () => {
  const ctx = b.feedContext('ya', 1);
  const run = await take(...eligiblePerson(ctx, { consents: [b.consent(ctx, { on: '2025-06-02' })] }));
  expect(verdictsOf(rowOf(run, PATIENT)).I1).toBe('unknown');
});

test('a refusal of tomorrow declines nobody today', async () => {
  const ctx = b.feedContext('ya', 1);
  const consents = [b.consent(ctx, { on: '2025-05-10' }), b.consent(ctx, { on: '2025-06-02', status: 'rejected' })];
  expect(rowOf(await take(...eligiblePerson(ctx, { consents })), PATIENT).status).toBe('eligible');
});

test('entries of a history Bundle without meta are ordered by their responses', async () => {
  const ctx = b.feedContext('ya', 1);
  const [disease, ...rest] = eligiblePerson(ctx, { disease: measuredHemangioma(ctx) });
  const condition = rest.find(({ resourceType }) => resourceType === 'Condition')!;
  const { meta: _, ...bare } = condition;
  const entry = (resource: object, version: string, lastModified: string) => ({
    resource,
    request: { method: 'PUT', url: `Condition/${condition.id}` },
    response: { status: '200', etag: `W/"${version}"`, lastModified },
  });
  const refuted = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'refuted' }] };
  const history = {
    resourceType: 'Bundle',
    type: 'history',
    meta: { source: 'https://ya.example.cn/fhir' },
    entry: [
      entry({ ...bare, verificationStatus: refuted, clinicalStatus: undefined }, '2', '2025-05-30T09:00:00Z'),
      entry(bare, '1', '2025-05-29T09:00:00Z'),
    ],
  };
  const others = rest.filter((one) => one !== condition);
  const run = await runOver(gateway, { a: JSON.stringify(history), b: ndjson([disease!, ...others]) });
  expect(rowOf(run, PATIENT)).toMatchObject({ status: 'ineligible', reason: 'evidence-retracted' });
});

test.each([
  ['>250', 'HBV'],
  ['250.00', 'HBV'],
  ['<0.05 IU/mL', 'Normal'],
  ['0.5', 'Normal'],
])('HBsAg as the text %s', async (valueString, group) => {
  const ctx = b.feedContext('ya', 1);
  const hbsag = {
    ...b.qualitative(ctx, 'hbsag', 'negative', { on: '2025-05-28T09:00:00+08:00' }),
    code: { coding: [{ system: LAB, code: 'L006' }] },
    valueString,
  };
  for (const key of Object.keys(hbsag)) if (/^value(?!String)|^interpretation$/.test(key)) delete (hbsag as FhirResource)[key];
  const disease = measuredHemangioma(ctx).filter((one) => !JSON.stringify(one.code).match(/5196-1|L006|乙肝表面抗原/));
  const row = rowOf(await take(...eligiblePerson(ctx, { disease: [...disease, hbsag] })), PATIENT);
  expect(row.group).toBe(group);
});

test('a permit and a withdrawal of the same day are a conflict with a to-do', async () => {
  const ctx = b.feedContext('ya', 1);
  const consents = [b.consent(ctx, { on: '2025-05-15', status: 'inactive' }), b.consent(ctx, { on: '2025-05-15' })];
  const row = rowOf(await take(...eligiblePerson(ctx, { consents })), PATIENT);
  expect(row.status).toBe('screening');
  expect(row.criteria[0]).toMatchObject({ id: 'I1', verdict: 'conflict', missing: [{ what: 'conflicting-evidence' }] });
});

test('a request that is moved out of the period takes no diagnosis back', async () => {
  const ctx = b.feedContext('ya', 1);
  const [request] = openRequest(ctx);
  await take(...eligiblePerson(ctx, { consents: [], need: [request!] }));
  const moved = {
    ...request!,
    meta: { ...request!.meta, versionId: '2', lastUpdated: '2025-05-31T09:00:00+08:00' },
    occurrenceDateTime: '2026-03-01',
  };
  expect(rowOf(await take(moved), PATIENT)).toMatchObject({ status: 'potential-candidate', reason: 'outside-period' });
});

test('a merge link by identifier is followed, and the birth date of the old record counts', async () => {
  const old = b.feedContext('ya', 1);
  const survivor = b.feedContext('ya', 2);
  const [first, ...rest] = eligiblePerson(old);
  const link = [{ type: 'replaced-by', other: { identifier: (b.patient(survivor) as { identifier?: object[] }).identifier![0] } }];
  const { birthDate: _, ...bare } = b.patient(survivor);
  const run = await take({ ...first!, link }, ...rest, bare);
  expect(run.rows.map(({ patient, status }) => `${patient} ${status}`)).toEqual(['Patient/ya-p-000002 eligible']);
});

test('zero bytes after a gzip are padding', async () => {
  const packed = Buffer.concat([gzipSync(ndjson(eligiblePerson(b.feedContext('ya', 1)))), Buffer.alloc(512)]);
  const run = await runOver(gateway, { feed: packed });
  expect(run.quarantine).toEqual([]);
  expect(rowOf(run, PATIENT).status).toBe('eligible');
});
