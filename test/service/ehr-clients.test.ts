import { MedplumClient } from '@medplum/core';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { transactionBundle } from '../feed/bundles.ts';
import { SITES } from '../feed/sites.ts';
import { newHolder } from './clients.ts';
import { openWholeService, type WholeService } from './whole.ts';

let service: WholeService;
let token: string;
beforeAll(async () => {
  service = await openWholeService();
  token = (await newHolder(service, { id: 'ehr-ya', site: 'ya' })).token;
});
afterAll(() => service.close());

const BASE = '/ehr/ya/fhir';
const person = (number: number) => eligiblePerson(b.feedContext('ya', number, 'clients'));
/** A Patient without an id, with an identifier of its own. */
function newcomer(value: string): Patient {
  return { resourceType: 'Patient', identifier: [{ system: 'https://ya.example.cn/sid/x', value }], active: true };
}
const identifier = (value: string) => `identifier=https://ya.example.cn/sid/x|${value}`;

/** Status of each subject of the study. */
async function statuses(): Promise<string[]> {
  await service.screening.settled();
  const subjects = await service.gateway.store.read((tx) => tx.study.subjects());
  return subjects.map(({ body }) => JSON.parse(body).status as string).sort();
}

describe('fhir-kit-client', () => {
  const client = () => new Client({ baseUrl: `${service.url}${BASE}`, bearerToken: token });
  /** The status of a refusal, and its code. */
  const refused = (call: Promise<unknown>) =>
    call.then(
      () => null,
      // biome-ignore lint/suspicious/noExplicitAny: what the client throws.
      (error: any) => [error.response.status, error.response.data.issue[0].details.coding[0].code],
    );

  test('finds the token route and the CapabilityStatement', async () => {
    const { tokenUrl } = await client().smartAuthMetadata();
    expect(String(tokenUrl)).toBe(`${service.url}/auth/token`);
    expect(await client().capabilityStatement()).toMatchObject({
      resourceType: 'CapabilityStatement',
      kind: 'instance',
    });
  });

  test('create, update, delete', async () => {
    const made = (await client().create({ resourceType: 'Patient', body: newcomer('kit-1') as never })) as Patient;
    expect(made).toMatchObject({ resourceType: 'Patient', meta: { versionId: '1' } });
    const body = { ...made, gender: 'other', meta: { lastUpdated: '2025-05-30T08:00:00Z' } };
    const updated = await client().update({ resourceType: 'Patient', id: made.id!, body: body as never });
    expect(updated).toMatchObject({ id: made.id, meta: { versionId: '2' } });
    await client().delete({ resourceType: 'Patient', id: made.id! });
    const stands = await service.gateway.store.read(({ hospital }) =>
      hospital.record({ site: 'ya', type: 'Patient', id: made.id! }),
    );
    expect(stands).toMatchObject({ deleted: true, revision: 3 });
  });

  test('conditional create and update', async () => {
    const options = { headers: { 'If-None-Exist': identifier('kit-2') } };
    const create = () => client().create({ resourceType: 'Patient', body: newcomer('kit-2') as never, options });
    const [first, second] = [(await create()) as Patient, (await create()) as Patient];
    expect(second.id).toBe(first.id);
    const body = { ...newcomer('kit-2'), gender: 'other', meta: { lastUpdated: '2025-05-30T08:00:00Z' } };
    const searchParams = { identifier: 'https://ya.example.cn/sid/x|kit-2' };
    const updated = await client().update({ resourceType: 'Patient', searchParams, body: body as never });
    expect(updated).toMatchObject({ id: first.id, meta: { versionId: '2' } });
  });

  test('transaction, batch', async () => {
    const before = await statuses();
    const body = transactionBundle(SITES.ya, person(51)) as never;
    expect(await client().transaction({ body })).toMatchObject({ type: 'transaction-response' });
    const batch = { ...(transactionBundle(SITES.ya, person(52)) as object), type: 'batch' } as never;
    expect(await client().batch({ body: batch })).toMatchObject({ type: 'batch-response' });
    expect(await statuses()).toEqual([...before, 'eligible', 'eligible'].sort());
  });

  test('refusals come as it expects them', async () => {
    const kit = client();
    expect(await refused(kit.read({ resourceType: 'Patient', id: 'x' }))).toEqual([405, 'method']);
    const wrong = { resourceType: 'Patient', id: 'x', gender: 7 } as never;
    expect(await refused(kit.update({ resourceType: 'Patient', id: 'x', body: wrong }))).toEqual([400, 'shape']);
    const nobody = new Client({ baseUrl: `${service.url}${BASE}` });
    expect(await refused(nobody.delete({ resourceType: 'Patient', id: 'x' }))).toEqual([401, 'token-missing']);
    const elsewhere = new Client({ baseUrl: `${service.url}/ehr/nf/fhir`, bearerToken: token });
    expect(await refused(elsewhere.delete({ resourceType: 'Patient', id: 'x' }))).toEqual([403, 'other-site']);
  });
});

describe('MedplumClient', () => {
  const client = () => {
    const medplum = new MedplumClient({
      baseUrl: `${service.url}/`,
      fhirUrlPath: `${BASE.slice(1)}/`,
      fetch,
      cacheTime: 0,
    });
    medplum.setAccessToken(token);
    return medplum;
  };

  test('create, update, delete', async () => {
    const made = await client().createResource(newcomer('medplum-1'));
    expect(made).toMatchObject({ resourceType: 'Patient', meta: { versionId: '1' } });
    const updated = await client().updateResource({
      ...made,
      gender: 'other',
      meta: { lastUpdated: '2025-05-30T08:00:00Z' },
    });
    expect(updated).toMatchObject({ id: made.id, meta: { versionId: '2' } });
    await client().deleteResource('Patient', made.id);
    const stands = await service.gateway.store.read(({ hospital }) =>
      hospital.record({ site: 'ya', type: 'Patient', id: made.id }),
    );
    expect(stands).toMatchObject({ deleted: true, revision: 3 });
  });

  test('conditional create and update', async () => {
    const create = () => client().createResourceIfNoneExist(newcomer('medplum-2'), identifier('medplum-2'));
    const [first, second] = [await create(), await create()];
    expect(second.id).toBe(first.id);
    const newer = { ...newcomer('medplum-2'), gender: 'other' as const, meta: { lastUpdated: '2025-05-30T08:00:00Z' } };
    expect(await client().upsertResource(newer, identifier('medplum-2'))).toMatchObject({ id: first.id });
  });

  test('transaction, batch', async () => {
    const before = await statuses();
    const bundle = transactionBundle(SITES.ya, person(61)) as Bundle;
    expect(await client().executeBatch(bundle)).toMatchObject({ type: 'transaction-response' });
    const batch = { ...(transactionBundle(SITES.ya, person(62)) as Bundle), type: 'batch' as const };
    expect(await client().executeBatch(batch)).toMatchObject({ type: 'batch-response' });
    expect(await statuses()).toEqual([...before, 'eligible', 'eligible'].sort());
  });

  test('refusals come as it expects them', async () => {
    const wrong = { resourceType: 'Patient', id: 'x', gender: 7 } as unknown as Patient & { id: string };
    await expect(client().updateResource(wrong)).rejects.toMatchObject({
      outcome: { issue: [{ severity: 'error', expression: ['Patient.gender'] }] },
    });
  });
});
