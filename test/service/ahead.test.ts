import { setTimeout } from 'node:timers/promises';
import { markOf } from '../../src/http/ehr/ahead/marks.ts';
import type { Ahead } from '../../src/http/ehr/ahead/pool.ts';
import { tell } from '../feed/people.ts';
import { STORIES } from '../feed/stories.ts';
import { type Parcel, parcelsOf } from '../pipeline/delivery.ts';
import { PACKAGINGS, packed } from './packages.ts';
import { ABOUT, EMPTY, openReader, reading, SITES, STUDY } from './reader.ts';
import { openTestService, type TestService } from './service.ts';

const opened: { close(): Promise<unknown> }[] = [];
const closing = <T extends { close(): Promise<unknown> }>(one: T): T => {
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** The thread, and what it answered to each question. */
function watched(ahead: Ahead): Ahead & { answers: string[] } {
  const answers: string[] = [];
  const read: Ahead['read'] = async (...given) => {
    const answer = await ahead.read(...given);
    answers.push(answer === null ? 'here' : 'thread');
    return answer;
  };
  return { ...ahead, read, answers };
}

const BASE = '/ehr/ya/fhir';
const OBSERVATION = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '777-3' }] },
  subject: { reference: 'Patient/p1' },
  meta: { lastUpdated: '2025-05-01T00:00:00Z' },
};
const entry = (resource: object, request: object) => ({ resource, request });
const putOf = (resource: { resourceType: string; id: string }) =>
  entry(resource, { method: 'PUT', url: `${resource.resourceType}/${resource.id}` });
const bundle = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });
/** The same laboratory value, corrected into one that no study asks for. */
const CORRECTED = {
  ...OBSERVATION,
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
  meta: { lastUpdated: '2025-05-02T00:00:00Z' },
};

