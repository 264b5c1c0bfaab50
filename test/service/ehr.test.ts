import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { transactionBundle } from '../feed/bundles.ts';
import { SITES } from '../feed/sites.ts';
import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const BASE = '/ehr/ya/fhir';
const ctx = () => b.feedContext('ya', 1, 'service');

/** Status and reason of the one subject; null without one. */
async function subject(): Promise<string | null> {
  await service.screening.settled();
  const subjects = await service.gateway.store.read((tx) => tx.study.subjects());
  return subjects.length === 0 ? null : subjects.map(({ body }) => JSON.parse(body).status).join();
}

const codeOf = (body: { issue: { details?: { coding: { code: string }[] } }[] }) =>
  body.issue[0]?.details?.coding[0]?.code;

describe('single resources', () => {
  test('a person sent piece by piece is screened as by files', async () => {
    for (const resource of eligiblePerson(ctx())) {
      const { status } = await service.ask('PUT', `${BASE}/${resource.resourceType}/${resource.id}`, resource);
      expect([200, 201]).toContain(status);
    }
    expect(await subject()).toBe('eligible');
  });

  test('PUT: 201 with Location and ETag, then 200 with the next ETag; the same again changes nothing', async () => {
    const patient = b.patient(ctx());
    const path = `${BASE}/Patient/${patient.id}`;
    const first = await service.ask('PUT', path, patient);
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`${service.url}${path}/_history/1`);
    expect(first.headers.get('etag')).toBe('W/"1"');
    expect(first.body).toMatchObject({ resourceType: 'Patient', id: patient.id, meta: { versionId: '1' } });
    const newer = {
      ...patient,
      gender: 'other',
      meta: { ...patient.meta, versionId: '2', lastUpdated: '2025-05-30T08:00:00Z' },
    };
    const second = await service.ask('PUT', path, newer);
    expect([second.status, second.headers.get('etag')]).toEqual([200, 'W/"2"']);
    const again = await service.ask('PUT', path, newer);
    expect([again.status, again.headers.get('etag'), codeOf(again.body)]).toEqual([200, 'W/"2"', 'unchanged']);
    const stale = await service.ask('PUT', path, patient);
    expect([stale.status, stale.headers.get('etag'), codeOf(stale.body), stale.body.issue[0].severity]).toEqual([
      200,
      'W/"2"',
      'stale',
      'information',
    ]);
  });

  test('If-Match: 412 on another version, and nothing is written', async () => {
    const patient = b.patient(ctx());
    const path = `${BASE}/Patient/${patient.id}`;
    await service.ask('PUT', path, patient);
    const newer = {
      ...patient,
      gender: 'other',
      meta: { ...patient.meta, versionId: '2', lastUpdated: '2025-05-30T08:00:00Z' },
    };
    const wrong = await service.ask('PUT', path, newer, { headers: { 'if-match': 'W/"7"' } });
    expect([wrong.status, codeOf(wrong.body)]).toEqual([412, 'version-mismatch']);
    const right = await service.ask('PUT', path, newer, { headers: { 'if-match': 'W/"1"' } });
    expect([right.status, right.headers.get('etag')]).toEqual([200, 'W/"2"']);
    const gone = await service.ask('DELETE', path, undefined, { headers: { 'if-match': 'W/"1"' } });
    expect(gone.status).toBe(412);
  });

  test('DELETE: 204, and what was found with it is taken back; an older version does not come again', async () => {
    const person = eligiblePerson(ctx());
    for (const one of person) await service.ask('PUT', `${BASE}/${one.resourceType}/${one.id}`, one);
    expect(await subject()).toBe('eligible');
    const request = person.find(({ resourceType }) => resourceType === 'ServiceRequest')!;
    const path = `${BASE}/ServiceRequest/${request.id}`;
    expect((await service.ask('DELETE', path)).status).toBe(204);
    expect((await service.ask('DELETE', path)).status).toBe(204);
    expect(await subject()).toBe('potential-candidate');
    expect((await service.ask('PUT', path, request)).body.issue[0].severity).toBe('information');
    expect(await subject()).toBe('potential-candidate');
  });

  test('Prefer: nothing, the resource, or an outcome', async () => {
    const patient = b.patient(ctx());
    const put = (value: string, versionId: string) =>
      service.ask(
        'PUT',
        `${BASE}/Patient/${patient.id}`,
        { ...patient, meta: { ...patient.meta, lastUpdated: `2025-05-30T08:00:0${versionId}Z` } },
        { headers: { prefer: `return=${value}` } },
      );
    expect((await put('minimal', '1')).text).toBe('');
    expect((await put('representation', '2')).body.resourceType).toBe('Patient');
    expect((await put('OperationOutcome', '3')).body.resourceType).toBe('OperationOutcome');
  });

  test('POST keeps the id; without one it gets one that is the same each time', async () => {
    const patient = b.patient(ctx());
    const kept = await service.ask('POST', `${BASE}/Patient`, patient);
    expect([kept.status, kept.headers.get('location')]).toEqual([
      201,
      `${service.url}${BASE}/Patient/${patient.id}/_history/1`,
    ]);
    const { id: _, ...nameless } = b.patient(b.feedContext('ya', 2));
    const made = await service.ask('POST', `${BASE}/Patient`, nameless);
    expect(made.status).toBe(201);
    const again = await service.ask('POST', `${BASE}/Patient`, nameless);
    expect([again.status, again.headers.get('location')]).toEqual([200, made.headers.get('location')]);
  });

  test('If-None-Exist: the one that is there, 412 for several', async () => {
    const patient = b.patient(ctx());
    const [{ system, value }] = patient.identifier as [{ system: string; value: string }];
    const criteria = { headers: { 'if-none-exist': `identifier=${encodeURIComponent(`${system}|${value}`)}` } };
    expect((await service.ask('POST', `${BASE}/Patient`, patient, criteria)).status).toBe(201);
    const found = await service.ask('POST', `${BASE}/Patient`, { ...patient, id: 'another' }, criteria);
    expect([found.status, found.headers.get('location')]).toEqual([
      200,
      `${service.url}${BASE}/Patient/${patient.id}/_history/1`,
    ]);
    await service.ask('PUT', `${BASE}/Patient/another`, { ...patient, id: 'another' });
    const several = await service.ask('POST', `${BASE}/Patient`, { ...patient, id: 'third' }, criteria);
    expect([several.status, codeOf(several.body)]).toEqual([412, 'several-match']);
    const vague = await service.ask('POST', `${BASE}/Patient`, patient, { headers: { 'if-none-exist': 'name=x' } });
    expect([vague.status, codeOf(vague.body)]).toEqual([400, 'criteria']);
  });

  test('PUT by identifier: makes one, then finds it', async () => {
    const { id: _, ...patient } = b.patient(ctx()) as unknown as Record<string, unknown> & {
      identifier: { system: string; value: string }[];
    };
    const { system, value } = patient.identifier[0]!;
    const path = `${BASE}/Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`;
    const made = await service.ask('PUT', path, patient);
    expect(made.status).toBe(201);
    const newer = { ...patient, gender: 'other', meta: { lastUpdated: '2025-05-30T08:00:00Z' } };
    const found = await service.ask('PUT', path, newer);
    expect([found.status, found.headers.get('etag'), found.body.id]).toEqual([200, 'W/"2"', made.body.id]);
  });

  test('what the study does not need is answered 200 with the reason, and not kept', async () => {
    const allergy = b.allergyIntolerance(ctx());
    const sent = await service.ask('PUT', `${BASE}/AllergyIntolerance/${allergy.id}`, allergy);
    expect([sent.status, codeOf(sent.body)]).toEqual([200, 'type-not-needed']);
  });
});

