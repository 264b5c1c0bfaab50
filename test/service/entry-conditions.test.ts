import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const SYSTEM = 'https://youan.example/mrn';
const dated = (day: string) => ({ meta: { lastUpdated: `2025-05-${day}T08:00:00Z` } });
const patient = (id: string, number: string, more: object = {}) => {
  return { resourceType: 'Patient', id, identifier: [{ system: SYSTEM, value: number }], ...more };
};
const put = (url: string, resource: object, more: object = {}) => ({
  resource,
  request: { method: 'PUT', url, ...more },
});
const unlessThere = (resource: object, number: string) => {
  return { resource, request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${SYSTEM}|${number}` } };
};
const send = async (type: string, ...entry: object[]) =>
  (await service.ask('POST', '/ehr/ya/fhir', { resourceType: 'Bundle', type, entry })).body;
const statuses = (bundle: { entry: { response: { status: string } }[] }) =>
  bundle.entry.map(({ response }) => response.status.slice(0, 3));
const codeOf = (outcome: { issue: { details: { coding: { code: string }[] } }[] }) =>
  outcome.issue[0]!.details.coding[0]!.code;
const stands = async (id: string) => {
  const record = await service.gateway.store.read((tx) => tx.hospital.record({ site: 'ya', type: 'Patient', id }));
  return record === null ? null : record.deleted ? 'deleted' : record.revision;
};

describe('each entry of a batch is asked when it is its turn (R4, http.html#trules)', () => {
  test('the second create of one identifier finds the first', async () => {
    const answer = await send('batch', unlessThere(patient('a', '1'), '1'), unlessThere(patient('b', '1'), '1'));
    expect(statuses(answer)).toEqual(['201', '200']);
    expect(answer.entry[1].response.location).toBe(`${service.url}/ehr/ya/fhir/Patient/a/_history/1`);
  });

  test('a version is replaced once', async () => {
    await send('batch', put('Patient/a', patient('a', '1', dated('01'))));
    const match = { ifMatch: 'W/"1"' };
    const answer = await send(
      'batch',
      put('Patient/a', patient('a', '1', { ...dated('02'), gender: 'male' }), match),
      put('Patient/a', patient('a', '1', { ...dated('03'), gender: 'other' }), match),
    );
    expect(statuses(answer)).toEqual(['200', '412']);
  });
});

describe('a transaction is carried out as R4 orders it (http.html#trules)', () => {
  test('it deletes, then creates, then updates', async () => {
    const answer = await send('transaction', put('Patient/b', patient('b', '1')), unlessThere(patient('a', '1'), '1'), {
      request: { method: 'DELETE', url: 'Patient/c' },
    });
    expect(statuses(answer)).toEqual(['201', '201', '204']);
    expect([await stands('a'), await stands('b')]).toEqual([1, 1]);
  });

  test.each([
    ['two creates', [unlessThere(patient('a', '1'), '1'), unlessThere(patient('b', '1'), '1')]],
    [
      'two updates',
      [
        put(`Patient?identifier=${SYSTEM}|1`, patient('a', '1')),
        put(`Patient?identifier=${SYSTEM}|1`, patient('b', '1')),
      ],
    ],
    [
      'a create and an update',
      [unlessThere(patient('a', '1'), '1'), put(`Patient?identifier=${SYSTEM}|1`, patient('b', '1'))],
    ],
  ])('%s by one identifier are refused, whether it is there or not', async (_, entries) => {
    const before = await send('transaction', ...entries);
    expect([codeOf(before), before.issue[0].expression]).toEqual(['entry-twice', ['Bundle.entry[1]']]);
    expect([await stands('a'), await stands('b')]).toEqual([null, null]);
    await send('batch', put('Patient/z', patient('z', '1')));
    const { id: _one, ...nameless } = patient('', '1');
    const after = await send('transaction', ...entries.map(({ request }) => ({ resource: nameless, request })));
    expect(codeOf(after)).toBe('entry-twice');
  });
});
