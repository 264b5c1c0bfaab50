import { enrol, ownId, person, put, recordOf, withdraw } from './people.ts';
import { codeOf, openTestApi, START, type TestApi } from './service.ts';

let api: TestApi;
beforeEach(async () => {
  api = await openTestApi();
  api.learn([1, 2, 3].map((number) => person(number)));
  await enrol(api.store, [person(1), person(2)], api.clock);
});
afterEach(() => api.close());

const at = (number: number) => new Date(START + number).toISOString();
const observation = (number: number) => recordOf(person(number)).find((one) => one.resourceType === 'Observation')!;

/** Writes a newer version of the Observation of person 1. */
const correct = () =>
  api.store.withTransaction((tx) =>
    put(tx, { ...observation(1), status: 'corrected' }, ownId('subject-1'), new Date(api.clock()).toISOString()),
  );

describe('read', () => {
  test('a resource under the id of the registry, with version and time', async () => {
    const id = api.id('Condition', 'condition-1');
    const { status, headers, body } = await api.ask(`/Condition/${id}`);
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('W/"1"');
    expect(headers.get('last-modified')).toBe(new Date(START + 3).toUTCString());
    expect(body).toMatchObject({
      resourceType: 'Condition',
      id,
      meta: { versionId: '1', lastUpdated: at(3) },
      subject: { reference: `Patient/${api.id('Patient', 'patient-1')}` },
    });
    expect(JSON.stringify(body)).not.toContain(ownId('patient-1'));
    expect(api.lens.sites.get(ownId('subject-1'))).toBe('ya');
  });

  test('not changed since: 304', async () => {
    const path = `/Condition/${api.id('Condition', 'condition-1')}`;
    const same = await api.ask(path, { headers: { 'if-none-match': 'W/"1"' } });
    expect([same.status, same.text]).toEqual([304, '']);
    expect((await api.ask(path, { headers: { 'if-none-match': 'W/"2"' } })).status).toBe(200);
  });

  test('our own id is nobody', async () => {
    const answer = await api.ask(`/Condition/${ownId('condition-1')}`);
    expect([answer.status, codeOf(answer.body)]).toEqual([404, 'not-found']);
  });

  test('what the agreement does not cover is not there; a whole type is forbidden', async () => {
    api.lens.hidden.add(`Condition/${ownId('condition-1')}`);
    const hidden = await api.ask(`/Condition/${api.id('Condition', 'condition-1')}`);
    expect([hidden.status, codeOf(hidden.body)]).toEqual([404, 'not-found']);
    api.lens.types.delete('Condition');
    const type = await api.ask(`/Condition/${api.id('Condition', 'condition-2')}`);
    expect([type.status, codeOf(type.body)]).toEqual([403, 'not-in-agreement']);
  });

  test('without an agreement in force nothing is read', async () => {
    api.lenses.clear();
    for (const path of ['/Patient', `/Patient/${api.id('Patient', 'patient-1')}`]) {
      const answer = await api.ask(path);
      expect([answer.status, codeOf(answer.body)]).toEqual([403, 'no-agreement']);
    }
  });

  test('what is gone: 410, as a whole when consent is withdrawn; 404 where it was never to be seen', async () => {
    await withdraw(api.store, 1, api.clock);
    for (const [type, name] of [
      ['Observation', 'observation-1'],
      ['Patient', 'patient-1'],
      ['ResearchSubject', 'subject-1'],
    ] as const) {
      const path = `/${type}/${api.id(type, name)}`;
      for (const more of ['', '/_history/1']) {
        const answer = await api.ask(`${path}${more}`);
        expect([type, answer.status, codeOf(answer.body)]).toEqual([type, 410, 'deleted']);
      }
    }
    api.lens.hidden.add(`Observation/${ownId('observation-1')}`);
    expect((await api.ask(`/Observation/${api.id('Observation', 'observation-1')}`)).status).toBe(404);
  });

  test('a ResearchSubject without consent was never there', async () => {
    await api.store.withTransaction((tx) => put(tx, recordOf(person(3))[0]!, ownId('subject-3'), at(900)));
    api.wait(1_000);
    expect((await api.ask(`/ResearchSubject/${api.id('ResearchSubject', 'subject-3')}`)).status).toBe(404);
    expect((await api.ask('/ResearchSubject')).body.total).toBe(2);
  });
});

