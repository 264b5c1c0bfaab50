import { createHmac } from 'node:crypto';
import type { r4 } from '../../src/fhir/resource.ts';
import { createShapeCheck } from '../../src/fhir/shape/check.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { createNotifier, MOST_ATTEMPTS, type NotifyEvent } from '../../src/jobs/notify.ts';
import { startNotifyLoop } from '../../src/jobs/notify-loop.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { createNoticeBell, withNoticeBell } from '../../src/pipeline/notice-bell.ts';
import { resubscribe, subscribe, unsubscribe } from '../../src/pipeline/subscribe.ts';
import type { SubscriptionRequest } from '../../src/pipeline/subscription-request.ts';
import { died, eligible, identifiersIn, mergedInto, take } from '../http/read/people.ts';
import { openTestGateway } from '../pipeline/gateway.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const PUBLIC = 'https://gateway.example';
const BASE = `${PUBLIC}/ehr/ya/fhir`;
const KEY = 'the-key-of-the-hospital-0123456789';
const BY = { site: 'ya', client: 'his-ya' };
const shape = createShapeCheck();

let receiver: Receiver;
let gateway: Gateway;
let now: number;
let told: NotifyEvent[];
const bell = createNoticeBell();

beforeEach(async () => {
  receiver = await startReceiver();
  now = Date.parse('2025-06-02T08:00:00Z');
  told = [];
  const plain = await openTestGateway();
  const all = [...plain.sites].map(([id, site]) => [id, { ...site, subscriptionHosts: [receiver.host] }] as const);
  gateway = { ...plain, sites: new Map(all), clock: () => now, store: withNoticeBell(plain.store, bell) };
});
afterEach(async () => {
  await gateway.store.close();
  await receiver.close();
});

const notifier = (milliseconds = 5_000) =>
  createNotifier({
    ...{ gateway, publicUrl: PUBLIC, loopbackHttp: true, random: () => 0.5, milliseconds },
    told: (event) => void told.push(event),
  });
const asked = (given: Partial<SubscriptionRequest> = {}): SubscriptionRequest => ({
  ...{ off: false, reason: 'worklist', type: 'ResearchSubject', statuses: null },
  ...{ endpoint: receiver.url, payload: true, secret: KEY },
  ...given,
});
let made = 0;
const parts = () => ({
  gateway,
  newId: () => `subscription-${++made}`,
  random: (size: number) => Buffer.alloc(size, 9),
});

async function begin(given: Partial<SubscriptionRequest> = {}): Promise<string> {
  const subscribed = await subscribe(parts(), BY, asked(given));
  if (typeof subscribed === 'string') throw new Error(subscribed);
  return subscribed.row.id;
}

const rowOf = (id: string) => gateway.store.withTransaction(({ hospital }) => hospital.subscriber(id));

/** A notice as a person's change would leave it. */
const notice = (id: string, version = 1, status = 'eligible') =>
  gateway.store.withTransaction(({ hospital }) =>
    hospital.addNotice({
      ...{ site: 'ya', type: 'ResearchSubject', id, version, status },
      ...{ kind: version === 1 ? 'new-candidate' : 'changed', at: new Date(now).toISOString() },
    }),
  );

/** What a notification says: its kind, and number and focus of each event. */
function read(body: string) {
  const bundle = JSON.parse(body) as r4.Bundle;
  expect(shape.check(bundle as never)).toEqual([]);
  const { parameter } = bundle.entry![0]!.resource as r4.Parameters;
  const only = (name: string) => parameter!.find((one) => one.name === name)!;
  const events = parameter!
    .filter(({ name }) => name === 'notification-event')
    .map(({ part }) => {
      const focus = part!.find(({ name }) => name === 'focus')!.valueReference!.reference!;
      return `${part!.find(({ name }) => name === 'event-number')!.valueString} ${focus.replace(`${BASE}/`, '')}`;
    });
  return {
    type: only('type').valueCode,
    status: only('status').valueCode,
    subscription: only('subscription').valueReference!.reference,
    since: only('events-since-subscription-start').valueString,
    events,
    entries: bundle.entry!.slice(1).map(({ request, resource }) => [request!.method, request!.url, resource]),
  };
}

