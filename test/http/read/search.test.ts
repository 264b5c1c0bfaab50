import type { r4 } from '../../../src/fhir/resource.ts';
import { createShapeCheck } from '../../../src/fhir/shape/check.ts';
import { eligiblePerson, measuredHemangioma } from '../../feed/baseline.ts';
import * as b from '../../feed/builders.ts';
import { outcome, stopServices } from '../service.ts';
import { died, eligible, ids, mergedInto, type Searchset, take } from './people.ts';
import { PUBLIC, type Reading, startReading } from './service.ts';

const BASE = '/ehr/ya/fhir';
const shape = createShapeCheck();

afterEach(stopServices);

async function search(reading: Reading, query: string, init: Parameters<Reading['ask']>[1] = {}): Promise<Searchset> {
  const answer = await reading.ask(`${BASE}/${query}`, init);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/fhir+json; charset=utf-8']);
  const bundle = (await answer.json()) as Searchset;
  expect(shape.check(bundle as never)).toEqual([]);
  return bundle;
}

const linkOf = ({ link }: Searchset, relation: string) => link?.find((one) => one.relation === relation)?.url;
const patientOf = (subject: object) =>
  (subject as r4.ResearchSubject).extension?.find(({ url }) => url.endsWith('/hospital-patient'))?.valueReference
    ?.reference;