describe('versions', () => {
  test('vread gives each version; history all of them, the newest first', async () => {
    await correct();
    const id = api.id('Observation', 'observation-1');
    const [first, second] = [
      await api.ask(`/Observation/${id}/_history/1`),
      await api.ask(`/Observation/${id}/_history/2`),
    ];
    expect([first.body.status, first.headers.get('etag')]).toEqual(['final', 'W/"1"']);
    expect([second.body.status, second.headers.get('etag')]).toEqual(['corrected', 'W/"2"']);
    expect((await api.ask(`/Observation/${id}/_history/3`)).status).toBe(404);
    const { body } = await api.ask(`/Observation/${id}/_history`);
    expect([body.type, body.total]).toEqual(['history', 2]);
    expect(body.entry[0]).toMatchObject({
      fullUrl: `${api.base}/Observation/${id}`,
      resource: { id, status: 'corrected', meta: { versionId: '2' } },
      request: { method: 'PUT', url: `Observation/${id}` },
      response: { status: '200', etag: 'W/"2"' },
    });
    expect(body.entry[1]).toMatchObject({ resource: { status: 'final' }, response: { status: '201' } });
    const since = body.entry[0].resource.meta.lastUpdated;
    expect((await api.ask(`/Observation/${id}/_history?_since=${since}`)).body.entry).toHaveLength(1);
    expect((await api.ask(`/Observation/${id}/_history?_count=1`)).body).toMatchObject({ total: 2, entry: [{}] });
  });

  test('of what is gone only that it is', async () => {
    await correct();
    await withdraw(api.store, 1, api.clock);
    const id = api.id('Observation', 'observation-1');
    const { status, body } = await api.ask(`/Observation/${id}/_history`);
    expect(status).toBe(200);
    expect(body.entry).toEqual([
      {
        fullUrl: `${api.base}/Observation/${id}`,
        request: { method: 'DELETE', url: `Observation/${id}` },
        response: { status: '204', etag: 'W/"3"', lastModified: expect.any(String) },
      },
    ]);
  });

  test('a ResearchSubject has no versions from before consent', async () => {
    const [subject, ...rest] = recordOf(person(3));
    const write = (resource: typeof subject) =>
      api.store.withTransaction((tx) => put(tx, resource!, ownId('subject-3'), new Date(api.clock()).toISOString()));
    await write({ ...subject!, status: 'screening' });
    await write({ ...subject!, status: 'eligible' });
    for (const one of rest) await write(one);
    await write(subject!);
    const id = api.id('ResearchSubject', 'subject-3');
    const { body } = await api.ask(`/ResearchSubject/${id}/_history`);
    expect(body.entry.map((one: { resource: { status: string } }) => one.resource.status)).toEqual([
      'on-study',
      'eligible',
    ]);
    expect((await api.ask(`/ResearchSubject/${id}/_history/1`)).status).toBe(404);
  });
});

describe('parts', () => {
  test.each([
    ['_elements=code', ['code', 'id', 'meta', 'resourceType', 'status']],
    ['_elements=value', ['id', 'meta', 'resourceType', 'status', 'code', 'valueCodeableConcept']],
    ['_summary=text', ['id', 'meta', 'resourceType', 'status', 'code']],
  ])('%s', async (query, keys) => {
    const { body } = await api.ask(`/Observation/${api.id('Observation', 'observation-1')}?${query}`);
    expect(Object.keys(body).sort()).toEqual([...keys].sort());
    expect(body.meta.tag).toEqual([
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' },
    ]);
  });

  test('_summary=true leaves out what R4 does not mark; modifiers stay', async () => {
    const { body } = await api.ask(`/AdverseEvent/${api.id('AdverseEvent', 'event-1')}?_summary=true`);
    expect(body).toHaveProperty('severity');
    expect(body).toHaveProperty('modifierExtension');
    const procedure = await api.ask(`/Specimen/${api.id('Specimen', 'specimen-1')}?_summary=true`);
    expect(procedure.body).not.toHaveProperty('collection');
  });

  test('_summary=false is all; a value nobody knows is refused', async () => {
    const path = `/Observation/${api.id('Observation', 'observation-1')}`;
    expect((await api.ask(`${path}?_summary=false`)).body.meta.tag).toBeUndefined();
    expect((await api.ask(`${path}?_summary=all`)).status).toBe(400);
  });
});

