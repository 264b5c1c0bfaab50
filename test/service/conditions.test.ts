import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const BASE = '/ehr/ya/fhir';
const PATIENT = { resourceType: 'Patient', id: 'a', identifier: [{ system: 'https://youan.example/mrn', value: '1' }] };
const codeOf = (outcome: { issue: { details: { coding: { code: string }[] } }[] }) =>
  outcome.issue[0]!.details.coding[0]!.code;
const stands = () =>
  service.gateway.store.read(({ hospital }) => hospital.record({ site: 'ya', type: 'Patient', id: 'a' }));

describe('a condition that is not offered is refused, since without it the write would not be conditional', () => {
  test.each([
    ['PUT', '/Patient/a', PATIENT, 'if-none-match', '*'],
    ['PUT', '/Patient?identifier=https://youan.example/mrn|1', PATIENT, 'if-none-match', '*'],
    ['POST', '/Patient', PATIENT, 'if-none-match', 'W/"1"'],
    ['DELETE', '/Patient/a', undefined, 'if-none-match', 'W/"1"'],
    ['PUT', '/Patient/a', PATIENT, 'if-unmodified-since', 'Thu, 01 May 2025 00:00:00 GMT'],
  ])('%s %s', async (method, path, body, name, value) => {
    const answer = await service.ask(method, `${BASE}${path}`, body, { headers: { [name]: value } });
    expect([answer.status, codeOf(answer.body), await stands()]).toEqual([412, 'condition', null]);
  });

  test.each([
    [{ ifNoneMatch: '*' }, 'ifNoneMatch'],
    [{ ifModifiedSince: '2025-05-01T00:00:00Z' }, 'ifModifiedSince'],
  ])('an entry with %j', async (more, element) => {
    const entry = [{ resource: PATIENT, request: { method: 'PUT', url: 'Patient/a', ...more } }];
    const answer = await service.ask('POST', BASE, { resourceType: 'Bundle', type: 'transaction', entry });
    expect([answer.status, codeOf(answer.body), answer.body.issue[0].expression, await stands()]).toEqual([
      ...[412, 'condition', [`Bundle.entry[0].request.${element}`], null],
    ]);
  });
});

test.each(['Patient/$validate', 'Patient/a/$match', 'Patient/_search', '$process-message'])(
  'an entry that asks for %s creates nothing',
  async (url) => {
    const entry = [{ resource: PATIENT, request: { method: 'POST', url } }];
    const { body } = await service.ask('POST', BASE, { resourceType: 'Bundle', type: 'batch', entry });
    const { status, outcome } = body.entry[0].response;
    expect([status, codeOf(outcome), outcome.issue[0].expression, await stands()]).toEqual([
      ...['405', 'entry-operation', ['Bundle.entry[0].request.url'], null],
    ]);
  },
);

test('a history tells under which conditions its versions came to be: they are not asked again', async () => {
  const request = { method: 'PUT', url: 'Patient/a', ifMatch: 'W/"3"', ifNoneMatch: '*' };
  const made = { method: 'POST', url: 'Patient', ifNoneExist: 'name=x' };
  const entry = [
    { resource: PATIENT, request, response: { status: '200', lastModified: '2025-05-01T00:00:00Z', etag: 'W/"4"' } },
    { resource: { ...PATIENT, id: 'b' }, request: made, response: { status: '201' } },
  ];
  const { body } = await service.ask('POST', BASE, { resourceType: 'Bundle', type: 'history', entry });
  expect(body.entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
    '201 Created',
    '201 Created',
  ]);
});

describe('a Subscription is made and replaced by its id alone', () => {
  const SUBSCRIPTION = {
    ...{ resourceType: 'Subscription', status: 'requested', reason: 'x', criteria: 'Task?' },
    channel: { type: 'rest-hook', endpoint: 'https://his.example/h' },
  };

  test('PUT by criteria is no method here, POST unless there is one is no condition', async () => {
    const path = `${BASE}/Subscription`;
    const put = await service.ask('PUT', `${path}?identifier=https://youan.example/mrn|1`, SUBSCRIPTION);
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
    const headers = { 'if-none-exist': 'identifier=https://youan.example/mrn|1' };
    const post = await service.ask('POST', path, SUBSCRIPTION, { headers });
    expect([post.status, codeOf(post.body)]).toEqual([412, 'condition']);
  });

  test('the CapabilityStatement says which versions and conditions there are', async () => {
    const { body } = await service.ask('GET', `${BASE}/metadata`);
    const told = (type: string) => {
      const found = body.rest[0].resource.find((one: { type: string }) => one.type === type);
      return [found.versioning, found.conditionalRead];
    };
    expect(told('Subscription')).toEqual(['versioned-update', 'not-match']);
    expect(told('ResearchSubject')).toEqual(['versioned', 'not-match']);
    expect(told('Patient')).toEqual(['versioned-update', undefined]);
    expect(told('Organization')).toEqual(['no-version', undefined]);
  });
});

describe('criteria name one identifier (R4, search.html#escaping)', () => {
  const create = (criteria: string, id = 'b') => {
    const headers = { 'if-none-exist': `identifier=${criteria}` };
    return service.ask('POST', `${BASE}/Patient`, { ...PATIENT, id }, { headers });
  };

  test('either of two is not one', async () => {
    const { status, body } = await create('https://youan.example/mrn|1,https://youan.example/mrn|2');
    expect([status, codeOf(body)]).toEqual([400, 'criteria']);
  });

  test('a comma that is escaped is part of the value', async () => {
    const identifier = [{ system: 'https://youan.example/mrn', value: '1,2|3' }];
    await service.ask('PUT', `${BASE}/Patient/a`, { ...PATIENT, identifier });
    const { status, body } = await create('https://youan.example/mrn|1\\,2\\|3');
    expect([status, body.id]).toEqual([200, 'a']);
  });
});