describe('what is refused', () => {
  test.each<[string, string, string, unknown, number, string]>([
    ['another type than the path', 'POST', '/Patient', { resourceType: 'Condition' }, 400, 'resource-type'],
    ['a type R4 has not', 'POST', '/Patients', {}, 404, 'unknown-type'],
    ['another id than the path', 'PUT', '/Patient/a', { resourceType: 'Patient', id: 'b' }, 400, 'other-id'],
    ['a bad id', 'PUT', '/Patient/a_b', { resourceType: 'Patient', id: 'a_b' }, 400, 'invalid-id'],
    ['a wrong shape', 'PUT', '/Patient/a', { resourceType: 'Patient', id: 'a', gender: 'x' }, 400, 'shape'],
    ['no patient', 'PUT', '/Condition/c', { resourceType: 'Condition', id: 'c', subject: {} }, 400, 'shape'],
    ['no JSON', 'PUT', '/Patient/a', '{"resourceType":', 400, 'invalid-json'],
    ['a Bundle as a resource', 'POST', '/Bundle', { resourceType: 'Bundle', type: 'batch' }, 422, 'bundle-type'],
    ['a method that is not there', 'PATCH', '/Patient/a', {}, 405, 'method'],
    ['no Bundle at the base', 'POST', '/', { resourceType: 'Patient' }, 400, 'not-a-bundle'],
  ])('%s', async (_, method, path, body, status, code) => {
    const answer = await service.ask(method, `${BASE}${path}`, body);
    expect([answer.status, answer.body.resourceType, codeOf(answer.body)]).toEqual([status, 'OperationOutcome', code]);
  });

  test('another site: its clients, its sources, sites that are not', async () => {
    const patient = b.patient(ctx());
    const path = `${BASE}/Patient/${patient.id}`;
    expect((await service.ask('PUT', path, patient, { site: 'nf' })).status).toBe(403);
    expect((await service.ask('PUT', path, patient, { token: null })).status).toBe(401);
    const foreign = { ...patient, meta: { ...patient.meta, source: SITES.nf.fhirBase } };
    const refused = await service.ask('PUT', path, foreign);
    expect([refused.status, codeOf(refused.body)]).toEqual([422, 'site-conflict']);
    expect((await service.ask('PUT', '/ehr/xx/fhir/Patient/a', patient)).status).toBe(403);
  });

  test('scopes: what they do not name is not done', async () => {
    const patient = b.patient(ctx());
    const path = `${BASE}/Patient/${patient.id}`;
    const only = (scopes: string) => ({ scopes });
    expect((await service.ask('PUT', path, patient, only('system/Condition.cu'))).status).toBe(403);
    expect((await service.ask('PUT', path, patient, only('system/Patient.cu'))).status).toBe(201);
    expect((await service.ask('DELETE', path, undefined, only('system/Patient.cu'))).status).toBe(403);
  });

  test('a refusal is kept in quarantine, and nothing of it is logged', async () => {
    const wrong = { ...b.patient(ctx()), gender: 'SECRET-VALUE' };
    await service.ask('PUT', `${BASE}/Patient/${wrong.id}`, wrong);
    const rows = await service.gateway.store.read(({ hospital }) => hospital.openQuarantine({ site: 'ya' }));
    expect(rows).toHaveLength(1);
    expect(service.logged.join()).not.toMatch(/SECRET-VALUE|ya-p-000001/);
  });
});

