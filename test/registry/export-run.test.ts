import { AsyncResource } from 'node:async_hooks';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Signer } from '../auth/signer.ts';
import { type PlainLens, plainLens } from './lens.ts';
import { enrol, ownId, person, recordOf, withdraw } from './people.ts';
import { codeOf, KEEP, openTestApi, START, type TestApi } from './service.ts';

const PEOPLE = Array.from({ length: 6 }, (_, index) => person(index + 1));
/** A caller that is in no transaction. */
const OUTSIDE = new AsyncResource('outside');
const ASYNC = { headers: { prefer: 'respond-async' } };
let home: string;
let folder: string;
let lens: PlainLens;
let apis: TestApi[];
let signers: Map<string, Signer>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'exports-'));
  folder = join(home, 'exports');
  lens = plainLens('Liver registry');
  apis = [];
  signers = new Map();
});
afterEach(async () => {
  for (const api of apis) await api.close().catch(() => {});
  await rm(home, { recursive: true, force: true });
});

async function open(now = START): Promise<TestApi> {
  const api = await openTestApi({ file: join(home, 'store.sqlite'), folder, fileRows: 3, lens, signers, now });
  apis.push(api);
  return api;
}

async function seeded(): Promise<TestApi> {
  const api = await open();
  api.learn(PEOPLE);
  await enrol(api.store, PEOPLE, api.clock);
  return api;
}

/** Calls back once, when the lens has been looked through so many times. */
function atShow(count: number, reached: () => void): { shows: number } {
  const { show } = lens;
  const counted = { shows: 0 };
  lens.show = (resource, subject) => {
    counted.shows++;
    if (counted.shows === count) reached();
    return show(resource, subject);
  };
  return counted;
}

async function taken(api: TestApi, path = '/$export'): Promise<string> {
  const { status, headers } = await api.ask(path, ASYNC);
  expect(status).toBe(202);
  const place = headers.get('content-location')!;
  return place.slice(place.lastIndexOf('/') + 1);
}

async function allOf(api: TestApi, id: string): Promise<FhirResource[]> {
  const { body } = await api.ask(`/export/${id}`);
  const resources: FhirResource[] = [];
  for (const { url, count } of body.output) {
    const lines = (await api.ask(url)).text.trim().split('\n');
    expect(lines).toHaveLength(count);
    resources.push(...lines.map((line) => JSON.parse(line)));
  }
  return resources;
}
const namesOf = (resources: readonly FhirResource[]) => resources.map((one) => `${one.resourceType}/${one.id}`).sort();
const everything = () =>
  PEOPLE.flatMap(recordOf)
    .map(({ resourceType, id }) => `${resourceType}/${lens.registryId(resourceType, id!)}`)
    .sort();

test('stopped in the middle it goes on where it was: what was finished is not made again', async () => {
  const api = await seeded();
  const total = everything().length;
  let counted = { shows: 0 };
  const reached = new Promise<void>((resolve) => {
    counted = atShow(40, () => resolve(api.exports.stop()));
  });
  const id = await taken(api);
  await reached;
  const waiting = await api.ask(`/export/${id}`);
  expect([waiting.status, waiting.headers.get('retry-after'), waiting.text]).toEqual([202, '2', '']);
  expect(waiting.headers.get('x-progress')).toBe('6 of 10 types, 42 resources');
  const before = counted.shows;
  expect(before).toBeLessThan(total);
  await api.store.withTransaction(async (tx) => {
    const row = (await tx.study.export(id))!;
    expect(row).toMatchObject({ state: 'waiting', mark: expect.stringContaining('"type":') });
    expect(row.resources).toBe(42);
  });
  await api.close();

  const next = await open(Date.parse('2025-06-02T00:01:00.000Z'));
  await next.exports.settled();
  expect(namesOf(await allOf(next, id))).toEqual(everything());
  expect(counted.shows).toBe(total);
  expect(next.faults).toEqual([]);
});