describe('$everything', () => {
  const everything = (query = '', options = {}) =>
    api.ask(`/Patient/${api.id('Patient', 'patient-1')}/$everything${query}`, options);
  const types = (body: { entry: { resource: { resourceType: string } }[] }) =>
    [...new Set(body.entry.map(({ resource }) => resource.resourceType))].sort();

  test('all of one patient, nobody else', async () => {
    const { status, body } = await everything();
    expect([status, body.type, body.total]).toEqual([200, 'searchset', recordOf(person(1)).length]);
    const others = recordOf(person(2)).map(({ resourceType, id }) => api.lens.registryId(resourceType, id!));
    expect(others.filter((id) => JSON.stringify(body).includes(id))).toEqual([]);
    expect(types(body)).toContain('ResearchSubject');
  });

  test('narrowed by type, scope, agreement, time of change and time of care', async () => {
    expect(types((await everything('?_type=Condition,Specimen')).body)).toEqual(['Condition', 'Specimen']);
    const scoped = await everything('', { scopes: 'system/Patient.r system/Condition.s' });
    expect(types(scoped.body)).toEqual(['Condition', 'Patient']);
    await correct();
    expect(types((await everything(`?_since=${at(3)}`)).body)).toEqual(['Observation']);
    const later = types((await everything('?start=2025-05-12')).body);
    expect(later).not.toContain('Specimen');
    expect(later).toContain('Consent');
    expect(types((await everything('?start=2025-05-11&end=2025-05-11')).body)).toContain('Specimen');
  });

  test('page by page, as it stood at the first', async () => {
    const first = await everything('?_count=10');
    expect(first.body.entry).toHaveLength(10);
    await correct();
    const names = first.body.entry.map((one: { fullUrl: string }) => one.fullUrl);
    let next = first.body.link.find((one: { relation: string }) => one.relation === 'next');
    while (next) {
      const { body } = await api.ask(next.url);
      names.push(...body.entry.map((one: { fullUrl: string }) => one.fullUrl));
      expect(JSON.stringify(body)).not.toContain('corrected');
      next = body.link.find((one: { relation: string }) => one.relation === 'next');
    }
    expect(new Set(names).size).toBe(recordOf(person(1)).length);
    expect(names).toHaveLength(recordOf(person(1)).length);
  });

  test('by POST with Parameters', async () => {
    const body = { resourceType: 'Parameters', parameter: [{ name: '_type', valueString: 'Condition' }] };
    expect(types((await everything('', { method: 'POST', body })).body)).toEqual(['Condition']);
    const wrong = await everything('', { method: 'POST', body: { resourceType: 'Bundle' } });
    expect([wrong.status, codeOf(wrong.body)]).toEqual([400, 'not-parameters']);
  });

  test('unknown parameters: told of, or refused when strict', async () => {
    const { body } = await everything('?x=1');
    expect(body.entry.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'warning' }] },
    });
    const strict = await everything('?x=1', { headers: { prefer: 'handling=strict' } });
    expect([strict.status, codeOf(strict.body)]).toEqual([400, 'parameter-unknown']);
  });
});