describe('the feed', () => {
  let reading: Reading;
  let subjects: string[];
  beforeEach(async () => {
    reading = await startReading();
    // Written one after another, a second apart at least.
    subjects = [];
    for (const number of [1, 2, 3]) {
      const all = await take(reading.gateway, ...eligible(number), ...eligible(number, 'nf'));
      subjects.push(all.get(`ya-p-00000${number}`)!);
    }
  });

  test('shows the ResearchSubjects of this site, oldest change first, with the Patient of the hospital', async () => {
    const bundle = await search(reading, 'ResearchSubject');
    expect(ids(bundle)).toEqual(subjects);
    expect(bundle.total).toBeUndefined();
    expect(bundle.link).toEqual([{ relation: 'self', url: `${PUBLIC}${BASE}/ResearchSubject` }]);
    const [first] = bundle.entry!;
    expect(first!.fullUrl).toBe(`${PUBLIC}${BASE}/ResearchSubject/${subjects[0]}`);
    expect(bundle.entry!.map(({ resource }) => patientOf(resource))).toEqual([
      'Patient/ya-p-000001',
      'Patient/ya-p-000002',
      'Patient/ya-p-000003',
    ]);
    // The study side keeps its own, without the link.
    const stored = await reading.gateway.store.withTransaction(({ study }) => study.subject(subjects[0]!));
    expect(stored!.body).not.toMatch(/hospital-patient|ya-p-/);
  });

  test('pages follow the next link without a gap or a double, both ways, while a row moves', async () => {
    for (const sort of ['_lastUpdated', '-_lastUpdated']) {
      const read: string[] = [];
      let query: string | undefined = `ResearchSubject?_count=2&_sort=${sort}&_total=accurate&status=eligible`;
      const totals: unknown[] = [];
      while (query !== undefined) {
        const page: Searchset = await search(reading, query);
        read.push(...ids(page));
        totals.push(page.total);
        query = linkOf(page, 'next')?.slice(`${PUBLIC}${BASE}/`.length);
      }
      expect(read).toEqual(sort === '_lastUpdated' ? subjects : subjects.toReversed());
      expect(totals).toEqual([3, 3]);
    }
    const first = await search(reading, 'ResearchSubject?_count=2');
    await take(reading.gateway, died(1));
    const next = await search(reading, linkOf(first, 'next')!.slice(`${PUBLIC}${BASE}/`.length));
    // What changed meanwhile comes again, at the end.
    expect(ids(next)).toEqual([subjects[2], subjects[0]]);
    expect(linkOf(next, 'self')).toBe(linkOf(first, 'next'));
  });

  test('_lastUpdated asks for what is new, also as a stretch between two', async () => {
    const [, second] = (await search(reading, 'ResearchSubject')).entry!;
    const at = second!.resource.meta!.lastUpdated!;
    const found = async (...values: string[]) =>
      ids(
        await search(
          reading,
          `ResearchSubject?${values.map((value) => `_lastUpdated=${encodeURIComponent(value)}`).join('&')}`,
        ),
      );
    expect(await found(`ge${at}`)).toEqual(subjects.slice(1));
    expect(await found(`gt${at}`)).toEqual(subjects.slice(2));
    expect(await found(`le${at}`)).toEqual(subjects.slice(0, 2));
    expect(await found(`lt${at}`)).toEqual(subjects.slice(0, 1));
    expect(await found(at)).toEqual([subjects[1]]);
    expect(await found(`ge${at}`, `le${at}`)).toEqual([subjects[1]]);
    expect(await found('2025-06-02')).toEqual(subjects);
    expect(await found('gt2025-06-02')).toEqual([]);
  });

  test('_id, status, a count alone and a limit', async () => {
    await take(reading.gateway, died(2));
    expect(ids(await search(reading, `ResearchSubject?_id=${subjects[2]},${subjects[0]},none`))).toEqual([
      subjects[0],
      subjects[2],
    ]);
    expect(ids(await search(reading, 'ResearchSubject?status=not-registered'))).toEqual([subjects[1]]);
    const system = encodeURIComponent('http://hl7.org/fhir/research-subject-status|eligible');
    expect(ids(await search(reading, `ResearchSubject?status=${system}`))).toEqual([subjects[0], subjects[2]]);
    expect(ids(await search(reading, 'ResearchSubject?status=eligible&status=not-registered'))).toEqual([]);
    for (const query of ['_summary=count', '_count=0']) {
      const counted = await search(reading, `ResearchSubject?status=eligible&${query}`);
      expect([counted.total, counted.entry]).toEqual([2, undefined]);
    }
    expect(ids(await search(reading, 'ResearchSubject?_count=100000'))).toHaveLength(3);
  });

  test('a search by POST reads its form; both places count', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const posted = await search(reading, 'ResearchSubject/_search?_count=1', {
      ...{ method: 'POST', headers, body: `_id=${subjects[1]}&_total=accurate` },
    });
    expect([ids(posted), posted.total]).toEqual([[subjects[1]], 1]);
    expect(linkOf(posted, 'self')).toBe(`${PUBLIC}${BASE}/ResearchSubject?_count=1&_id=${subjects[1]}&_total=accurate`);
    const wrong = await reading.ask(`${BASE}/Task/_search`, { method: 'POST', body: '{}' });
    expect((await outcome(wrong)).status).toBe(415);
  });

  test('Tasks are searched by status, code and focus', async () => {
    const all = await search(reading, 'Task');
    expect(all.entry!.map(({ resource }) => [resource.status, (resource.for as r4.Reference).reference])).toEqual([
      ['requested', 'Patient/ya-p-000001'],
      ['requested', 'Patient/ya-p-000002'],
      ['requested', 'Patient/ya-p-000003'],
    ]);
    const [id] = ids(all);
    expect(ids(await search(reading, 'Task?code=https://study-gateway.example/cs/task%7Cdraw-blood&_count=1'))).toEqual(
      [id],
    );
    expect(ids(await search(reading, 'Task?status=completed'))).toEqual([]);
    expect(ids(await search(reading, 'Task?focus=ServiceRequest/ya-s-000001-1'))).toEqual([id]);
    const answer = await reading.ask(`${BASE}/Task/${id}`);
    expect(await answer.json()).toEqual(all.entry![0]!.resource);
  });

  test('what is not known is passed over and said, or refused where the client is strict', async () => {
    const bundle = await search(reading, 'ResearchSubject?individual=Patient/x&_count=1&_elements=id&_summary=true');
    const last = bundle.entry!.at(-1)!;
    expect([last.search.mode, last.resource.resourceType]).toEqual(['outcome', 'OperationOutcome']);
    expect(last.resource.issue).toMatchObject([
      { severity: 'information', details: { text: expect.stringContaining('parameter 1, 3, 4') } },
    ]);
    expect(linkOf(bundle, 'self')).toBe(`${PUBLIC}${BASE}/ResearchSubject?_count=1`);
    const headers = { prefer: 'return=representation; handling=strict' };
    const strict = await reading.ask(`${BASE}/ResearchSubject?_count=1&individual=secret-name`, { headers });
    const { status, code, text } = await outcome(strict);
    expect([status, code, text.includes('Parameter 2'), text.includes('secret')]).toEqual([
      400,
      'search-parameter',
      true,
      false,
    ]);
  });

  test.each([
    '_count=x',
    '_count=-1',
    '_count=1&_count=2',
    '_lastUpdated=yesterday',
    '_lastUpdated=sa2025',
    '_lastUpdated=2025-13-01',
    '_sort=status',
    '_total=some',
    '_format=xml',
    'status:not=eligible',
    '_cursor=x',
    `_cursor=${Buffer.from('["+","2025","x"]').toString('base64url')}`,
    `_sort=-_lastUpdated&_cursor=${Buffer.from('["+","2025-06-02T00:00:00.000Z","x"]').toString('base64url')}`,
  ])('400: %s', async (query) => {
    const { status, code } = await outcome(await reading.ask(`${BASE}/ResearchSubject?${query}`));
    expect([status, code]).toEqual([400, query.includes('_cursor') ? 'search-cursor' : 'search-parameter']);
  });

  test('a version is not sent again to a client that has it', async () => {
    const path = `${BASE}/ResearchSubject/${subjects[0]}`;
    const read = await reading.ask(path);
    expect([read.status, read.headers.get('etag')]).toEqual([200, 'W/"1"']);
    expect(read.headers.get('last-modified')).toMatch(/^Mon, 02 Jun 2025 /);
    const again = await reading.ask(path, { headers: { 'if-none-match': 'W/"1"' } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    await take(reading.gateway, died(1));
    const changed = await reading.ask(path, { headers: { 'if-none-match': 'W/"1"' } });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, 'W/"2"']);
    const log = await reading.ask(`${BASE}/List/screening-log`);
    const etag = log.headers.get('etag')!;
    const headers = { 'if-none-match': etag };
    expect((await reading.ask(`${BASE}/List/screening-log`, { headers })).status).toBe(304);
  });

  test('versions and history', async () => {
    await take(reading.gateway, died(1));
    const path = `${BASE}/ResearchSubject/${subjects[0]}/_history`;
    const first = await reading.ask(`${path}/1`);
    expect(await first.json()).toMatchObject({ meta: { versionId: '1' }, status: 'eligible' });
    const history = (await (await reading.ask(path)).json()) as r4.Bundle;
    expect(shape.check(history as never)).toEqual([]);
    expect(history.entry!.map(({ request, response }) => [request!.method, response!.etag])).toEqual([
      ['PUT', 'W/"2"'],
      ['POST', 'W/"1"'],
    ]);
    expect((await outcome(await reading.ask(`${path}/3`))).code).toBe('not-known');
    expect((await outcome(await reading.ask(`${BASE}/ResearchSubject/none/_history`))).code).toBe('not-known');
  });

  test('somebody merged into another is gone: 410; the other leads to the survivor under a new version', async () => {
    await take(reading.gateway, mergedInto(1, 2));
    const gone = await outcome(await reading.ask(`${BASE}/ResearchSubject/${subjects[1]}`));
    expect([gone.status, gone.code]).toEqual([410, 'gone']);
    expect(ids(await search(reading, 'ResearchSubject'))).toEqual([subjects[2], subjects[0]]);
    const kept = await reading.ask(`${BASE}/ResearchSubject/${subjects[0]}`);
    expect(kept.headers.get('etag')).toBe('W/"2"');
    expect(patientOf((await kept.json()) as r4.ResearchSubject)).toBe('Patient/ya-p-000002');
    const path = `${BASE}/ResearchSubject/${subjects[1]}/_history`;
    const history = (await (await reading.ask(path)).json()) as r4.Bundle;
    expect(history.entry!.map(({ request }) => request!.method)).toEqual(['DELETE', 'POST']);
    expect(JSON.stringify(history)).not.toContain('ya-p-');
    expect((await outcome(await reading.ask(`${path}/2`))).status).toBe(410);
  });

  test('another site’s is unknown here, and its clients get nothing', async () => {
    const nf = ids((await (await reading.ask('/ehr/nf/fhir/ResearchSubject', { site: 'nf' })).json()) as Searchset);
    expect(nf).toHaveLength(3);
    for (const path of [`ResearchSubject/${nf[0]}`, `ResearchSubject/${nf[0]}/_history`, 'Task/none', 'List/other'])
      expect(await outcome(await reading.ask(`${BASE}/${path}`))).toMatchObject({ status: 404, code: 'not-known' });
    expect(ids(await search(reading, `ResearchSubject?_id=${nf[0]}`))).toEqual([]);
    for (const site of ['nf', ''])
      expect(await outcome(await reading.ask(`${BASE}/ResearchSubject`, { site }))).toMatchObject({
        status: 403,
        code: 'other-site',
      });
    expect((await reading.ask('/ehr/none/fhir/List', { site: 'none' })).status).toBe(403);
  });

  test.each([
    ['ResearchSubject', 'ResearchSubject.r Task.rs', 403],
    ['ResearchSubject', 'ResearchSubject.s', 200],
    ['ResearchSubject/none', 'ResearchSubject.s', 403],
    ['ResearchSubject/none', 'ResearchSubject.r', 404],
    ['ResearchSubject/none/_history', 'Task.r', 403],
    ['ResearchSubject/none/_history/1', 'Task.r', 403],
    ['Flag', 'ResearchSubject.rs', 403],
    ['List/screening-log', 'List.r', 200],
    ['Subscription', 'List.rs', 403],
  ])('%s with %s: %i', async (path, scopes, status) => {
    const answer = await reading.ask(`${BASE}/${path}`, { scopes });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
      expect((await outcome(answer)).code).toBe('scope-insufficient');
    }
  });
});

