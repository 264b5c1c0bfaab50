import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const BASE = '/ehr/ya/fhir';
const SYSTEM = 'https://youan.example/mrn';
const patient = (id: string, gender: string, day = '01') => {
  const identifier = [{ system: SYSTEM, value: '1' }];
  return { resourceType: 'Patient', id, identifier, gender, meta: { lastUpdated: `2025-05-${day}T08:00:00Z` } };
};
const codeOf = (outcome: { issue: { details: { coding: { code: string }[] } }[] }) =>
  outcome.issue[0]!.details.coding[0]!.code;
const CRITERIA = `identifier=${SYSTEM}|1`;
const SUBSETTED = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }];
const ASKED = 'return=representation';

describe('what was not written is not shown as what stands, nor dated by now', () => {
  beforeEach(async () => {
    const made = await service.ask('PUT', `${BASE}/Patient/a`, patient('a', 'female', '02'));
    expect(made.headers.get('last-modified')).toBe(new Date(service.now).toUTCString());
  });

  test('If-None-Exist: the one that is there, by its id and version', async () => {
    const headers = { 'if-none-exist': CRITERIA };
    const found = await service.ask('POST', `${BASE}/Patient`, patient('b', 'male'), { headers });
    expect([found.status, found.headers.get('etag'), found.headers.get('last-modified')]).toEqual([200, 'W/"1"', null]);
    expect(found.body).toEqual({ resourceType: 'Patient', id: 'a', meta: { versionId: '1', tag: SUBSETTED } });
    const told = await service.ask('POST', `${BASE}/Patient`, patient('b', 'male'), {
      headers: { ...headers, prefer: 'return=OperationOutcome' },
    });
    expect(codeOf(told.body)).toBe('exists');
  });

  test('PUT of a stale version: no date', async () => {
    const stale = await service.ask('PUT', `${BASE}/Patient/a`, patient('a', 'male', '01'));
    expect([codeOf(stale.body), stale.headers.get('last-modified')]).toEqual(['stale', null]);
  });

  test('entries of a Bundle alike', async () => {
    const put = (resource: object) => ({ resource, request: { method: 'PUT', url: 'Patient/a' } });
    const unlessThere = {
      resource: patient('b', 'male'),
      request: { method: 'POST', url: 'Patient', ifNoneExist: CRITERIA },
    };
    const entry = [put(patient('a', 'male', '01')), put(patient('a', 'female', '02')), unlessThere];
    const { body } = await service.ask(
      'POST',
      BASE,
      { resourceType: 'Bundle', type: 'batch', entry },
      { headers: { prefer: ASKED } },
    );
    const said = body.entry.map(
      ({ resource, response }: { resource?: object; response: { lastModified?: string; outcome: never } }) => [
        codeOf(response.outcome),
        response.lastModified,
        resource,
      ],
    );
    const there = { resourceType: 'Patient', id: 'a', meta: { versionId: '1', tag: SUBSETTED } };
    expect(said).toEqual([
      ['stale', undefined, undefined],
      ['unchanged', undefined, undefined],
      ['exists', undefined, there],
    ]);
  });
});
