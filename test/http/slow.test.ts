import { Router } from 'express';
import { allowStream } from '../../src/http/deadline.ts';
import { readJson } from '../../src/http/limits.ts';
import { refuse, sendFhir } from '../../src/http/respond.ts';
import { LIMITS, raw, startService, stopServices } from './service.ts';

afterEach(stopServices);

const HEAD = 'Host: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 10\r\n\r\n';
const CUT = /^HTTP\/1\.1 408 .*Content-Type: application\/fhir\+json.*"resourceType":"OperationOutcome"/s;

/** Routes as a stream has them: one that reads on and on, one that answers before all has come. */
const streams = Router();
streams.post('/', async (req, res) => {
  allowStream(res);
  let bytes = 0;
  for await (const chunk of req) bytes += chunk.length;
  sendFhir(res, 200, { bytes });
});
streams.post('/early', (_req, res) => {
  res.type('text/plain').write('first ');
});
const areas = () => [{ mount: '/streams', router: streams }];

test('a body that does not come is cut with 408', async () => {
  const { url, lines } = await startService({ settings: { uploadSeconds: 0.05 } });
  const answer = await raw(url, `POST /ehr/ya/fhir HTTP/1.1\r\n${HEAD}{`);
  expect(answer).toMatch(CUT);
  expect(answer).toContain('"code":"upload-too-slow"');
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ route: '/ehr/:site/fhir', status: 408, codes: ['upload-too-slow'] }),
  );
});

test('a body of which the rest comes after 408 is not done all the same', async () => {
  const read: string[] = [];
  const router = Router().post('/', async (req, res) => {
    const body = await readJson(req, LIMITS);
    read.push(body.ok ? 'done' : body.refusal.code);
    if (!body.ok) refuse(res, body.refusal);
  });
  const { url } = await startService({
    settings: { uploadSeconds: 0.05 },
    areas: () => [{ mount: '/', router }],
  });
  const answer = await raw(url, `POST / HTTP/1.1\r\n${HEAD}{`, () => '"a":1234}');
  expect(answer).toMatch(CUT);
  expect(read).toEqual(['body-cut']);
});

test('a header that does not come is cut with 408', async () => {
  const { url, metrics } = await startService({ settings: { headersSeconds: 0.05 } });
  const answer = await raw(url, 'POST /ehr/ya/fhir HTTP/1.1\r\nHost:');
  expect(answer).toMatch(CUT);
  expect(answer).toContain('"code":"request-too-slow"');
  expect(await metrics.text()).toContain('study_gateway_http_malformed_total{code="request-too-slow"} 1\n');
});

test('a stream may take longer than a body, but not for ever', async () => {
  const settings = { headersSeconds: 0.05, uploadSeconds: 0.1, streamSeconds: 0.3 };
  const { url } = await startService({ settings, areas });
  const answer = await raw(url, `POST /streams HTTP/1.1\r\n${HEAD}{`);
  expect(answer).toMatch(CUT);
  expect(answer).toContain('"code":"request-too-slow"');
});

test.each([
  ['by the deadline', { uploadSeconds: 0.05 }],
  ['by the server', { headersSeconds: 0.05, streamSeconds: 0.1 }],
])('an answer that has begun is not continued with another: %s', async (_name, settings) => {
  const { url } = await startService({ settings, areas });
  const answer = await raw(url, `POST /streams/early HTTP/1.1\r\n${HEAD}{`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\n6\r\nfirst \r\n$/s);
});

test.each([
  ['what is not HTTP', 'HELO hospital\r\n\r\n', 400, 'not-http'],
  ['a header too long', `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'header-too-long'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'not-http'],
])('%s', async (_name, bytes, status, code) => {
  const { url, lines } = await startService();
  const answer = await raw(url, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*"code":"${code}"`, 's'));
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ event: 'malformed', status, codes: [code] });
});