describe('what is refused', () => {
  test.each<[string, string, string, number, string]>([
    ['a type R4 does not have', 'GET', '/Patients', 404, 'type-unknown'],
    ['a type that is not served', 'GET', '/Encounter/a', 404, 'type-unknown'],
    ['an operation of the system', 'GET', '/$nothing', 400, 'operation-unknown'],
    ['an operation of a type', 'GET', '/Observation/$lastn', 400, 'operation-unknown'],
    ['an operation of a resource', 'GET', '/Condition/a/$everything', 400, 'operation-unknown'],
    ['history of a type', 'GET', '/Condition/_history', 400, 'history-type'],
    ['history of a group', 'GET', '/Group/nct07265544/_history', 400, 'no-history'],
    ['a compartment', 'GET', '/Patient/a/Condition', 404, 'no-such-route'],
    ['more than there is', 'GET', '/a/b/c/d/e/f', 404, 'no-such-route'],
    ['a write', 'PUT', '/Patient/a', 405, 'method'],
    ['a deletion', 'DELETE', '/Patient/a', 405, 'method'],
    ['a creation', 'POST', '/Patient', 405, 'method'],
  ])('%s', async (_, method, path, status, code) => {
    const answer = await api.ask(path, { method, ...(method === 'GET' ? {} : { body: { resourceType: 'Patient' } }) });
    expect([answer.status, answer.body.resourceType, codeOf(answer.body)]).toEqual([status, 'OperationOutcome', code]);
  });

  test('another format than JSON: 406', async () => {
    expect((await api.ask('/Patient', { headers: { accept: 'application/fhir+xml' } })).status).toBe(406);
    expect((await api.ask('/Patient?_format=xml')).status).toBe(406);
    expect((await api.ask('/Patient?_format=application/fhir+json', { headers: { accept: 'text/html' } })).status).toBe(
      200,
    );
  });

  test('no token, a token of a hospital, scopes that do not reach', async () => {
    expect((await api.ask('/Patient', { token: null })).status).toBe(401);
    const search = await api.ask('/Patient', { scopes: 'system/Patient.r' });
    expect([search.status, codeOf(search.body)]).toEqual([403, 'scope-insufficient']);
    const path = `/Patient/${api.id('Patient', 'patient-1')}`;
    expect((await api.ask(path, { scopes: 'system/Patient.r' })).status).toBe(200);
    expect((await api.ask(path, { scopes: 'system/Patient.s' })).status).toBe(403);
  });
});

describe('batch', () => {
  const batch = (urls: string[], more: object = {}) =>
    api.ask('/', {
      method: 'POST',
      body: {
        resourceType: 'Bundle',
        type: 'batch',
        entry: urls.map((url) => ({ request: { method: 'GET', url } })),
        ...more,
      },
    });

  test('reads and searches, each for itself', async () => {
    const id = api.id('Patient', 'patient-1');
    const { status, body } = await batch([
      `Patient/${id}`,
      `${api.base}/Condition?patient=${id}`,
      'Patient/none',
      'Encounter',
    ]);
    expect([status, body.type]).toEqual([200, 'batch-response']);
    expect(body.entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
      '200',
      '200',
      '404',
      '404',
    ]);
    expect(body.entry[0]).toMatchObject({ resource: { id }, response: { etag: 'W/"1"' } });
    expect(body.entry[1].resource).toMatchObject({ type: 'searchset', total: 1 });
    expect(codeOf(body.entry[2].response.outcome)).toBe('not-found');
  });

  test('nothing is written, nor is anything a transaction', async () => {
    const entry = [{ request: { method: 'POST', url: 'Patient' } }, {}, { request: { method: 'GET', url: 'a/%' } }];
    const { body } = await batch([], { entry });
    expect(body.entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
      '405',
      '400',
      '400',
    ]);
    const transaction = await batch([], { type: 'transaction' });
    expect([transaction.status, codeOf(transaction.body)]).toEqual([422, 'not-a-batch']);
    expect((await batch(Array.from({ length: 101 }, () => 'Patient'))).status).toBe(413);
  });
});

test('nothing of a request is logged but its template', async () => {
  const id = api.id('Condition', 'condition-1');
  await api.ask(`/Condition/${id}?_elements=code`);
  await api.ask(`/Condition?patient=${id}`);
  const lines = api.logged.filter((line) => line.includes('/fhir'));
  expect(lines.map((line) => JSON.parse(line).route)).toEqual(['/fhir/:type/:id', '/fhir/:type']);
  expect(api.logged.join()).not.toContain(id);
});
