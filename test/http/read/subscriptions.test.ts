import type { r4 } from '../../../src/fhir/resource.ts';
import { createShapeCheck } from '../../../src/fhir/shape/check.ts';
import { outcome, stopServices } from '../service.ts';
import { PUBLIC, type Reading, startReading } from './service.ts';

const PATH = '/ehr/ya/fhir/Subscription';
const HOSTS = ['his.example', '127.0.0.1:9'];
const SECRET = 'https://study-gateway.example/StructureDefinition/subscription-secret';
const shape = createShapeCheck();

afterEach(stopServices);

const channel = { type: 'rest-hook', endpoint: 'https://his.example/hook', payload: 'application/fhir+json' };
const asked = {
  ...{ resourceType: 'Subscription', status: 'requested', reason: 'worklist', criteria: 'ResearchSubject?' },
  channel,
};
const secret = (valueString: string) => ({ extension: [{ url: SECRET, valueString }] });

function send(reading: Reading, method: string, path: string, body?: object, more: Parameters<Reading['ask']>[1] = {}) {
  const headers = { 'content-type': 'application/fhir+json', ...(more.headers as Record<string, string>) };
  return reading.ask(path, { ...more, method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
}

test('is created, read, found, replaced and deleted; the key is shown once', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const made = await send(reading, 'POST', PATH, asked);
  expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([
    201,
    `${PUBLIC}${PATH}/subscription-1`,
    'W/"1"',
  ]);
  const created = (await made.json()) as r4.Subscription;
  expect(shape.check(created as never)).toEqual([]);
  expect(created.extension).toEqual([{ url: SECRET, valueString: Buffer.alloc(32, 9).toString('base64url') }]);
  const read = await reading.ask(`${PATH}/subscription-1`);
  const { extension: _, ...rest } = created;
  expect(await read.json()).toEqual(rest);
  expect(rest).toMatchObject({ ...asked, id: 'subscription-1', meta: { versionId: '1' } });

  const changed = { ...rest, criteria: 'Task?status=requested,completed', ...secret('k'.repeat(32)) };
  const stale = await send(reading, 'PUT', `${PATH}/subscription-1`, changed, { headers: { 'if-match': 'W/"2"' } });
  expect(await outcome(stale)).toMatchObject({ status: 412, code: 'version-stale' });
  const put = await send(reading, 'PUT', `${PATH}/subscription-1`, changed, { headers: { 'if-match': 'W/"1"' } });
  expect([put.status, put.headers.get('etag')]).toEqual([200, 'W/"2"']);
  expect(await put.json()).toMatchObject({ criteria: 'Task?status=requested,completed', status: 'requested' });
  const found = (await (await reading.ask(PATH)).json()) as r4.Bundle;
  expect(found.entry!.map(({ fullUrl }) => fullUrl)).toEqual([`${PUBLIC}${PATH}/subscription-1`]);
  expect(JSON.stringify(found)).not.toContain('kkkk');

  expect((await send(reading, 'DELETE', `${PATH}/subscription-1`)).status).toBe(204);
  expect((await send(reading, 'DELETE', `${PATH}/subscription-1`)).status).toBe(204);
  expect((await reading.ask(`${PATH}/subscription-1`)).status).toBe(410);
  expect((await send(reading, 'PUT', `${PATH}/subscription-1`, changed)).status).toBe(410);
  expect(((await (await reading.ask(PATH)).json()) as r4.Bundle).entry).toBeUndefined();
  const audit = await reading.gateway.store.withTransaction((tx) => tx.audit());
  expect(audit.map(({ actor, action, object, detail }) => [actor, action, object, detail])).toEqual([
    ['client:his-ya', 'subscription-created', 'subscription-1', 'ya ResearchSubject v1'],
    ['client:his-ya', 'subscription-updated', 'subscription-1', 'ya Task v2'],
    ['client:his-ya', 'subscription-deleted', 'subscription-1', 'ya Task v3'],
  ]);
});

test('keys of signatures lie sealed in the store, and go with the Subscription', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const made = await send(reading, 'POST', PATH, { ...asked, ...secret('a-key-of-the-hospital-itself-1234') });
  expect(((await made.json()) as r4.Subscription).extension).toBeUndefined();
  const row = () => reading.gateway.store.withTransaction(({ hospital }) => hospital.subscriber('subscription-1'));
  expect((await row())!.secret).toMatch(/^v1\.[\w-]+$/);
  await send(reading, 'DELETE', `${PATH}/subscription-1`);
  expect(await row()).toMatchObject({ secret: '', endpoint: '', reason: '', status: 'off', gone: true });
});

