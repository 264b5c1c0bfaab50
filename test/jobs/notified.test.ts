import { eligiblePerson } from '../feed/baseline.ts';
import { feedContext } from '../feed/context.ts';
import { notificationBundle } from '../intake/notifications.ts';
import { NOW, ndjson, openTestGateway, rowOf, runOver, verdictsOf } from '../pipeline/gateway.ts';
import { type Hospital, openHospital } from '../pull/hospital.ts';
import { type Options, openService, type Service } from './service.ts';

let hospital: Hospital;
let service: Service;
const open = async (given: Partial<Options> = {}) => {
  service = await openService({ connection: { base: hospital.base }, ...given });
};
beforeEach(async () => {
  hospital = await openHospital();
});
afterEach(async () => {
  await service.close();
  await hospital.close();
});

const patient = (id: string, birthDate = '1980-01-01') => ({ resourceType: 'Patient', id, birthDate });
const event = (number: number, focus: string, entries: object[] = []) =>
  notificationBundle({ total: String(number), events: [{ number: String(number), focus }], entries, timestamp: AT });
const AT = '2025-06-02T00:00:00Z';
const whole = (resource: { resourceType: string; id: string }, method = 'PUT') => ({
  fullUrl: `https://ya.example.cn/fhir/${resource.resourceType}/${resource.id}`,
  resource,
  request: { method, url: `${resource.resourceType}/${resource.id}` },
});