test('a handshake, then every event under the next number, signed, and naming nobody', async () => {
  // What was there before the Subscription is not told of.
  const before = await take(gateway, ...eligible(9));
  const id = await begin();
  const run = notifier();
  expect(await run.drain()).toBe(1);
  expect(read(receiver.received[0]!.body)).toEqual({
    ...{ type: 'handshake', status: 'requested', subscription: `${BASE}/Subscription/${id}`, since: '0' },
    ...{ events: [], entries: [] },
  });
  expect(await rowOf(id)).toMatchObject({ status: 'active', version: 2 });
  const people = [...eligible(1), ...eligible(2)];
  const subjects = await take(gateway, ...people);
  const [one, two] = ['ya-p-000001', 'ya-p-000002'].map((patient) => subjects.get(patient));
  await run.drain();
  await take(gateway, mergedInto(2, 1));
  await take(gateway, died(1));
  await run.drain();
  expect(receiver.received).toHaveLength(3);
  const { headers, body } = receiver.received[1]!;
  expect(headers['content-type']).toBe('application/fhir+json');
  expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', KEY).update(body).digest('hex')}`);
  expect(read(body)).toMatchObject({
    ...{ type: 'event-notification', status: 'active', since: '2' },
    events: [`1 ResearchSubject/${one}`, `2 ResearchSubject/${two}`],
    entries: [
      ['POST', 'ResearchSubject', undefined],
      ['POST', 'ResearchSubject', undefined],
    ],
  });
  // One entry for each resource, as its last event left it.
  expect(read(receiver.received[2]!.body)).toMatchObject({
    since: '4',
    events: [`3 ResearchSubject/${two}`, `4 ResearchSubject/${one}`],
    entries: [
      ['DELETE', `ResearchSubject/${two}`, undefined],
      ['PUT', `ResearchSubject/${one}`, undefined],
    ],
  });
  const everything = receiver.received.map((each) => JSON.stringify(each)).join();
  expect(everything).not.toContain(before.get('ya-p-000009'));
  expect(await identifiersIn(everything, [...people, mergedInto(2, 1), died(1)])).toBe(0);
  expect(await run.drain()).toBe(0);
  expect(told.map(({ outcome, events, code }) => [outcome, events, code])).toEqual([
    ['delivered', 0, null],
    ['delivered', 2, null],
    ['delivered', 2, null],
  ]);
});

test('what fails comes again later, under the same numbers, together with what came since; nothing is left out', async () => {
  const id = await begin();
  const run = notifier(100);
  await run.drain();
  await notice('s1');
  for (const [answer, code, wait] of [
    [500, 'endpoint-status', 1_500],
    [`${receiver.url}/elsewhere`, 'endpoint-redirect', 3_000],
    ['hang', 'endpoint-timeout', 6_000],
    ['drop', 'endpoint-unreachable', 12_000],
    [404, 'endpoint-status', 24_000],
  ] as const) {
    receiver.answers.push(answer as never);
    expect(await run.drain()).toBe(1);
    expect(told.at(-1)).toMatchObject({ outcome: 'put-off', code, subscription: id });
    // Before its time nothing is sent.
    now += wait - 1;
    expect(await run.drain()).toBe(0);
    now += 1;
  }
  await notice('s2');
  expect(await run.drain()).toBe(1);
  const sent = receiver.received.slice(1).map(({ path, body }) => [path, read(body).events]);
  expect(sent).toEqual([
    ...Array.from({ length: 5 }, () => ['/hook', ['1 ResearchSubject/s1']]),
    ['/hook', ['1 ResearchSubject/s1', '2 ResearchSubject/s2']],
  ]);
  expect(await rowOf(id)).toMatchObject({ status: 'active', events: 2 });
});

