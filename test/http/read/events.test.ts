import { setTimeout } from 'node:timers/promises';
import { createNoticeBell } from '../../../src/pipeline/notice-bell.ts';
import { outcome, stopServices } from '../service.ts';
import { died, eligible, identifiersIn, mergedInto, take } from './people.ts';
import { type Reading, startReading } from './service.ts';

afterEach(stopServices);

interface Seen {
  id: string;
  event: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: data of an event as a client sees it.
  data: any;
}

/** A client that reads a stream block by block; comments come as events without an id. */
async function follow(reading: Reading, init: Parameters<Reading['ask']>[1] = {}) {
  const stop = new AbortController();
  const answer = await reading.ask('/ehr/ya/events', { ...init, signal: stop.signal });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const decoder = new TextDecoder();
  const reader = answer.body!.getReader();
  let [held, whole] = ['', ''];
  async function next(): Promise<Seen | null> {
    for (;;) {
      const end = held.indexOf('\n\n');
      if (end >= 0) {
        const block = held.slice(0, end);
        held = held.slice(end + 2);
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
        return { id: field('id') ?? block, event: field('event'), data: JSON.parse(field('data') ?? 'null') };
      }
      const { value, done } = await reader.read();
      if (done) return null;
      const text = decoder.decode(value, { stream: true });
      held += text;
      whole += text;
    }
  }
  return {
    next,
    async take(count: number) {
      const seen: Seen[] = [];
      while (seen.length < count) seen.push((await next())!);
      return seen;
    },
    text: () => whole,
    leave: () => stop.abort(),
  };
}