test('a flag stands as Flag while the subject has it, and then is gone', async () => {
  const reading = await startReading();
  const ctx = b.feedContext('ya', 1);
  const person = (birthDate: string, versionId: string) =>
    b.patient(ctx, { birthDate, versionId, lastUpdated: `2025-05-3${Number(versionId) - 1}T09:00:00+08:00` });
  const consents = [b.consent(ctx, { on: '2025-05-15' })];
  const disease = measuredHemangioma(ctx);
  await take(reading.gateway, ...eligiblePerson(ctx, { patient: { birthDate: '1967-10-30' }, consents, disease }));
  const [entry, ...more] = (await search(reading, 'Flag')).entry!;
  expect(more).toEqual([]);
  expect(entry!.resource).toMatchObject({
    status: 'active',
    code: { coding: [{ system: 'https://study-gateway.example/cs/flag', code: 'age-gap' }] },
    subject: { reference: 'Patient/ya-p-000001' },
    meta: { versionId: '1' },
  });
  expect(entry!.resource.id).toMatch(/^[a-z2-7]{26}$/);
  const path = `${BASE}/Flag/${entry!.resource.id}`;
  expect(await (await reading.ask(path)).json()).toEqual(entry!.resource);
  await take(reading.gateway, person('1985-10-30', '1'));
  expect(ids(await search(reading, 'Flag'))).toEqual([]);
  expect((await outcome(await reading.ask(path))).status).toBe(410);
  await take(reading.gateway, person('1967-10-30', '2'));
  expect(await (await reading.ask(path)).json()).toMatchObject({ meta: { versionId: '3' } });
});