test('after too many failures it is in error and says why; replaced, it goes on where it stopped', async () => {
  const id = await begin();
  const run = notifier();
  await run.drain();
  await notice('s1');
  receiver.answers.push(...Array.from({ length: MOST_ATTEMPTS }, () => 503));
  while (told.at(-1)!.outcome !== 'given-up') {
    await run.drain();
    now += 15 * 60_000;
  }
  expect(receiver.received).toHaveLength(1 + MOST_ATTEMPTS);
  const row = await rowOf(id);
  expect(row).toMatchObject({
    ...{ status: 'error', version: 3 },
    error: 'endpoint-status: The endpoint answered with another status than 2xx.',
  });
  await notice('s2');
  expect(await run.drain()).toBe(0);
  await resubscribe(parts(), BY, id, asked({ secret: null }), null);
  await run.drain();
  const [hello, events] = receiver.received.slice(-2).map(({ body }) => read(body));
  expect([hello!.type, hello!.since]).toEqual(['handshake', '0']);
  expect(events!.events).toEqual(['1 ResearchSubject/s1', '2 ResearchSubject/s2']);
  expect(receiver.received.at(-1)!.headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
});

test('only what was asked for: its type and statuses, and what is gone', async () => {
  await begin({ statuses: ['screening'] });
  await begin({ type: 'Task', statuses: null });
  const run = notifier();
  await run.drain();
  await notice('s1');
  await notice('s2', 1, 'screening');
  await notice('s2', 2, 'eligible');
  await gateway.store.withTransaction(({ hospital }) =>
    hospital.addNotice({
      ...{ site: 'ya', type: 'ResearchSubject', id: 's3', version: 3, status: null, kind: 'gone' },
      at: '2025-06-02T08:00:00.000Z',
    }),
  );
  await run.drain();
  expect(receiver.received.map(({ body }) => read(body).events)).toEqual([
    [],
    [],
    ['1 ResearchSubject/s2', '2 ResearchSubject/s3'],
  ]);
});

test('without payload the call alone is the notice, signed too; off is silent', async () => {
  const id = await begin({ payload: false });
  const run = notifier();
  await run.drain();
  await notice('s1');
  await run.drain();
  const signature = `sha256=${createHmac('sha256', KEY).update('').digest('hex')}`;
  expect(receiver.received.map(({ headers, body }) => [headers['x-hub-signature-256'], body])).toEqual([
    [signature, ''],
    [signature, ''],
  ]);
  await resubscribe(parts(), BY, id, asked({ off: true }), null);
  await notice('s2');
  expect(await run.drain()).toBe(0);
  await unsubscribe(parts(), BY, id, null);
  expect(await run.drain()).toBe(0);
});

test('a long backlog goes out in order, a hundred at a time', async () => {
  await begin();
  const run = notifier();
  await run.drain();
  for (let n = 1; n <= 230; n++) await notice(`s${n % 7}`, n);
  await run.drain();
  const events = receiver.received.slice(1).map(({ body }) => read(body).events);
  expect(events.map((one) => one.length)).toEqual([100, 100, 30]);
  expect(events.flat()).toEqual(Array.from({ length: 230 }, (_, n) => `${n + 1} ResearchSubject/s${(n + 1) % 7}`));
});

test('one that does not answer keeps nobody else waiting', async () => {
  const slow = await startReceiver();
  const all = [...gateway.sites].map(([id, site]) => [id, { ...site, subscriptionHosts: [receiver.host, slow.host] }]);
  gateway = { ...gateway, sites: new Map(all as never) };
  slow.answers.push('hang');
  await begin({ endpoint: slow.url });
  const id = await begin();
  const drained = notifier(600_000).drain();
  while ((await rowOf(id))!.status !== 'active') await new Promise((resolve) => setImmediate(resolve));
  await notice('s1');
  await notifier().drain();
  expect(receiver.received.map(({ body }) => read(body).type)).toEqual(['handshake', 'event-notification']);
  await slow.close();
  expect(await drained).toBeGreaterThanOrEqual(2);
});

test('what somebody who died had claimed is sent again, under the same number', async () => {
  const id = await begin();
  await notifier().drain();
  await notice('s1');
  const claim = await gateway.store.withTransaction(({ hospital }) => hospital.claimSubscriber('2999'));
  expect(claim).toMatchObject({ id });
  const run = notifier();
  expect(await run.drain()).toBe(0);
  expect(await run.recover()).toBe(1);
  expect(await run.drain()).toBe(1);
  expect(read(receiver.received.at(-1)!.body).events).toEqual(['1 ResearchSubject/s1']);
});

test('a host that is on the list no more ends it at once, without a call', async () => {
  const id = await begin();
  await notifier().drain();
  await notice('s1');
  gateway = {
    ...gateway,
    sites: new Map([...gateway.sites].map(([site, one]) => [site, { ...one, subscriptionHosts: [] }])),
  };
  await notifier().drain();
  expect(receiver.received).toHaveLength(1);
  expect(await rowOf(id)).toMatchObject({ status: 'error', error: expect.stringMatching(/^endpoint-host: /) });
});

test('a Subscription that was replaced meanwhile is not settled by the earlier delivery', async () => {
  const id = await begin();
  await notifier().drain();
  await notice('s1');
  receiver.answers.push('hang');
  const drained = notifier(600_000).drain();
  while (receiver.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const run = notifier();
  await resubscribe(parts(), BY, id, asked(), null);
  await run.drain();
  await receiver.close();
  await drained;
  expect(await rowOf(id)).toMatchObject({ status: 'active', events: 1 });
  receiver = await startReceiver();
});

test('nothing identifying is told of a fault of ours, and the delivery is put off', async () => {
  const id = await begin();
  const row = (await rowOf(id))!;
  await gateway.store.withTransaction(({ hospital }) => hospital.putSubscriber({ ...row, secret: 'v1.broken' }));
  await notifier().drain();
  expect(told).toMatchObject([{ outcome: 'put-off', code: 'internal', site: 'ya', subscription: id }]);
  expect(receiver.received).toHaveLength(0);
});

test('an endpoint that is not there is unreachable', async () => {
  const gone = await startReceiver();
  await gone.close();
  expect(await deliver(gone.url, '{}', Buffer.from(KEY), 5_000)).toBe('endpoint-unreachable');
});

describe('the loop', () => {
  test('sends as soon as the bell rings, and stops when told', async () => {
    await begin();
    const stop = startNotifyLoop(notifier(), { bell, failed: (error) => fail(error) });
    while (receiver.received.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await notice('s1');
    while (receiver.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await stop();
    await notice('s2');
    expect(receiver.received).toHaveLength(2);
  });

  test('goes on after an outage, and claims again what was left', async () => {
    const calls: string[] = [];
    const failed: unknown[] = [];
    const outage = new Error('outage');
    let rounds = 0;
    const naps: number[] = [];
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      stop = startNotifyLoop(
        {
          recover: async () => void calls.push('recover') as unknown as number,
          async drain() {
            calls.push('drain');
            if (++rounds === 1) throw outage;
            if (rounds === 3) resolve();
            return 0;
          },
          stop: async () => {},
        },
        {
          ...{ bell, failed: (error) => failed.push(error) },
          sleep: async (milliseconds) => void naps.push(milliseconds),
        },
      );
    });
    await stop();
    expect(calls.slice(0, 5)).toEqual(['recover', 'drain', 'recover', 'drain', 'drain']);
    expect([failed, naps[0]]).toEqual([[outage], 5_000]);
  });
});