/** A pause that ends when the test says so, or when the signal aborts. */
function handPause() {
  const waiting = new Set<() => void>();
  const asked: number[] = [];
  return {
    asked,
    pause: (milliseconds: number, signal: AbortSignal) => {
      asked.push(milliseconds);
      return new Promise<void>((resolve) => {
        const done = () => {
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
        if (signal.aborted) done();
        else signal.addEventListener('abort', done, { once: true });
      });
    },
    async tick() {
      while (waiting.size === 0) await new Promise((resolve) => setImmediate(resolve));
      for (const done of [...waiting]) done();
    },
  };
}

test('new candidates and changes arrive as they happen, under pseudonyms, and name nobody', async () => {
  const reading = await startReading();
  const stream = await follow(reading);
  expect(await stream.next()).toEqual({ id: '0', event: null, data: null });
  const people = [...eligible(1), ...eligible(2)];
  const subjects = await take(reading.gateway, ...people, ...eligible(1, 'nf'));
  const [one, two] = ['ya-p-000001', 'ya-p-000002'].map((id) => subjects.get(id));
  const seen = await stream.take(4);
  expect(seen.map(({ id, event, data }) => [id, event, data.type, data.version, data.status])).toEqual([
    ['1', 'new-candidate', 'ResearchSubject', 1, 'eligible'],
    ['2', 'new', 'Task', 1, 'requested'],
    ['3', 'new-candidate', 'ResearchSubject', 1, 'eligible'],
    ['4', 'new', 'Task', 1, 'requested'],
  ]);
  expect([seen[0]!.data.id, seen[2]!.data.id]).toEqual([one, two]);
  expect(Object.keys(seen[0]!.data)).toEqual(['type', 'id', 'version', 'status', 'at']);
  await take(reading.gateway, mergedInto(2, 1));
  const merged = await stream.take(2);
  expect(merged.map(({ event, data }) => [event, data.type, data.id === two, data.status])).toEqual([
    ['gone', 'ResearchSubject', true, null],
    ['changed', 'Task', false, 'cancelled'],
  ]);
  await take(reading.gateway, died(1));
  expect((await stream.next())!.data).toMatchObject({ id: one, status: 'not-registered' });
  stream.leave();
  expect(await identifiersIn(stream.text(), [...people, mergedInto(2, 1), died(1)])).toBe(0);
});

test('who comes back with the last id misses nothing and gets nothing twice; without it begins now', async () => {
  const reading = await startReading();
  await take(reading.gateway, ...eligible(1), ...eligible(2));
  const again = await follow(reading, { headers: { 'last-event-id': '1' } });
  expect((await again.take(4)).map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  const now = await follow(reading);
  // From a store that has come back from a backup.
  const ahead = await follow(reading, { headers: { 'last-event-id': '999' } });
  await take(reading.gateway, died(1));
  for (const stream of [now, ahead]) expect((await stream.take(2)).map(({ id }) => id)).toEqual(['4', '5']);
  expect((await again.next())!.id).toBe('5');
  for (const stream of [again, now, ahead]) stream.leave();
});

test('only types that the client may search; numbers of the others are left out', async () => {
  const reading = await startReading();
  await take(reading.gateway, ...eligible(1), ...eligible(2));
  const stream = await follow(reading, { headers: { 'last-event-id': '0' }, scopes: 'Task.s' });
  expect((await stream.take(3)).map(({ id, event }) => [id, event])).toEqual([
    ['0', null],
    ['2', 'new'],
    ['4', 'new'],
  ]);
  stream.leave();
});

test('more than a page of notices comes in order', async () => {
  const reading = await startReading();
  await reading.gateway.store.withTransaction(async ({ hospital }) => {
    for (let n = 1; n <= 250; n++)
      await hospital.addNotice({
        ...{ site: 'ya', type: 'ResearchSubject', id: `s${n}`, version: 1, status: 'eligible', kind: 'new' },
        at: '2025-06-02T00:00:00.000Z',
      } as Parameters<typeof hospital.addNotice>[0]);
  });
  const stream = await follow(reading, { headers: { 'last-event-id': '0' } });
  expect((await stream.take(251)).map(({ id }) => Number(id))).toEqual(Array.from({ length: 251 }, (_, n) => n));
  stream.leave();
});

test('heartbeats every 15 s, and a look at the store with each, though nobody rang', async () => {
  const hand = handPause();
  const reading = await startReading({ events: { pause: hand.pause } });
  const stream = await follow(reading);
  await stream.next();
  await hand.tick();
  expect((await stream.next())!.id).toBe(': heartbeat');
  expect(hand.asked[0]).toBe(15_000);
  // Another process wrote: the bell of this one is silent.
  const { ring } = reading.bell;
  reading.bell.ring = () => {};
  await take(reading.gateway, ...eligible(1));
  reading.bell.ring = ring;
  await hand.tick();
  expect((await stream.take(2)).map(({ id }) => id)).toEqual([': heartbeat', '1']);
  stream.leave();
});

test('ends when the token expires, waiting no longer than until then', async () => {
  const hand = handPause();
  let now = 1_000_000;
  const reading = await startReading({
    events: { pause: hand.pause, clock: () => now, expiresAt: () => 1_004_000 },
  });
  const stream = await follow(reading);
  await stream.next();
  // It must be resting when the time comes.
  while (hand.asked.length === 0) await setTimeout(1);
  now = 1_004_000;
  await hand.tick();
  expect(await stream.next()).toBeNull();
  expect(hand.asked).toEqual([4_000]);
});

test('ends when the service stops', async () => {
  const stopping = new AbortController();
  const reading = await startReading({ stopping: stopping.signal });
  const stream = await follow(reading);
  await stream.next();
  stopping.abort();
  expect(await stream.next()).toBeNull();
});

test('so many streams for a client and no more; one that is closed makes room', async () => {
  const reading = await startReading();
  const streams = await Promise.all([1, 2, 3, 4].map(() => follow(reading)));
  for (const stream of streams) await stream.next();
  const more = await reading.ask('/ehr/ya/events');
  expect(await outcome(more)).toMatchObject({ status: 429, code: 'too-many-streams' });
  expect((await reading.ask('/ehr/nf/events', { site: 'nf', method: 'HEAD' })).status).toBe(200);
  streams[0]!.leave();
  let status = 429;
  while (status === 429) {
    const stop = new AbortController();
    ({ status } = await reading.ask('/ehr/ya/events', { signal: stop.signal }));
    stop.abort();
  }
  expect(status).toBe(200);
  for (const stream of streams.slice(1)) stream.leave();
});

test('a client that does not read is let go, and holds nothing up', async () => {
  const pause = (_: number, signal: AbortSignal) => setTimeout(300, undefined, { signal });
  const reading = await startReading({ events: { pause } });
  const padding = 'x'.repeat(1_000);
  await reading.gateway.store.withTransaction(async ({ hospital }) => {
    for (let n = 0; n < 10_000; n++)
      await hospital.addNotice({
        ...{ site: 'ya', type: 'Task', id: padding, version: 1, status: 'requested', kind: 'new', at: padding },
      } as Parameters<typeof hospital.addNotice>[0]);
  });
  const answer = await reading.ask('/ehr/ya/events', { headers: { 'last-event-id': '0' } });
  while (!reading.service.lines.some((line) => line.includes('request-cut')))
    await new Promise((resolve) => setImmediate(resolve));
  await expect(answer.text()).rejects.toThrow();
});

test.each([
  ['another site', { site: 'nf' }, 403, 'other-site'],
  ['nobody', { site: '' }, 403, 'other-site'],
  ['no scope', { scopes: 'Flag.rs ResearchSubject.r' }, 403, 'scope-insufficient'],
  ['an id that is none', { headers: { 'last-event-id': 'abc' } }, 400, 'last-event-id'],
])('refused: %s', async (_, init, status, code) => {
  const reading = await startReading();
  expect(await outcome(await reading.ask('/ehr/ya/events', init))).toMatchObject({ status, code });
});

test('the bell tells each listener, until it is silenced', () => {
  const bell = createNoticeBell();
  const heard: string[] = [];
  const first = bell.listen((site) => heard.push(`1 ${site}`));
  bell.listen((site) => heard.push(`2 ${site}`));
  bell.ring('ya');
  first();
  bell.ring('nf');
  expect(heard).toEqual(['1 ya', '2 ya', '2 nf']);
});

test('the bell rings after the commit, for the sites that have notices, and not for what was undone', async () => {
  const reading = await startReading();
  const heard: string[] = [];
  reading.bell.listen((site) => heard.push(site));
  const { store } = reading.gateway;
  const row = { site: 'ya', type: 'Task', id: 't', version: 1, status: 'requested', kind: 'new', at: 'x' } as const;
  const undone = store.withTransaction(async ({ hospital }) => {
    await hospital.addNotice(row);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await store.withTransaction(({ hospital }) => hospital.lastNotice('ya'));
  expect(heard).toEqual([]);
  await store.withTransaction(async ({ hospital }) => {
    await hospital.addNotice(row);
    await hospital.addNotice(row);
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual(['ya']);
});