test('what is written while it is made is not in it, and is later than its time; who withdraws meanwhile is left out', async () => {
  const api = await seeded();
  api.learn([person(9)]);
  let meanwhile: Promise<unknown> = Promise.resolve();
  atShow(10, () => {
    meanwhile = OUTSIDE.runInAsyncScope(async () => {
      await enrol(api.store, [person(9)], api.clock);
      await withdraw(api.store, 5, api.clock);
    });
  });
  const hold = api.store.read.bind(api.store);
  // Reads wait for what happens meanwhile, so that it happens in the middle.
  api.store.read = async (work) => {
    await meanwhile;
    return hold(work);
  };
  const id = await taken(api, '/$export?_type=Condition,Observation,Provenance');
  await api.exports.settled();
  api.store.read = hold;
  const { body } = await api.ask(`/export/${id}`);
  const at = body.transactionTime;
  const { body: nine } = await api.ask(`/Condition/${api.id('Condition', 'condition-9')}`);
  expect(nine.meta.lastUpdated > at).toBe(true);
  const refused = await api.ask(body.output[0].url);
  expect([refused.status, codeOf(refused.body)]).toEqual([410, 'withdrawn-since']);
  const lines = await api.store.read(({ study }) => study.exportFiles(id));
  const provenances = lines
    .filter(({ type }) => type === 'Provenance')
    .reduce((sum, { lines: count }) => sum + count, 0);
  expect(provenances).toBe(5 * recordOf(person(1)).filter(({ resourceType }) => resourceType === 'Provenance').length);
  const since = await taken(api, `/$export?_type=Condition&_since=${at}`);
  await api.exports.settled();
  expect(namesOf(await allOf(api, since))).toEqual([`Condition/${api.id('Condition', 'condition-9')}`]);
  const { body: manifest } = await api.ask(`/export/${since}`);
  expect((await api.ask(manifest.deleted[0].url)).text).toContain(`Condition/${api.id('Condition', 'condition-5')}`);
});

test('deleted while it is made: it stops, and nothing of it is left', async () => {
  const api = await seeded();
  let removed: Promise<{ status: number }> | null = null;
  let id = '';
  const asked = new Promise<void>((resolve) => atShow(10, resolve));
  const { read } = api.store;
  api.store.read = async (work) => {
    const result = await read.call(api.store, work);
    // Gives the deletion its turn between two pages.
    await new Promise((next) => setImmediate(next));
    return result as never;
  };
  id = await taken(api);
  await asked;
  removed = api.ask(`/export/${id}`, { method: 'DELETE' });
  expect((await removed).status).toBe(202);
  await api.exports.settled();
  expect(await readdir(folder)).toEqual([]);
  expect((await api.ask(`/export/${id}`)).status).toBe(404);
  expect(api.faults).toEqual([]);
});

test('one that cannot be written fails, is told of, and the next is made', async () => {
  const api = await seeded();
  await writeFile(folder, 'a file in the place of the folder');
  const id = await taken(api);
  await api.exports.settled();
  expect(api.ended).toEqual(['failed']);
  expect(api.faults).toHaveLength(1);
  const { status, body } = await api.ask(`/export/${id}`);
  expect([status, body.resourceType, codeOf(body)]).toEqual([500, 'OperationOutcome', 'fault']);
  await rm(folder);
  const next = await taken(api);
  await api.exports.settled();
  expect(namesOf(await allOf(api, next))).toEqual(everything());
});

test('an agreement that ended before it was made: it fails', async () => {
  const api = await seeded();
  const id = await taken(api);
  await api.exports.stop();
  await api.store.withTransaction(async ({ study }) => {
    const row = (await study.export(id))!;
    await study.noteExport({ ...row, state: 'waiting', expiresAt: null });
  });
  await api.close();
  const next = await openTestApi({ file: join(home, 'store.sqlite'), folder, lens: plainLens('Another registry') });
  apis.push(next);
  await next.exports.settled();
  expect(next.ended).toEqual(['no-agreement']);
  expect(await next.store.read(({ study }) => study.export(id))).toMatchObject({
    state: 'failed',
    code: 'no-agreement',
  });
});

test('at the start what is over, and folders of which nothing is known, are deleted', async () => {
  const api = await seeded();
  const id = await taken(api);
  await api.exports.settled();
  await api.close();
  await mkdir(join(folder, 'left-behind'));
  const next = await open(START + KEEP / 2);
  await next.exports.cancel('none');
  expect(await readdir(folder)).toEqual([id]);
  await next.close();
  const last = await open(START + 2 * KEEP);
  await last.exports.cancel('none');
  expect(await readdir(folder)).toEqual([]);
  expect(await last.store.read(({ study }) => study.export(id))).toBeNull();
});

test('neither manifest, log nor file names say anything of people', async () => {
  const api = await seeded();
  const id = await taken(api, `/Patient/$export?_typeFilter=Condition?patient=${api.id('Patient', 'patient-1')}`);
  await api.exports.settled();
  await allOf(api, id);
  const names = (await readdir(folder, { recursive: true })).join();
  expect(names).not.toMatch(/[a-z2-7]{26}/);
  expect(api.logged.join()).not.toMatch(/[a-z2-7]{26}/);
  const own = PEOPLE.flatMap(recordOf).map((one) => one.id!);
  const text = (await api.ask(`/export/${id}`)).text + JSON.stringify(await allOf(api, id));
  expect(own.filter((one) => text.includes(one))).toEqual([]);
  expect(text).not.toContain(ownId('subject-1'));
});