describe('what is answered and kept does not depend on who reads', () => {
  let [here, there]: TestService[] = [];
  let thread: Ahead;
  let ahead: ReturnType<typeof watched>;
  beforeAll(async () => {
    thread = await reading(await openReader());
  });
  afterAll(() => thread.close());
  beforeEach(async () => {
    ahead = watched(thread);
    here = closing(await openTestService());
    there = closing(await openTestService({ ahead }));
  });

  async function bothAnswer(body: unknown, more: object = {}): Promise<{ status: number; text: string }> {
    const [a, b] = [await here!.ask('POST', BASE, body, more), await there!.ask('POST', BASE, body, more)];
    const plain = (text: string) => text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://here');
    expect({ status: b.status, text: plain(b.text) }).toEqual({ status: a.status, text: plain(a.text) });
    return { status: a.status, text: a.text };
  }

  async function rowsOf({ gateway }: TestService) {
    return gateway.store.read(async ({ hospital }) => ({
      persons: await hospital.personsAfter('', '', 1_000),
      pending: (await hospital.takePending(1_000)).map(({ person }) => person),
      unmapped: await hospital.unmappedCounts(),
      rows: (
        await hospital.recordsOf(
          'ya',
          (await hospital.personsAfter('', '', 1_000)).map(({ person }) => person),
        )
      )
        // A Patient is sealed, each time otherwise.
        .map((row) => (row.type === 'Patient' ? { ...row, body: null } : row)),
    }));
  }

  test('of people who tell stories, in every packaging', async () => {
    const told = STORIES.slice(0, 12).map((story, number) => tell(story, 'ya', number + 1, 'ahead'));
    const parcels = told.flatMap(parcelsOf).filter((one): one is Parcel => !('site' in one) || one.site === 'ya');
    for (const packaging of PACKAGINGS.filter((one) => !['update', 'create', 'stream'].includes(one)))
      for (const one of packed('ya', parcels, packaging)) await bothAnswer(one.body);
    expect(ahead.answers.filter((one) => one === 'thread').length).toBeGreaterThan(3);
    const rows = await rowsOf(here!);
    expect(rows.rows.length).toBeGreaterThan(50);
    expect(await rowsOf(there!)).toEqual(rows);
  });

  test.each<[string, object[], string[]]>([
    ['a correction that takes back what was kept', [bundle('transaction', putOf(CORRECTED))], ['thread']],
    ['a version that is known', [bundle('batch', putOf(OBSERVATION))], ['thread']],
    ['a deletion', [bundle('batch', { request: { method: 'DELETE', url: 'Observation/o1' } })], ['thread']],
    ['a refused entry', [bundle('transaction', putOf({ ...OBSERVATION, id: '?' }))], ['here']],
    ['a broken text', ['{"resourceType":"Bundle",' as never], ['here']],
    [
      'a condition',
      [
        bundle(
          'transaction',
          entry(OBSERVATION, { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=a|1' }),
        ),
      ],
      ['here'],
    ],
  ])('%s', async (_, sent, who) => {
    expect((await bothAnswer(bundle('transaction', putOf(OBSERVATION)))).status).toBe(200);
    ahead.answers.length = 0;
    for (const one of sent) await bothAnswer(one);
    expect(ahead.answers).toEqual(who);
    expect(await rowsOf(there!)).toEqual(await rowsOf(here!));
  });

  test('what a scope denies, and what a sender wants back, is answered as ever', async () => {
    const sent = bundle('transaction', putOf(OBSERVATION));
    expect((await bothAnswer(sent, { scopes: 'system/Patient.cruds' })).status).toBe(403);
    expect(await rowsOf(there!)).toEqual(await rowsOf(here!));
    const { text } = await bothAnswer(sent, { headers: { prefer: 'return=representation' } });
    expect(JSON.parse(text).entry[0].resource.id).toBe('o1');
  });
});

test('at most three Bundles are in hand: more are read by whoever asks; closing waits for them', async () => {
  const ahead = await reading(await openReader());
  const answers = await Promise.all([1, 2, 3, 4].map(() => ahead.read(EMPTY, ABOUT)));
  expect(answers.map((one) => one?.type ?? null)).toEqual(['collection', 'collection', 'collection', null]);
  expect((await ahead.read(EMPTY, ABOUT))?.type).toBe('collection');
  const read = ahead.read(EMPTY, ABOUT);
  await ahead.close();
  expect((await read)?.type).toBe('collection');
  expect(await ahead.read(EMPTY, ABOUT)).toBeNull();
});

test('a thread that dies over a Bundle fails its requests and no others, and is replaced after a rest', async () => {
  const ended: unknown[] = [];
  const time = { now: 0 };
  const thread = new URL('./dying-thread.ts', import.meta.url);
  const options = { thread, ended: (error: unknown) => void ended.push(error), clock: () => time.now };
  const ahead = closing(await openReader(options));
  const service = closing(await openTestService({ ahead }));
  const ask = async () => (await service.ask('POST', BASE, bundle('transaction', putOf(OBSERVATION)))).status;
  const statuses: number[] = [];
  while (statuses.at(-1) !== 500) statuses.push(await ask());
  expect([ended.length, ahead.fault()]).toEqual([1, 'thread-ended']);
  expect(await ask()).toBe(200);
  time.now = 9_999;
  expect(await ask()).toBe(200);
  expect(ahead.fault()).toBe('thread-ended');
  time.now = 10_000;
  expect(ahead.fault()).toBeNull();
  while ((await ask()) !== 500);
  expect(ended.length).toBe(2);
});

test('a thread does not read with other files than the service has', async () => {
  const marks = { study: await markOf(STUDY), sites: '0'.repeat(64) };
  const ended: unknown[] = [];
  const ahead = closing(await openReader({ marks, ended: (error) => void ended.push(error) }));
  expect(await markOf(SITES)).toMatch(/^[0-9a-f]{64}$/);
  expect(await ahead.read(EMPTY, ABOUT)).toBeNull();
  while (ended.length === 0) await setTimeout(20);
  await setTimeout(50);
  expect([await ahead.read(EMPTY, ABOUT), ahead.fault(), ended]).toEqual([
    null,
    null,
    [expect.objectContaining({ code: 'DEFINITIONS_CHANGED' })],
  ]);
});
