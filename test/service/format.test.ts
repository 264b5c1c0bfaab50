import { openTestService, type TestService } from './service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

const BASE = '/ehr/ya/fhir';
const get = async (path: string, accept?: string) =>
  (await service.ask('GET', `${BASE}${path}`, undefined, { headers: accept ? { accept } : {} })).status;

describe('content negotiation of what is read (R4, http.html#mime-type)', () => {
  test.each([
    ['/metadata', 200],
    ['/ResearchSubject', 200],
    ['/List/screening-log', 200],
  ])('%s: JSON only', async (path, status) => {
    for (const accept of [
      'application/fhir+json',
      'application/json;q=0.5, application/fhir+xml',
      'application/fhir+json; fhirVersion=4.0; charset=utf-8',
      '*/*',
      'application/*',
    ])
      expect([accept, await get(path, accept)]).toEqual([accept, status]);
    for (const accept of [
      'application/fhir+xml',
      'text/html, application/fhir+json;q=0',
      'application/fhir+json; fhirVersion=3.0',
    ])
      expect([accept, await get(path, accept)]).toEqual([accept, 406]);
  });

  test.each(['json', 'application/json', 'application/fhir%2Bjson', 'application/fhir+json', 'text/json'])(
    '_format=%s goes before Accept',
    async (format) => {
      for (const path of ['/metadata', '/ResearchSubject', '/List/screening-log'])
        expect([path, await get(`${path}?_format=${format}`, 'application/fhir+xml')]).toEqual([path, 200]);
    },
  );

  test('another _format is refused', async () => {
    for (const path of ['/metadata', '/List/screening-log']) expect(await get(`${path}?_format=xml`)).toBe(406);
  });
});

test('a search by POST may have all its parameters in the address, and no body', async () => {
  const path = `${BASE}/ResearchSubject/_search?_count=1`;
  const found = await service.ask('POST', path);
  expect([found.status, found.body.link[0].url]).toEqual([200, `${service.url}${BASE}/ResearchSubject?_count=1`]);
  expect((await service.ask('POST', path, {})).status).toBe(415);
});

test('405 names all methods there are', async () => {
  const allow = async (path: string) => (await service.ask('PATCH', `${BASE}${path}`, {})).headers.get('allow');
  expect(await allow('/Patient/p')).toBe('PUT, DELETE');
  expect(await allow('/Patient')).toBe('POST, PUT');
  expect(await allow('/ResearchSubject/p')).toBe('PUT, DELETE, GET, HEAD');
  expect(await allow('/Task')).toBe('POST, PUT, GET, HEAD');
});