test('the screening log tells status and masked reason, and nothing of what a sensitive criterion found', async () => {
  const reading = await startReading();
  const ctx = b.feedContext('ya', 1);
  const hiv = [b.qualitative(ctx, 'hivRna', 'detected', { on: '2025-05-20T09:00:00+08:00' })];
  const need = [b.serviceRequest(ctx, { on: '2025-06-10' })];
  expect(await (await reading.ask(`${BASE}/List/screening-log`)).json()).toMatchObject({ meta: { versionId: '0' } });
  const subjects = await take(reading.gateway, ...eligiblePerson(ctx, { hiv, need }), ...eligible(2));
  const log = (await search(reading, 'List')).entry![0]!.resource as unknown as r4.List;
  expect(log).toMatchObject({ mode: 'working', status: 'current' });
  const item = (subject: string | undefined) => ({ reference: `ResearchSubject/${subject}` });
  const system = 'http://hl7.org/fhir/research-subject-status';
  const masked = {
    extension: [
      { url: 'https://study-gateway.example/StructureDefinition/status-reason', valueCode: 'exclusion-criterion' },
    ],
    flag: { coding: [{ system, code: 'ineligible' }] },
    item: item(subjects.get('ya-p-000001')),
  };
  const open = { flag: { coding: [{ system, code: 'eligible' }] }, item: item(subjects.get('ya-p-000002')) };
  expect(log.entry).toHaveLength(2);
  expect(log.entry).toEqual(expect.arrayContaining([masked, open]));
  const everything = await Promise.all(
    ['ResearchSubject', 'Task', 'Flag', 'List'].map(async (type) => (await reading.ask(`${BASE}/${type}`)).text()),
  );
  expect(everything.join()).not.toMatch(/hiv|ya-o-/i);
});