test.each<[string, object, string]>([
  ['another channel', { channel: { ...channel, type: 'email' } }, 'channel'],
  ['a criteria on Patients', { criteria: 'Patient?name=x' }, 'criteria'],
  ['another parameter', { criteria: 'ResearchSubject?individual=Patient/x' }, 'criteria'],
  ['another payload', { channel: { ...channel, payload: 'application/json' } }, 'payload'],
  ['headers', { channel: { ...channel, header: ['Authorization: x'] } }, 'element'],
  ['a contact', { contact: [{ system: 'email', value: 'x@his.example' }] }, 'element'],
  ['an end', { end: '2026-01-01T00:00:00Z' }, 'element'],
  ['another extension', { extension: [{ url: 'https://his.example/x', valueString: 'x'.repeat(40) }] }, 'element'],
  ['a short key', secret('short'), 'secret'],
  ['http', { channel: { ...channel, endpoint: 'http://his.example/hook' } }, 'endpoint-url'],
  ['no endpoint', { channel: { type: 'rest-hook' } }, 'endpoint-url'],
  ['a user', { channel: { ...channel, endpoint: 'https://u:p@his.example/hook' } }, 'endpoint-url'],
  ['another host', { channel: { ...channel, endpoint: 'https://elsewhere.example/hook' } }, 'endpoint-host'],
  ['another port', { channel: { ...channel, endpoint: 'https://his.example:8443/hook' } }, 'endpoint-host'],
  ['a host below', { channel: { ...channel, endpoint: 'https://x.his.example/hook' } }, 'endpoint-host'],
])('422: %s', async (_, given, code) => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const answer = await send(reading, 'POST', PATH, { ...asked, ...given });
  expect(await outcome(answer)).toMatchObject({ status: 422, code: `subscription-${code}` });
});

test('no host is allowed unless the site names it', async () => {
  const reading = await startReading();
  const answer = await send(reading, 'POST', PATH, asked);
  expect(await outcome(answer)).toMatchObject({ status: 422, code: 'subscription-endpoint-host' });
});

test('http on loopback is for trials', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const endpoint = 'http://127.0.0.1:9/hook';
  expect((await send(reading, 'POST', PATH, { ...asked, channel: { ...channel, endpoint } })).status).toBe(201);
});

test('what is no Subscription, or another one, is refused', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const codeOf = async (method: string, path: string, body: object) => {
    const { status, code } = await outcome(await send(reading, method, path, body));
    return `${status} ${code}`;
  };
  expect(await codeOf('POST', PATH, { resourceType: 'Patient' })).toBe('400 wrong-type');
  expect(await codeOf('POST', PATH, [])).toBe('400 wrong-type');
  expect(await codeOf('POST', PATH, { ...asked, reason: 7 })).toBe('400 shape');
  expect(await codeOf('POST', PATH, { ...asked, channel: undefined })).toBe('400 shape');
  expect(await codeOf('PUT', `${PATH}/a`, { ...asked, id: 'b' })).toBe('400 id-mismatch');
  expect(await codeOf('PUT', `${PATH}/a`, { ...asked, id: 'a' })).toBe('405 subscription-id');
  expect((await outcome(await send(reading, 'DELETE', `${PATH}/a`))).status).toBe(404);
});

test('scopes: the Subscription’s own, and reading what it tells of', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  const with_ = async (scopes: string, method = 'POST', path = PATH, body: object = asked) =>
    (await send(reading, method, path, body, { scopes })).status;
  expect(await with_('Subscription.ruds ResearchSubject.rs')).toBe(403);
  expect(await with_('Subscription.c Task.r')).toBe(403);
  expect(await with_('Subscription.c ResearchSubject.r')).toBe(201);
  const put = { ...asked, id: 'subscription-1', criteria: 'Task?' };
  expect(await with_('Subscription.cu ResearchSubject.r', 'PUT', `${PATH}/subscription-1`, put)).toBe(403);
  expect(await with_('Subscription.cru', 'DELETE', `${PATH}/subscription-1`)).toBe(403);
  const other = await send(reading, 'DELETE', '/ehr/nf/fhir/Subscription/subscription-1', undefined, { site: 'nf' });
  expect(other.status).toBe(404);
});

test('a site has so many and no more', async () => {
  const reading = await startReading({ subscriptionHosts: HOSTS });
  for (let n = 0; n < 20; n++) expect((await send(reading, 'POST', PATH, asked)).status).toBe(201);
  expect(await outcome(await send(reading, 'POST', PATH, asked))).toMatchObject({
    status: 422,
    code: 'subscription-many',
  });
  expect((await send(reading, 'DELETE', `${PATH}/subscription-7`)).status).toBe(204);
  expect((await send(reading, 'POST', PATH, asked)).status).toBe(201);
});
