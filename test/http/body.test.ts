import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { LIMITS, outcome, raw, startService, stopServices, type TestService } from './service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(stopServices);

const FHIR = { 'content-type': 'application/fhir+json' };
const post = (body: string | Buffer | null, headers: Record<string, string> = FHIR) =>
  fetch(`${service.url}/ehr/ya/fhir`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> | null, headers });

describe('what is taken', () => {
  test.each([
    ['application/fhir+json'],
    ['application/json'],
    ['Application/FHIR+JSON; charset="UTF-8"'],
    ['application/fhir+json; fhirVersion=4.0'],
  ])('%s', async (type) => {
    const answer = await post('\uFEFF{"resourceType":"Patient"}', { 'content-type': type });
    expect([answer.status, await answer.json()]).toEqual([200, { body: { resourceType: 'Patient' } }]);
  });

  test('exactly the most bytes, entries and levels', async () => {
    const text = JSON.stringify({ resourceType: 'Bundle', entry: [[[[[[[]]]]]], 2, 3] });
    const answer = await post(text.padEnd(LIMITS.maxBodyBytes));
    expect(answer.status).toBe(200);
  });

  test('a key __proto__ stays a key and reaches nothing', async () => {
    const answer = await post('{"__proto__":{"polluted":true}}');
    expect(await answer.text()).toBe('{"body":{"__proto__":{"polluted":true}}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('what is refused', () => {
  test.each<[string, string | Buffer | null, Record<string, string>, number, string, RegExp]>([
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415, 'content-type', /application\/fhir\+json or/],
    ['XML', '<a/>', { 'content-type': 'application/fhir+xml' }, 415, 'content-type', /Content-Type/],
    ['a media type that is none', '{}', { 'content-type': 'json' }, 415, 'content-type', /Content-Type/],
    ['another charset', '{}', { 'content-type': 'application/json; charset=gbk' }, 415, 'charset', /UTF-8/],
    ['FHIR R5', '{}', { 'content-type': 'application/fhir+json; fhirVersion=5.0' }, 415, 'fhir-version', /R4/],
    ['gzip', gzipSync('{}'), { ...FHIR, 'content-encoding': 'gzip' }, 415, 'content-encoding', /no gzip/],
    ['two codings', '{}', { ...FHIR, 'content-encoding': 'gzip, br' }, 415, 'content-encoding', /no gzip/],
    ['no body', null, FHIR, 400, 'body-missing', /no body/],
    ['too long', '{}'.padEnd(2_001), FHIR, 413, 'body-too-large', /longer than 2000 bytes/],
    ['not UTF-8', Buffer.from('{"a":"\xe4"}', 'latin1'), FHIR, 400, 'invalid-utf8', /not UTF-8 at line 1, column 7\./],
    ['the same element twice', '{"a":1,\n "b":{},"\\u0061":2}', FHIR, 400, 'repeated-member', /at line 2, column 9\./],
    ['not JSON', '{\n  "a": tru\n}', FHIR, 400, 'invalid-json', /broken at line 2, column 11\./],
    ['JSON and more', '{} {}', FHIR, 400, 'invalid-json', /broken at line 1, column 4\./],
    ['JSON cut off', '{"a":\n [1,', FHIR, 400, 'invalid-json', /ends too early, at line 2, column 5\./],
    ['too deep', '[[[[[[[[[]]]]]]]]]', FHIR, 400, 'too-deep', /deeper than 8 levels, at line 1, column 9\./],
    [
      'too many entries',
      '{"resourceType":"Bundle","entry":[1,2,3,4]}',
      FHIR,
      413,
      'too-many-entries',
      /more than 3 entries/,
    ],
  ])('%s', async (_name, body, headers, status, code, text) => {
    const told = await outcome(await post(body, headers));
    expect(told).toEqual({ status, code, text: expect.stringMatching(text) });
  });

  test('a content coding is told what is taken instead', async () => {
    const answer = await post(gzipSync('{}'), { ...FHIR, 'content-encoding': 'gzip' });
    expect(answer.headers.get('accept-encoding')).toBe('identity');
  });

  test('too many entries say where', async () => {
    const answer = await post('{"resourceType":"Bundle","entry":[1,2,3,4]}');
    expect(await answer.json()).toMatchObject({ issue: [{ code: 'too-costly', expression: ['Bundle.entry'] }] });
  });
});

describe('too long, before it is there', () => {
  const HEAD = 'POST /ehr/ya/fhir HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n';

  test('by its Content-Length, while nothing of it has come; the connection is closed', async () => {
    const answer = await raw(service.url, `${HEAD}Content-Length: 2001\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*"body-too-large"/s);
  });

  test('counted, when no length is told and it never ends', async () => {
    const chunk = `400\r\n${' '.repeat(1024)}\r\n`;
    const answer = await raw(service.url, `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*"body-too-large"/s);
  });

  test('a client that sends on is heard to the end, and not reset', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    socket.write(`${HEAD}Content-Length: 4000000\r\n\r\n`);
    const answer = await new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"body-too-large"/s);
    socket.write(Buffer.alloc(4_000_000, 0x20));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(errors).toEqual([]);
  });
});