describe('Bundles', () => {
  test('a transaction: everything, with an answer for each entry', async () => {
    const bundle = transactionBundle(SITES.ya, eligiblePerson(ctx()));
    const answer = await service.ask('POST', `${BASE}/`, bundle);
    expect([answer.status, answer.body.type]).toEqual([200, 'transaction-response']);
    expect(answer.body.entry).toHaveLength((bundle as { entry: unknown[] }).entry.length);
    expect(answer.body.entry[0].response).toMatchObject({ status: '201 Created', etag: 'W/"1"' });
    expect(await subject()).toBe('eligible');
  });

  test('one bad entry: nothing of the transaction is written, and the place is named', async () => {
    const bundle = transactionBundle(SITES.ya, eligiblePerson(ctx())) as { entry: { resource: object }[] };
    bundle.entry[2]!.resource = { ...bundle.entry[2]!.resource, status: 7 };
    const answer = await service.ask('POST', BASE, bundle);
    expect(answer.status).toBe(400);
    expect(answer.body.issue).toHaveLength(1);
    expect(answer.body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[2\]\.resource\b/);
    expect(await subject()).toBeNull();
    expect(
      await service.gateway.store.read((tx) => tx.hospital.record({ site: 'ya', type: 'Patient', id: 'ya-p-000001' })),
    ).toBeNull();
  });

  test('a batch: each for itself', async () => {
    const bundle = { ...transactionBundle(SITES.ya, eligiblePerson(ctx())), type: 'batch' } as unknown as {
      entry: { resource: object }[];
    };
    const last = bundle.entry.length;
    bundle.entry.push({
      resource: { resourceType: 'Patient', id: 'x', gender: 7 },
      request: { method: 'PUT', url: 'Patient/x' },
    } as never);
    bundle.entry.push({ request: { method: 'GET', url: 'Patient/x' } } as never);
    const answer = await service.ask('POST', BASE, bundle);
    expect([answer.status, answer.body.type]).toEqual([200, 'batch-response']);
    expect(answer.body.entry[last].response.status).toBe('400');
    expect(answer.body.entry[last + 1].response.status).toBe('405');
    expect(await subject()).toBe('eligible');
  });

  test('a condition of an entry fails the transaction: 412', async () => {
    const patient = b.patient(ctx());
    await service.ask('PUT', `${BASE}/Patient/${patient.id}`, patient);
    const entry = {
      resource: { ...patient, meta: { ...patient.meta, lastUpdated: '2025-05-31T00:00:00Z' } },
      request: { method: 'PUT', url: `Patient/${patient.id}`, ifMatch: 'W/"9"' },
    };
    const answer = await service.ask('POST', BASE, { resourceType: 'Bundle', type: 'transaction', entry: [entry] });
    expect([answer.status, codeOf(answer.body), answer.body.issue[0].expression]).toEqual([
      412,
      'version-mismatch',
      ['Bundle.entry[0].resource'],
    ]);
  });

  test('the same resource twice in a transaction is refused', async () => {
    const patient = b.patient(ctx());
    const entry = { resource: patient, request: { method: 'PUT', url: `Patient/${patient.id}` } };
    const answer = await service.ask('POST', BASE, {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry, entry],
    });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'entry-twice']);
  });
});

