import { identifiersOf } from '../../src/identity/identifiers-of.ts';
import { createScanner } from '../../src/identity/scanner.ts';
import { person } from '../commands/people.ts';
import { raw, startService, stopServices, type TestService } from './service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ level: 'debug' });
});
afterAll(stopServices);

const FHIR = { 'content-type': 'application/fhir+json' };

test('metrics know templates of routes, never paths', async () => {
  await fetch(`${service.url}/ehr/ya/fhir/Patient/mrn-4711`, { method: 'PUT', body: '{}', headers: FHIR });
  await fetch(`${service.url}/ehr/ya/fhir/Patient/mrn-4711`);
  await fetch(`${service.url}/ehr/ya/fhir/of/mrn-4711/last`);
  await fetch(`${service.url}/ehr/ya/fhir/mrn-4711`);
  await fetch(`${service.url}/mrn-4711?patient=mrn-4711`);
  const text = await (await fetch(`${service.url}/metrics`)).text();
  expect(text).not.toContain('4711');
  expect(text.match(/^study_gateway_http_requests_total.*$/gm)).toEqual([
    'study_gateway_http_requests_total{route="/ehr/:site/fhir/:type/:id",method="PUT",status="200"} 1',
    'study_gateway_http_requests_total{route="/ehr/:site/fhir/:type/:id",method="GET",status="500"} 1',
    'study_gateway_http_requests_total{route="/ehr/:site/fhir/:in/:in/last",method="GET",status="200"} 1',
    'study_gateway_http_requests_total{route="/ehr/:site/fhir/*",method="GET",status="404"} 1',
    'study_gateway_http_requests_total{route="/*",method="GET",status="404"} 1',
  ]);
  expect(text).toContain(
    'study_gateway_http_request_seconds_count{route="/ehr/:site/fhir/:type/:id",method="PUT"} 1\n',
  );
});

test('bytes are counted by route, over requests of one connection', async () => {
  const before = await service.metrics.text();
  const one = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
  const last = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await raw(service.url, one, () => last);
  const after = await service.metrics.text();
  const sum = (text: string, name: string) =>
    Number(new RegExp(`^study_gateway_${name}{route="/livez"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  const grown = (name: string) => sum(after, name) - sum(before, name);
  expect(grown('http_received_bytes_total')).toBe(one.length + last.length);
  expect(grown('http_sent_bytes_total')).toBe(Buffer.byteLength(answers));
});

test('a line of the log holds the request by codes and templates', async () => {
  const answer = await fetch(`${service.url}/ehr/ya/fhir/Patient/p-1`, { method: 'PUT', body: '{', headers: FHIR });
  expect(JSON.parse(service.lines.at(-1)!)).toEqual({
    level: 'info',
    time: '2025-06-01T12:00:00.000Z',
    event: 'request',
    id: answer.headers.get('x-request-id'),
    route: '/ehr/:site/fhir/:type/:id',
    method: 'PUT',
    status: 400,
    ms: 0,
    client: 'his-1',
    site: 'ya',
    codes: ['invalid-json'],
  });
});

test('no identifier of a hospital reaches log or metrics, wherever in a request it stands', async () => {
  const resources = person(1);
  const identifiers = resources.flatMap((resource) => [...identifiersOf(resource)]);
  const scanner = createScanner(identifiers);
  expect(scanner.texts).toBeGreaterThan(10);
  const sent: string[] = [];
  for (const { kind, value } of identifiers) {
    const text = encodeURIComponent(value);
    const [path, query] = [`/ehr/ya/fhir/Patient/${text}`, `?identifier=${text}`];
    const headers = {
      ...FHIR,
      'x-request-id': text,
      'x-correlation-id': text,
      'user-agent': text,
      authorization: text,
    };
    for (const [method, body] of [
      ['PUT', `{"${value}"`],
      ['GET', null],
      ['DELETE', null],
    ] as const)
      await fetch(service.url + path + query, { method, body, headers: { ...headers, 'if-match': text } });
    await fetch(`${service.url}/ehr/${text}/fhir/of/${text}/last`, { headers });
    await raw(service.url, `GET /${kind} ${text}\r\n\r\n`);
    sent.push(`${path}${query}\n`);
  }
  const hits = async (name: string, text: string) => {
    const found: string[] = [];
    for await (const hit of scanner.scan({ name, content: [Buffer.from(text)] })) found.push(JSON.stringify(hit));
    return found;
  };
  expect((await hits('requests', sent.join(''))).length).toBeGreaterThan(10);
  expect(service.lines.length).toBeGreaterThan(5 * identifiers.length);
  expect(await hits('log', service.lines.join(''))).toEqual([]);
  expect(await hits('metrics', await service.metrics.text())).toEqual([]);
});
