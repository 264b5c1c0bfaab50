import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExportDesk } from '../../src/registry/export/desk.ts';
import { enrol, ownId, person, put, recordOf, withdraw } from './people.ts';
import { type AskOptions, codeOf, KEEP, openTestApi, START, type TestApi } from './service.ts';

const PEOPLE = [1, 2, 3, 4].map((number) => person(number));
let folder: string;
let api: TestApi;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'));
  api = await openTestApi({ folder });
  api.learn(PEOPLE);
  await enrol(api.store, PEOPLE, api.clock);
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const ASYNC = { prefer: 'respond-async' };
const ask = (path: string, options: AskOptions = {}) =>
  api.ask(path, { ...options, headers: { ...ASYNC, ...options.headers } });
const post = (path: string, parameter: object[], headers: Record<string, string> = {}) =>
  ask(path, { method: 'POST', body: { resourceType: 'Parameters', parameter }, headers });

interface Line {
  resourceType: string;
  id: string;
  meta: { tag?: unknown };
  subject?: { reference: string };
}

/** Waits for an export that was taken and gives its manifest. */
async function done(taken: { status: number; headers: Headers; text: string }, options: AskOptions = {}) {
  expect([taken.status, taken.status === 202 ? '' : taken.text]).toEqual([202, '']);
  await api.exports.settled();
  const place = taken.headers.get('content-location')!;
  expect(place.startsWith(`${api.base}/export/`)).toBe(true);
  const { status, body, headers } = await api.ask(place, options);
  expect(status).toBe(200);
  return { place, manifest: body, headers };
}