describe('lines', () => {
  test('a stream is answered line by line, each once it is durable', async () => {
    const person = eligiblePerson(ctx());
    const text = [
      ...person.map((one) => JSON.stringify(one)),
      '{"resourceType":',
      '{"resourceType":"Patient","id":"x","gender":7}',
    ]
      .map((line) => `${line}\n`)
      .join('');
    const answer = await service.ask('POST', BASE, text, { headers: { 'content-type': 'application/fhir+ndjson' } });
    expect(answer.status).toBe(200);
    const lines = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(person.length + 2);
    expect(lines[0].issue[0].diagnostics).toMatch(/^line 1: 201 /);
    expect(lines.at(-2).issue[0]).toMatchObject({ severity: 'error', diagnostics: expect.stringMatching(/: 400$/) });
    expect(codeOf(lines.at(-1))).toBe('shape');
    expect(await subject()).toBe('eligible');
  });
});

describe('decisions and forms', () => {
  test('a Task decides; on a stale state it is refused 409', async () => {
    await service.ask('POST', BASE, transactionBundle(SITES.ya, eligiblePerson(ctx())));
    expect(await subject()).toBe('eligible');
    const task = (id: string, seen: number) => ({
      resourceType: 'Task',
      id,
      status: 'completed',
      intent: 'order',
      code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code: 'enrol' }] },
      for: { reference: 'Patient/ya-p-000001' },
      focus: { reference: `ResearchSubject/as-shown/_history/${seen}` },
      authoredOn: '2025-06-01T15:00:00+08:00',
      requester: { identifier: { system: 'https://ya.example.cn/sid/staff', value: 'dr-1' } },
      input: [
        { type: { coding: [{ code: 'role' }] }, valueString: 'investigator' },
        { type: { coding: [{ code: 'meaning' }] }, valueString: 'enrol' },
        { type: { coding: [{ code: 'attests' }] }, valueString: 'E3' },
        { type: { coding: [{ code: 'attests' }] }, valueString: 'E4' },
      ],
    });
    const stale = await service.ask('POST', `${BASE}/Task`, task('t1', 9));
    expect([stale.status, codeOf(stale.body)]).toEqual([409, 'decision-stale']);
    expect((await service.ask('POST', `${BASE}/Task`, task('t2', 1))).status).toBe(201);
    expect((await service.ask('POST', `${BASE}/Task`, task('t2', 1))).status).toBe(200);
    expect(await subject()).toBe('on-study');
  });
});

