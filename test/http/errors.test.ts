import express, { Router } from 'express';
import { ehr, outcome, raw, startService, stopServices, type TestService } from './service.ts';

const forms = Router();
forms.use(express.urlencoded({ limit: 100, parameterLimit: 2 }));
forms.post('/', (_req, res) => {
  res.json({});
});
forms.get('/status', () => {
  // An error that calls itself expected, but is none of a parser.
  throw Object.assign(new Error('secret'), { status: 400, expose: true });
});
forms.get('/late', (_req, res) => {
  res.write('begun');
  throw new Error('secret');
});
forms.get('/text', () => {
  throw 'secret';
});

let service: TestService;
let debugging: TestService;
beforeAll(async () => {
  const areas = () => [ehr, { mount: '/forms', router: forms }];
  service = await startService({ areas });
  debugging = await startService({ areas, level: 'debug' });
});
afterAll(stopServices);

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/forms`, { method: 'POST', body, headers: { ...FORM, ...headers } });
const last = (from: TestService, event: string) =>
  from.lines.map((line) => JSON.parse(line)).findLast((line) => line.event === event);

test.each([
  ['too long', 'a='.padEnd(101, 'b'), {}, 413, 'body-too-large'],
  ['too many parameters', 'a=1&b=2&c=3', {}, 413, 'too-many-parameters'],
  ['another charset', 'a=1', { 'content-type': `${FORM['content-type']}; charset=gbk` }, 415, 'charset'],
  ['a content coding', 'a=1', { 'content-encoding': 'compress' }, 415, 'content-encoding'],
])('what a parser of Express refuses: %s', async (_name, body, headers, status, code) => {
  expect(await outcome(await post(body, headers))).toMatchObject({ status, code });
});

test('there is nothing: 404, for any method, with nothing of the path in it', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await fetch(`${service.url}/Patient/p-1?name=li`, { method });
    expect(await outcome(answer.clone())).toMatchObject({ status: 404, code: 'no-such-route' });
    expect(await answer.text()).not.toMatch(/p-1|li\b/);
  }
});

test('paths are what they are, in small letters and large', async () => {
  expect((await fetch(`${service.url}/LIVEZ`)).status).toBe(404);
});

test('a path that is not well encoded', async () => {
  const answer = await fetch(`${service.url}/ehr/ya/fhir/Patient/p-1%E0%A4%A`);
  expect(await outcome(answer.clone())).toMatchObject({ status: 400, code: 'path-encoding' });
  expect(await answer.text()).not.toContain('p-1');
});

test('a fault: 500 with an id and nothing else; the log has the id, its name, and where, when asked', async () => {
  const answer = await fetch(`${debugging.url}/ehr/ya/fhir/Patient/p-1`);
  const id = answer.headers.get('x-request-id');
  const told = await outcome(answer);
  expect(told).toMatchObject({ status: 500, code: 'fault' });
  expect(told.text).toBe(
    `A fault of the gateway, id ${id}. What was not acknowledged may be sent again; tell the operator the id if it happens again.`,
  );
  const route = '/ehr/:site/fhir/:type/:id';
  expect(last(debugging, 'fault')).toEqual({
    level: 'error',
    time: '2025-06-01T12:00:00.000Z',
    event: 'fault',
    id,
    route,
    error: 'RangeError',
  });
  expect(last(debugging, 'fault-frames')).toMatchObject({ level: 'debug', id });
  expect(debugging.lines.join('')).not.toMatch(/p-1|nothing is known/);
});

test.each(['/forms/status', '/forms/text'])('whatever is thrown at %s is a fault', async (path) => {
  const answer = await fetch(service.url + path);
  expect(await outcome(answer.clone())).toMatchObject({ status: 500, code: 'fault' });
  expect(await answer.text()).not.toContain('secret');
  expect(service.lines.join('')).not.toContain('secret');
  expect(last(service, 'fault-frames')).toBeUndefined();
});

test('a fault amid an answer breaks it off', async () => {
  await expect(fetch(`${service.url}/forms/late`).then((answer) => answer.text())).rejects.toThrow();
  expect(last(service, 'fault')).toMatchObject({ route: '/forms/late', error: 'Error' });
});

test('what HTTP itself forbids: no Host, an expectation that nobody knows', async () => {
  const noHost = await raw(service.url, 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n');
  expect(noHost).toMatch(/^HTTP\/1\.1 400 /);
  expect(noHost).toContain('"code":"not-http"');
  const odd = await raw(
    service.url,
    'POST /forms HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\n',
  );
  expect(odd).toMatch(/^HTTP\/1\.1 417 /);
  expect(odd).toContain('"code":"expectation"');
  expect(last(service, 'malformed')).toMatchObject({ status: 417, codes: ['expectation'] });
  const old = await raw(service.url, 'GET /livez HTTP/1.0\r\n\r\n');
  expect(old).toMatch(/^HTTP\/1\.1 200 /);
});

test('headers: those of helmet, no trace of Express, nothing to be kept', async () => {
  const { headers } = await fetch(`${service.url}/livez`);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
  expect([headers.get('x-powered-by'), headers.get('etag')]).toEqual([null, null]);
});

test("the client's own id of a request comes back when it is a UUID; ours is always ours", async () => {
  const uuid = '0b7a4e3c-5d53-4a8e-9c51-2f6a1d3c8e10';
  const ask = async (id: string) => (await fetch(`${service.url}/livez`, { headers: { 'x-request-id': id } })).headers;
  const known = await ask(uuid);
  expect(known.get('x-correlation-id')).toBe(uuid);
  expect(known.get('x-request-id')).toMatch(/^id-\d+$/);
  expect((await ask('MRN-00012345')).get('x-correlation-id')).toBeNull();
  expect(service.lines.join('')).not.toContain(uuid);
});