async function linesOf(files: { url: string }[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { url } of files) {
    const { text } = await api.ask(url);
    lines.push(
      ...text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  }
  return lines;
}

/** What an export gives, as types and ids. */
async function exported(path: string): Promise<string[]> {
  const { manifest } = await done(await ask(path));
  return (await linesOf(manifest.output)).map(({ resourceType, id }) => `${resourceType}/${id}`).sort();
}
const of = (numbers: number[], wanted: (type: string) => boolean = () => true) =>
  numbers
    .flatMap((number) => recordOf(person(number)))
    .filter(({ resourceType }) => wanted(resourceType))
    .map(({ resourceType, id }) => `${resourceType}/${api.lens.registryId(resourceType, id!)}`)
    .sort();

describe('levels', () => {
  test('the whole system, all patients', async () => {
    expect(await exported('/$export')).toEqual(of([1, 2, 3, 4]));
    expect(await exported('/Patient/$export')).toEqual(of([1, 2, 3, 4]));
  });

  test('groups: the study, a site, an arm', async () => {
    expect(await exported('/Group/nct07265544/$export')).toEqual(of([1, 2, 3, 4]));
    expect(await exported('/Group/site-nf/$export')).toEqual(of([2, 4]));
    expect(await exported('/Group/arm-Normal/$export')).toEqual(of([1, 3]));
    expect(await exported('/Group/arm-HBV/$export')).toEqual([]);
    const unknown = await ask('/Group/arm-none/$export');
    expect([unknown.status, codeOf(unknown.body)]).toEqual([404, 'not-found']);
    api.lens.types.delete('Group');
    const forbidden = await ask('/Group/arm-HBV/$export');
    expect([forbidden.status, codeOf(forbidden.body)]).toEqual([403, 'not-in-agreement']);
  });

  test('who came into an arm since is told whole; who left it is not told to be gone', async () => {
    const { manifest } = await done(await ask('/Group/arm-Normal/$export'));
    const moved = { ...recordOf(person(2))[0]!, assignedArm: 'Normal' };
    const left = { ...recordOf(person(1))[0]!, assignedArm: 'HBV' };
    await api.store.withTransaction(async (tx) => {
      const at = new Date(api.clock()).toISOString();
      await put(tx, moved, ownId('subject-2'), at);
      await put(tx, left, ownId('subject-1'), at);
    });
    const since = await done(await ask(`/Group/arm-Normal/$export?_since=${manifest.transactionTime}`));
    const names = (await linesOf(since.manifest.output)).map(({ resourceType, id }) => `${resourceType}/${id}`);
    expect(names.sort()).toEqual(of([2]));
    expect(since.manifest.deleted).toEqual([]);
  });

  test('patients that are named, by POST', async () => {
    const patient = (number: number) => ({
      name: 'patient',
      valueReference: { reference: `Patient/${api.id('Patient', `patient-${number}`)}` },
    });
    const { manifest } = await done(await post('/Patient/$export', [patient(1), patient(4)]));
    expect((await linesOf(manifest.output)).map(({ resourceType, id }) => `${resourceType}/${id}`).sort()).toEqual(
      of([1, 4]),
    );
    const inGroup = await done(
      await post('/Group/site-nf/$export', [patient(4), { name: '_type', valueString: 'Patient' }]),
    );
    expect((await linesOf(inGroup.manifest.output)).map(({ id }) => id)).toEqual([api.id('Patient', 'patient-4')]);
    const outside = await post('/Group/site-nf/$export', [patient(1)]);
    expect([outside.status, codeOf(outside.body)]).toEqual([400, 'patient-unknown']);
    const lenient = await done(
      await post('/Group/site-nf/$export', [patient(1), patient(4)], { prefer: 'respond-async, handling=lenient' }),
    );
    expect(new Set((await linesOf(lenient.manifest.output)).map(({ subject }) => subject?.reference))).toEqual(
      new Set([undefined, `Patient/${api.id('Patient', 'patient-4')}`]),
    );
    expect(lenient.manifest.error).toHaveLength(1);
    const system = await post('/$export', [patient(1)]);
    expect([system.status, codeOf(system.body)]).toEqual([400, 'patient-parameter']);
  });
});

describe('parameters', () => {
  test('_type, with commas and repeated; in what scopes and agreement cover', async () => {
    const wanted = (type: string) => ['Patient', 'Specimen', 'Condition'].includes(type);
    expect(await exported('/$export?_type=Patient,Specimen&_type=Condition')).toEqual(of([1, 2, 3, 4], wanted));
    const scoped = { scopes: 'system/Patient.rs system/Condition.r' };
    const { manifest } = await done(await ask('/$export', scoped), scoped);
    expect(manifest.output.map(({ type }: { type: string }) => type)).toEqual(['Patient']);
  });

  test('_typeFilter: any of those for a type, other types whole', async () => {
    const filter = [
      encodeURIComponent('Condition?code=197321007&recorded-date=lt2025-05-13'),
      encodeURIComponent('Condition?recorded-date=2025-05-13,Patient?gender=female'),
    ];
    const path = `/$export?_type=Condition,Patient,Specimen&_typeFilter=${filter.join('&_typeFilter=')}`;
    expect(await exported(path)).toEqual(
      [
        ...of([2, 3], (type) => type === 'Condition'),
        ...of([2, 4], (type) => type === 'Patient'),
        ...of([1, 2, 3, 4], (type) => type === 'Specimen'),
      ].sort(),
    );
  });

  test('_elements', async () => {
    const { manifest } = await done(await ask('/$export?_type=Condition,Patient&_elements=Condition.code,id'));
    for (const line of await linesOf(manifest.output)) {
      const always = {
        Condition: ['clinicalStatus', 'code', 'subject', 'verificationStatus'],
        Patient: [] as string[],
      };
      expect(Object.keys(line).sort()).toEqual(
        [...always[line.resourceType as 'Patient'], 'id', 'meta', 'resourceType'].sort(),
      );
      expect(line.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
    }
  });

  test('_since and _until: what was written after the one, up to the other', async () => {
    const at = async (number: number) =>
      (await api.ask(`/Patient/${api.id('Patient', `patient-${number}`)}`)).body.meta.lastUpdated;
    const type = (one: string) => one === 'Patient';
    expect(await exported(`/$export?_type=Patient&_since=${await at(2)}`)).toEqual(of([3, 4], type));
    expect(await exported(`/$export?_type=Patient&_until=${await at(2)}`)).toEqual(of([1, 2], type));
    const both = `_since=${await at(1)}&_until=${await at(3)}`;
    expect(await exported(`/$export?_type=Patient&${both}`)).toEqual(of([2, 3], type));
    const shifted = '2025-06-02T08:00:00.000+08:00';
    expect(await exported(`/$export?_type=Patient&_since=${shifted}`)).toEqual(of([1, 2, 3, 4], type));
  });

  test('by POST, and the words of later versions', async () => {
    const { manifest } = await done(
      await post('/$export', [
        { name: '_type', valueString: 'Patient' },
        { name: '_type', valueString: 'Condition' },
        { name: '_outputFormat', valueString: 'application/fhir+ndjson' },
        { name: 'allowPartialManifests', valueBoolean: true },
      ]),
    );
    expect(manifest.output).toMatchObject([
      { type: 'Patient', count: 4 },
      { type: 'Condition', count: 4 },
    ]);
  });

  test.each([
    ['/$export?_type=Encounter', 400, 'type-unknown'],
    ['/$export?_type=Group', 400, 'type-unknown'],
    ['/$export?_outputFormat=text/csv', 400, 'output-format'],
    ['/$export?_since=2025', 400, 'parameter-value'],
    ['/$export?_until=soon', 400, 'parameter-value'],
    ['/$export?_elements=a%20b', 400, 'parameter-value'],
    ['/$export?_typeFilter=Condition', 400, 'type-filter'],
    ['/$export?_typeFilter=Condition?_sort=code', 400, 'type-filter'],
    ['/$export?_typeFilter=Condition?_count=5', 400, 'type-filter'],
    ['/$export?_type=Patient&_typeFilter=Condition?code=x', 400, 'type-filter'],
    ['/$export?organizeOutputBy=Patient', 400, 'parameter-unknown'],
    ['/Patient/$export?patient=Patient/a', 400, 'patient-parameter'],
  ])('%s is refused', async (path, status, code) => {
    const answer = await ask(path);
    expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
  });

  test('a type that scopes or agreement do not cover is refused; so is one without respond-async', async () => {
    const scope = await ask('/$export?_type=Condition', { scopes: 'system/Patient.rs' });
    expect([scope.status, codeOf(scope.body)]).toEqual([403, 'scope-insufficient']);
    const none = await ask('/$export', { scopes: 'system/Task.rs' });
    expect([none.status, codeOf(none.body)]).toEqual([403, 'nothing-to-export']);
    const now = await api.ask('/$export');
    expect([now.status, codeOf(now.body)]).toEqual([400, 'respond-async']);
    api.lenses.clear();
    expect(codeOf((await ask('/$export')).body)).toBe('no-agreement');
  });

  test('handling=lenient: what is not supported is passed over, and told of', async () => {
    const headers = { prefer: 'respond-async, handling=lenient' };
    const { manifest } = await done(
      await ask('/$export?_type=Patient,Encounter&organizeOutputBy=Patient&_typeFilter=Patient?name=x', { headers }),
    );
    expect(manifest.output).toMatchObject([{ type: 'Patient', count: 4 }]);
    expect(manifest.error).toMatchObject([{ type: 'OperationOutcome', count: 3 }]);
    const told = await linesOf(manifest.error);
    expect(told.map((one) => codeOf(one as never))).toEqual(['parameter-unknown', 'type-unknown', 'type-filter']);
    expect((await ask('/$export?_type=Encounter', { headers })).status).toBe(400);
  });
});

describe('status and files', () => {
  test('the manifest, with expiry; then it is gone', async () => {
    const { place, manifest, headers } = await done(await ask('/$export?_type=Patient'));
    expect(manifest).toEqual({
      transactionTime: expect.stringMatching(/^2025-06-02T00:00:0\d\.\d{3}Z$/),
      request: `${api.base}/$export?_type=Patient`,
      requiresAccessToken: true,
      output: [{ type: 'Patient', url: `${place}/2.ndjson`, count: 4 }],
      deleted: [],
      error: [],
    });
    expect(Date.parse(headers.get('expires')!)).toBeGreaterThan(START + KEEP - 1_000);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    api.wait(KEEP);
    expect((await api.ask(place)).status).toBe(401);
    const again = await api.token({ scopes: 'system/Patient.rs system/Consent.rs' });
    expect((await api.ask(place, { token: again })).status).toBe(404);
  });

  test('files are for their owner only, whole, in parts, packed', async () => {
    const { manifest, place } = await done(await ask('/$export?_type=Patient'));
    const [{ url }] = manifest.output;
    const id = place.slice(place.lastIndexOf('/') + 1);
    expect((await stat(join(folder, id, '2.ndjson'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, id))).mode & 0o777).toBe(0o700);
    const whole = await api.ask(url, { headers: { 'accept-encoding': 'identity' } });
    expect(whole.headers.get('content-type')).toBe('application/fhir+ndjson');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    expect(whole.text.trim().split('\n')).toHaveLength(4);
    const token = await api.token();
    const raw = async (headers: Record<string, string>, method = 'GET') => {
      const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}`, ...headers } });
      return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
    };
    const part = await raw({ range: 'bytes=10-29' });
    expect([part.answer.status, part.answer.headers.get('content-range'), part.bytes.toString()]).toEqual([
      206,
      `bytes 10-29/${Buffer.byteLength(whole.text)}`,
      whole.text.slice(10, 30),
    ]);
    const beyond = await raw({ range: 'bytes=999999-' });
    expect([beyond.answer.status, codeOf(JSON.parse(beyond.bytes.toString()))]).toEqual([416, 'range']);
    const packed = await raw({ 'accept-encoding': 'gzip' });
    expect([packed.answer.headers.get('content-encoding'), packed.answer.headers.get('vary')]).toEqual([
      'gzip',
      'Accept-Encoding',
    ]);
    expect(packed.bytes.toString()).toBe(whole.text);
    expect((await raw({ 'accept-encoding': 'gzip' }, 'HEAD')).bytes).toHaveLength(0);
  });

  test('nobody but the client gets at them; wrong names lead nowhere', async () => {
    const { manifest, place } = await done(await ask('/$export?_type=Patient'));
    const other = { scopes: 'system/Patient.rs' };
    for (const url of [place, manifest.output[0].url]) expect((await api.ask(url, other)).status).toBe(404);
    expect((await api.ask(place, { ...other, method: 'DELETE' })).status).toBe(404);
    for (const name of ['1.ndjson', '3.ndjson', '2', '..%2f..%2fx', '2.ndjson.gz'])
      expect([name, (await api.ask(`${place}/${name}`)).status]).toEqual([name, 404]);
    expect((await api.ask('/export/none')).status).toBe(404);
    api.lens.types.delete('Patient');
    expect((await api.ask(manifest.output[0].url)).status).toBe(404);
    api.lenses.clear();
    expect((await api.ask(place)).status).toBe(403);
  });

  test('files are given to nobody once somebody has withdrawn since', async () => {
    const { manifest } = await done(await ask('/$export?_type=Condition'));
    expect((await api.ask(manifest.output[0].url)).status).toBe(200);
    await withdraw(api.store, 3, api.clock);
    const left = await api.ask(manifest.output[0].url);
    expect([left.status, codeOf(left.body)]).toEqual([410, 'withdrawn-since']);
  });

  test('DELETE removes an export and its files', async () => {
    const { place, manifest } = await done(await ask('/$export?_type=Patient'));
    expect((await api.ask(place, { method: 'DELETE' })).status).toBe(202);
    expect(await readdir(folder)).toEqual([]);
    for (const url of [place, manifest.output[0].url]) expect((await api.ask(url)).status).toBe(404);
    expect((await api.ask(place, { method: 'DELETE' })).status).toBe(404);
    const audit = await api.store.read((tx) => tx.audit());
    expect(
      audit.filter(({ action }) => action.startsWith('export')).map(({ action, detail }) => [action, detail]),
    ).toEqual([
      ['export-asked', 'Liver registry: Patient'],
      ['export-made', 'Patient 4'],
      ['export-removed', null],
    ]);
  });

  test('at most five of a client wait', async () => {
    const { store } = api;
    const desk = createExportDesk({
      desk: api.desk,
      folder,
      lensAt: async () => null,
      newId: () => `export-${Math.random()}`,
      wake: () => {},
      cancel: async () => {},
    });
    const viewer = { client: 'c', scopes: new Map([['*', 'rs']]), lens: api.lens };
    const asked = {
      request: '',
      level: 'system' as const,
      group: null,
      given: new URLSearchParams(),
      lenient: false,
      posted: false,
    };
    for (let n = 0; n < 5; n++) expect(await desk.kickOff(viewer, asked)).toHaveProperty('id');
    expect(await desk.kickOff(viewer, asked)).toMatchObject({ status: 429, code: 'too-many-exports' });
    expect(await desk.kickOff({ ...viewer, client: 'd' }, asked)).toHaveProperty('id');
    const [first] = await store.read(({ study }) => study.waitingExports());
    expect(await desk.status(viewer, first!.id)).toEqual({ state: 'waiting', progress: '0 of 10 types, 0 resources' });
  });
});