test('the CapabilityStatement is there for everybody', async () => {
  const { status, body } = await service.ask('GET', `${BASE}/metadata`, undefined, { token: null });
  expect([status, body.resourceType, body.implementation.url]).toEqual([
    200,
    'CapabilityStatement',
    `${service.url}${BASE}`,
  ]);
});

describe('the pre-screening feed', () => {
  test('what was pushed can be read back as subjects, tasks, the log; and nothing of it by another site', async () => {
    await service.ask('POST', BASE, transactionBundle(SITES.ya, eligiblePerson(ctx())));
    await service.screening.settled();
    const found = await service.ask('GET', `${BASE}/ResearchSubject?status=eligible&_lastUpdated=ge2025-01-01`);
    expect([found.status, found.body.type, found.body.entry.length]).toEqual([200, 'searchset', 1]);
    const [{ resource }] = found.body.entry;
    expect(JSON.stringify(resource.extension)).toContain('Patient/ya-p-000001');
    expect((await service.ask('GET', `${BASE}/ResearchSubject/${resource.id}`)).headers.get('etag')).toBe('W/"1"');
    const tasks = await service.ask('GET', `${BASE}/Task?status=requested`);
    expect(tasks.body.entry[0].resource.code.coding[0].code).toBe('draw-blood');
    expect((await service.ask('GET', `${BASE}/List`)).body.entry).toHaveLength(1);
    const other = await service.ask('GET', `/ehr/nf/fhir/ResearchSubject`, undefined, { site: 'nf' });
    expect([other.status, other.body.entry]).toEqual([200, undefined]);
    expect((await service.ask('GET', `${BASE}/ResearchSubject`, undefined, { site: 'nf' })).status).toBe(403);
    const writer = await service.ask('GET', `${BASE}/ResearchSubject`, undefined, { scopes: 'system/Patient.cud' });
    expect(writer.status).toBe(403);
  });

  test('an event stream tells of a new candidate, and ends when the service stops', async () => {
    const token = await service.token('ya');
    const stream = await fetch(`${service.url}/ehr/ya/events`, { headers: { authorization: `Bearer ${token}` } });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await service.ask('POST', BASE, transactionBundle(SITES.ya, eligiblePerson(ctx())));
    const reader = stream.body!.getReader();
    let text = '';
    while (!text.includes('new-candidate')) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toMatch(/event: new-candidate\ndata: \{"type":"ResearchSubject",/);
    expect(text).not.toMatch(/ya-p-000001/);
    await reader.cancel();
  });
});