describe('a hint is read again at the hospital', () => {
  beforeEach(() => open());

  test('ids only: queued before the answer, read, kept, done', async () => {
    await hospital.put(patient('p1'));
    expect(await service.deliver(event(1, 'Patient/p1'))).toMatchObject({ status: 202, code: null });
    expect(service.woken()).toBe(1);
    expect(await service.targets('waiting')).toEqual(['Patient/p1']);
    expect(await service.record('Patient', 'p1')).toBeNull();
    expect(hospital.asked).toEqual([]);
    expect(await service.runner.drain()).toBe(1);
    expect(hospital.asked).toEqual(['Patient/p1']);
    expect(await service.record('Patient', 'p1')).toMatchObject({ person: 'p1', deleted: false });
    expect(await service.targets('done')).toEqual(['Patient/p1']);
    expect(service.events).toEqual([{ site: 'ya', work: 1, kind: 'read', outcome: 'done', code: null }]);
    expect(await service.runner.drain()).toBe(0);
  });

  test.each([
    ['in a Bundle', () => service.deliver(event(1, 'Patient/p1', [whole(patient('p1', '1999-09-09'))]))],
    ['posted', () => service.deliver(patient('p1', '1999-09-09'))],
    ['put', () => service.deliver(patient('p1', '1999-09-09'), { method: 'PUT', path: '/Patient/p1' })],
    ['named', () => service.deliver(null, { method: 'PUT', path: '/Patient/p1' })],
  ])('a resource that is not signed is a hint as well, %s', async (_, deliver) => {
    await hospital.put(patient('p1'));
    expect((await deliver()).status).toBe(202);
    await service.runner.drain();
    expect(hospital.asked).toEqual(['Patient/p1']);
    // What was delivered has no version; the hospital gives every one.
    expect(await service.record('Patient', 'p1')).toMatchObject({
      versionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('the same hint many times is one read', async () => {
    await hospital.put(patient('p1'));
    for (let n = 1; n <= 5; n++) await service.deliver(event(n, 'Patient/p1'));
    expect(await service.runner.drain()).toBe(1);
    expect(hospital.asked).toEqual(['Patient/p1']);
  });

  test('a type of which nothing is kept is not read', async () => {
    expect(await service.deliver(event(1, 'Practitioner/d1'))).toMatchObject({ status: 200 });
    expect(
      await service.deliver(notificationBundle(), { method: 'PUT', path: '/Bundle/r4-notification' }),
    ).toMatchObject({
      status: 200,
    });
    expect(await service.targets('waiting')).toEqual([]);
  });

  test.each([
    ['DELETE', () => service.deliver(null, { method: 'DELETE', path: '/Patient/p1' })],
    ["Medplum's header", () => service.deliver('{}', { headers: { 'x-medplum-deleted-resource': 'Patient/p1' } })],
    ['an entry', () => service.deliver(event(1, 'Patient/p1', [{ request: { method: 'DELETE', url: 'Patient/p1' } }]))],
  ])('a deletion told by %s counts once the hospital says so', async (_, deliver) => {
    await hospital.put(patient('p1'));
    await service.deliver(null, { method: 'PUT', path: '/Patient/p1' });
    await service.runner.drain();
    expect((await deliver()).status).toBe(202);
    await service.runner.drain();
    expect(await service.record('Patient', 'p1')).toMatchObject({ deleted: false });
    await hospital.remove('Patient', 'p1');
    await deliver();
    await service.runner.drain();
    expect(await service.record('Patient', 'p1')).toMatchObject({ deleted: true, body: null });
  });

  test('what a read brings is held to R4 and to its hospital like a file', async () => {
    await hospital.put({ ...patient('p1'), meta: { source: 'https://nf.example.cn/fhir' } });
    await service.deliver(event(1, 'Patient/p1'));
    await service.runner.drain();
    expect(service.quarantine).toMatchObject([{ reason: 'site-conflict', place: { file: 'work 1' } }]);
    expect(await service.record('Patient', 'p1')).toBeNull();
    expect(await service.targets('done')).toEqual(['Patient/p1']);
  });

  test('a whole person by hints comes out as by files', async () => {
    const resources = eligiblePerson(feedContext('ya', 1, 'hints'));
    const expected = await (async () => {
      const gateway = await openTestGateway();
      const run = await runOver(gateway, { 'a.ndjson': ndjson(resources) });
      await gateway.store.close();
      return run;
    })();
    for (const resource of resources) await hospital.put(resource);
    const events = resources.map(({ resourceType, id }, at) => ({
      number: `${at + 1}`,
      focus: `${resourceType}/${id}`,
    }));
    await service.deliver(notificationBundle({ total: `${events.length}`, events }));
    await service.runner.drain();
    expect(service.quarantine).toEqual([]);
    const found = await runOver(service.gateway, {}, { now: NOW });
    const person = expected.rows[0]!.patient;
    expect(rowOf(found, person)).toMatchObject({ status: 'eligible', subject: rowOf(expected, person).subject });
    expect(verdictsOf(rowOf(found, person))).toEqual(verdictsOf(rowOf(expected, person)));
  });
});

describe('numbers', () => {
  beforeEach(() => open());
  const at = (minute: number) => new Date(Date.parse(AT) + minute * 60_000).toISOString();
  const told = (minute: number, number: number, type = 'event-notification', focus = 'Patient/p1') => {
    service.time.now = Date.parse(at(minute)) + 1000;
    const events = type === 'event-notification' ? [{ number: `${number}`, focus }] : [];
    return service.deliver(notificationBundle({ type, total: `${number}`, events, timestamp: at(minute) }));
  };
  const searches = async () =>
    (await service.work('waiting')).filter(({ kind }) => kind === 'search').map(({ target, since }) => [target, since]);

  test('handshake and heartbeat are answered, and queue nothing', async () => {
    expect(await told(0, 0, 'handshake')).toMatchObject({ status: 200 });
    expect(await told(1, 0, 'heartbeat')).toMatchObject({ status: 200 });
    expect(await told(2, 0, 'query-status')).toMatchObject({ status: 200 });
    const row = { site: 'ya', subscription: 'Subscription/admission', status: 'active', lastEvent: 0, gaps: 0 };
    expect(await service.subscriptions()).toEqual([{ ...row, goodAt: at(2) }]);
    expect(service.woken()).toBe(0);
  });

  test('a gap is searched for from ten minutes before the last good moment, and the missed comes in', async () => {
    for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) await hospital.put(patient(id));
    await told(0, 0, 'handshake');
    await told(60, 1);
    expect(await searches()).toEqual([]);
    expect(await told(90, 3)).toMatchObject({ status: 202 });
    const since = at(50);
    expect(await searches()).toEqual([
      ['Patient', since],
      ['Condition', since],
    ]);
    expect((await service.subscriptions())[0]).toMatchObject({ lastEvent: 3, gaps: 1, goodAt: at(90) });
    await service.runner.drain();
    for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) expect(await service.record('Patient', id)).not.toBeNull();
    const query = `_lastUpdated=ge${since}&_count=2`;
    expect(hospital.asked).toEqual([
      'Patient/p1',
      `Patient?${query}`,
      `Patient?${query}&_offset=2`,
      `Patient?${query}&_offset=4`,
      `Condition?${query}`,
    ]);
  });

  test('a heartbeat that knows of more, and a handshake that begins again', async () => {
    await told(0, 0, 'handshake');
    await told(30, 1, 'heartbeat');
    expect(await searches()).toEqual([
      ['Patient', at(-10)],
      ['Condition', at(-10)],
    ]);
    await told(40, 0, 'handshake');
    expect((await service.subscriptions())[0]).toMatchObject({ lastEvent: 0, gaps: 2 });
    expect(await searches()).toHaveLength(2);
  });

  test('an event that does not say what, and an empty delivery, search everything that is agreed', async () => {
    await told(0, 0, 'handshake');
    await told(30, 1, 'event-notification', 'urn:oid:1.2');
    expect(await searches()).toEqual([
      ['Patient', at(-10)],
      ['Condition', at(-10)],
    ]);
    await service.runner.drain();
    for (const [minute, since] of [
      [60, 50],
      [100, 50],
    ] as const) {
      service.time.now = Date.parse(at(minute));
      expect(await service.deliver(null)).toMatchObject({ status: 202 });
      expect(await searches()).toEqual([
        ['Patient', at(since)],
        ['Condition', at(since)],
      ]);
      await service.runner.drain();
    }
  });

  test('a notification that cannot be read is not counted, and shows as a gap with the next', async () => {
    await told(0, 0, 'handshake');
    const foreign = await told(10, 1, 'event-notification', 'https://nf.example.cn/fhir/Patient/p1');
    expect(foreign).toMatchObject({ status: 422, code: 'focus-foreign' });
    expect(foreign.issue.expression).toEqual(['Bundle.entry[0].resource.parameter[5].part[1]']);
    await told(20, 2);
    expect((await service.subscriptions())[0]).toMatchObject({ lastEvent: 2, gaps: 1 });
  });
});

describe('signed', () => {
  beforeEach(() => open({ signs: true }));

  test.each([
    ['posted', () => service.deliver(patient('p1'))],
    ['put', () => service.deliver(patient('p1'), { method: 'PUT', path: '/Patient/p1' })],
    ['in a Bundle', () => service.deliver(event(1, 'Patient/p1', [whole(patient('p1'))]))],
    ['in a Bundle that says GET', () => service.deliver(event(1, 'Patient/p1', [whole(patient('p1'), 'GET')]))],
  ])('a whole resource is taken in at once, %s; nobody asks the hospital', async (_, deliver) => {
    expect(await deliver()).toMatchObject({ status: 200 });
    expect(await service.record('Patient', 'p1')).toMatchObject({ person: 'p1', deleted: false });
    expect(await service.targets('waiting')).toEqual([]);
    await service.runner.drain();
    expect(hospital.asked).toEqual([]);
  });

  test('what is not whole is read all the same: ids, other resources, deletions', async () => {
    const entries = [
      whole(patient('p1')),
      { request: { method: 'DELETE', url: 'Patient/p2' } },
      { ...whole(patient('p3')), request: { method: 'DELETE', url: 'Patient/p3' } },
    ];
    expect(await service.deliver(event(1, 'Condition/c1', entries))).toMatchObject({ status: 202 });
    expect(await service.targets('waiting')).toEqual(['Condition/c1', 'Patient/p2', 'Patient/p3']);
    await service.deliver('{}', { headers: { 'x-medplum-deleted-resource': 'Patient/p1' } });
    expect(await service.targets('waiting')).toContain('Patient/p1');
    expect(await service.record('Patient', 'p1')).toMatchObject({ deleted: false });
  });

  test.each([
    ['wrong', { 'x-signature': 'ab'.repeat(32) }, 'signature-invalid'],
    ['missing', { 'x-signature': null }, 'signature-missing'],
    ['in a header that is not looked at', { 'x-signature': null, signature: 'ab' }, 'signature-missing'],
  ])('a signature that is %s is refused, client or not, and leaves nothing', async (_, headers, code) => {
    for (const client of ['ya', null]) {
      const answer = await service.deliver(event(1, 'Patient/p1'), {
        headers: { ...headers, 'x-test-client': client },
      });
      expect(answer).toMatchObject({ status: 401, code });
    }
    expect(await service.subscriptions()).toEqual([]);
    expect(await service.targets('waiting')).toEqual([]);
  });

  test('a signature stands for a token: the server that signs need be no client', async () => {
    const answer = await service.deliver(event(1, 'Patient/p1'), { headers: { 'x-test-client': null } });
    expect(answer.status).toBe(202);
  });

  test('the client of another site is refused, signed or not', async () => {
    const answer = await service.deliver(event(1, 'Patient/p1'), { headers: { 'x-test-client': 'nf' } });
    expect(answer).toMatchObject({ status: 403, code: 'client-other-site' });
  });

  test('a resource that is not R4 is set aside, and the server need not send it again', async () => {
    expect(await service.deliver({ ...patient('p1'), birthDate: 7 })).toMatchObject({ status: 200 });
    expect(service.quarantine).toMatchObject([{ reason: 'shape', expression: 'Patient.birthDate' }]);
  });
});

test('the header that is agreed is the one that counts', async () => {
  await open({ signs: true, connection: { base: hospital.base, signatureHeader: 'x-ehr-signature' } });
  expect(await service.deliver(event(1, 'Patient/p1'))).toMatchObject({ status: 401, code: 'signature-missing' });
});

describe('refused', () => {
  test('a hint to a site that is not asked; a signed whole resource is taken in', async () => {
    await open({ connection: null, signs: true });
    expect(await service.deliver(null)).toMatchObject({ status: 422, code: 'no-connection' });
    expect(await service.deliver(event(1, 'Patient/p1'))).toMatchObject({ status: 422, code: 'no-connection' });
    expect(await service.subscriptions()).toEqual([]);
    expect(await service.deliver(patient('p1'))).toMatchObject({ status: 200 });
  });

  test.each<[string, Parameters<Service['deliver']>, number, string]>([
    ['an unknown site', [null, { site: 'xx' }], 404, 'site-unknown'],
    ['nobody', [null, { headers: { 'x-test-client': null } }], 401, 'client-missing'],
    [
      'nobody, with a signature that cannot be checked',
      [null, { headers: { 'x-test-client': null, 'x-signature': 'ab' } }],
      401,
      'client-missing',
    ],
    ['the client of another site', [null, { headers: { 'x-test-client': 'nf' } }], 403, 'client-other-site'],
    ['another method', [null, { method: 'GET' }], 405, 'method-unsupported'],
    ['another method on a resource', [null, { method: 'PATCH', path: '/Patient/p1' }], 405, 'method-unsupported'],
    ['XML', ['<Patient/>', { headers: { 'content-type': 'application/fhir+xml' } }], 415, 'media-type'],
    ['no media type', ['{}', { headers: { 'content-type': '' } }], 415, 'media-type'],
    ['packed', ['{}', { headers: { 'content-encoding': 'gzip' } }], 415, 'media-type'],
    ['too long', [`"${'x'.repeat(10_000)}"`], 413, 'body-too-long'],
    ['no JSON', ['{"a":'], 400, 'invalid-json'],
    ['too deep', ['['.repeat(100) + ']'.repeat(100)], 400, 'too-deep'],
    ['no resource', ['{"a":1}'], 422, 'not-a-notification'],
    ['an id that is none', [null, { method: 'PUT', path: '/Patient/a%2Fb' }], 422, 'focus-unreadable'],
    ['a deletion of nothing', ['{}', { headers: { 'x-medplum-deleted-resource': 'x' } }], 422, 'focus-unreadable'],
  ])('%s', async (_, given, status, code) => {
    await open();
    expect(await service.deliver(...given)).toMatchObject({ status, code });
    expect(await service.targets('waiting')).toEqual([]);
  });

  test('what the store does not take is not acknowledged', async () => {
    await open();
    const { store } = service.gateway;
    const before = store.withTransaction;
    store.withTransaction = () => Promise.reject(new Error('disk full'));
    expect(await service.deliver('{"resourceType":"Patient","id":"p1"}').catch(() => ({ status: 0 }))).toMatchObject({
      status: 500,
    });
    store.withTransaction = before;
  });
});
