import { type Fault, type FhirServer, openFhirServer } from './server.ts';
import { openWorld, person, targetAt, theirs, type World } from './world.ts';

let server: FhirServer;
let world: World;
beforeEach(async () => {
  server = await openFhirServer();
  world = await openWorld([targetAt(server)]);
});
afterEach(async () => {
  await world.close();
  await server.close();
});

/** Both sides have the same, and everything is settled. */
async function expectEqual(): Promise<void> {
  expect(await theirs(server)).toEqual(await world.ours());
  const { equal, ...rest } = (await world.verify()) as unknown as Record<string, number>;
  expect(equal).toBeGreaterThan(0);
  expect(rest).toEqual({ missing: 0, different: 0, surplus: 0, double: 0, waiting: 0, failed: 0 });
}

const bundles = () =>
  server.received.filter((text) => text.startsWith('{"resourceType":"Bundle"')).map((text) => JSON.parse(text));

test('a consenting person arrives whole, once, with references of the target; the same again sends nothing', async () => {
  await world.take(person(1));
  await world.settle();
  await expectEqual();
  const types = Object.keys(await theirs(server)).map((name) => name.split('/')[0]);
  expect(new Set(types)).toEqual(
    new Set(['Patient', 'Consent', 'ResearchSubject', 'Condition', 'Observation', 'Provenance']),
  );
  expect(bundles().map(({ type, entry }) => `${type} ${entry.length}`)).toEqual([
    'transaction 8',
    'transaction 8',
    'transaction 1',
  ]);
  const subject = (await server.all()).find(({ resourceType }) => resourceType === 'ResearchSubject')!;
  const patient = (await server.all()).find(({ resourceType }) => resourceType === 'Patient')!;
  expect(subject.individual).toEqual({ reference: `Patient/${patient.id}` });
  const before = server.asked.length;
  for (const { id } of await world.subjects())
    await world.gateway.store.withTransaction(async ({ study }) => {
      for (const row of await study.deliveriesOf('registry', id))
        await study.noteDelivery({ ...row, at: row.notBefore });
    });
  await world.settle();
  expect(server.asked.slice(before)).toEqual([]);
});

const faults: [string, Fault, string][] = [
  ['503', { kind: 'status', status: 503 }, 'answer-5xx'],
  ['503 with Retry-After', { kind: 'status', status: 503, headers: { 'retry-after': '120' } }, 'answer-5xx'],
  ['429', { kind: 'status', status: 429, headers: { 'retry-after': '7' } }, 'answer-429'],
  ['a reset before anything was done', { kind: 'reset' }, 'cut-off'],
  ['done, then a reset', { kind: 'done-then-reset' }, 'cut-off'],
  ['done, then an answer that breaks off', { kind: 'done-then-cut' }, 'cut-off'],
  ['half done, then a failure', { kind: 'half', entries: 3 }, 'answer-5xx'],
  ['200 without FHIR', { kind: 'status', status: 200, body: '<html>' }, 'answer-not-fhir'],
];
for (const at of [0, 1, 2]) {
  // The last transaction has one entry: it cannot be half done.
  test.each(faults.filter(([, { kind }]) => at < 2 || kind !== 'half'))(
    `transaction ${at}: %s – put off, then both sides are equal`,
    async (_, fault, code) => {
      await world.take(person(1));
      server.faults.push(...Array(at).fill(null), fault);
      await world.deliverer.drain();
      expect(world.events).toMatchObject([{ target: 'registry', outcome: 'put-off', code, sent: at * 8 }]);
      await world.settle();
      expect(world.events.at(-1)).toMatchObject({ outcome: 'done', code: null });
      await expectEqual();
    },
  );
}

test('done, but no answer in time: sent again, and nothing is there twice', async () => {
  await world.close();
  world = await openWorld([targetAt(server, { timeoutMilliseconds: 1_000 })]);
  await world.take(person(1));
  server.faults.push({ kind: 'done-then-silence' });
  await world.settle();
  expect(world.events.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['put-off', 'timed-out'],
    ['done', null],
  ]);
  await expectEqual();
});

test('carried out long after it was given up, behind a withdrawal: taken back within the hour', async () => {
  await world.close();
  world = await openWorld([targetAt(server, { timeoutMilliseconds: 1_000 })]);
  await world.take(person(1));
  const late = Promise.withResolvers<void>();
  server.before = () => late.promise;
  await world.deliverer.drain();
  expect(world.events).toMatchObject([{ outcome: 'put-off', code: 'timed-out' }]);
  server.before = async () => {};
  await world.decides('withdraw', 'Patient/ya-p-000001');
  await world.settle();
  expect(await theirs(server)).toEqual({});
  late.resolve();
  await server.quiet();
  expect(await server.all()).toHaveLength(8);
  world.time.now += 60 * 60_000;
  await world.settle();
  expect(await theirs(server)).toEqual({});
});

test('412 for a whole transaction: its entries go one by one', async () => {
  await world.take(person(1));
  server.faults.push({ kind: 'status', status: 412 });
  await world.settle();
  expect(bundles().map(({ entry }) => entry.length)).toEqual([8, 1, 1, 1, 1, 1, 1, 1, 1, 8, 1]);
  await expectEqual();
});

test('a resource that is there twice (412) is made one again, the one we know', async () => {
  await world.take(person(1));
  await world.settle();
  const patient = (await server.all()).find(({ resourceType }) => resourceType === 'Patient')!;
  const { id: _, ...double } = patient;
  await server.repository.createResource(double as never);
  const row = (await world.rows('done')).find(({ type }) => type === 'Patient')!;
  await world.gateway.store.withTransaction(({ study }) => study.resendDelivery(row, row.notBefore));
  await world.settle();
  expect((await server.all()).filter(({ resourceType }) => resourceType === 'Patient').map(({ id }) => id)).toEqual([
    patient.id,
  ]);
  await expectEqual();
});

test('what is refused for good fails alone; what names it is sent, and linked once it is there', async () => {
  server.refuses = ({ resourceType }) => (resourceType === 'Patient' ? 422 : null);
  await world.take(person(1));
  await world.settle();
  expect(await world.rows('failed')).toMatchObject([{ type: 'Patient', code: 'refused', attempts: 1 }]);
  expect(world.events).toMatchObject([{ outcome: 'failed', code: 'refused', sent: 16 }]);
  const condition = (await server.all()).find(({ resourceType }) => resourceType === 'Condition')!;
  const row = (await world.rows('failed'))[0]!;
  expect(condition.subject).toEqual({
    type: 'Patient',
    identifier: { system: 'https://study-gateway.example/sid/resource', value: row.id },
  });
  const asked = server.asked.length;
  await world.settle();
  expect(server.asked.length).toBe(asked);
  server.refuses = () => null;
  await world.gateway.store.withTransaction(({ study }) =>
    study.retryDeliveries('registry', '2025-06-03T00:00:00.000Z'),
  );
  await world.settle();
  await expectEqual();
});

test('a newer version of what had failed is tried by itself', async () => {
  server.refuses = ({ resourceType }) => (resourceType === 'ResearchSubject' ? 400 : null);
  await world.take(person(1));
  await world.settle();
  expect(await world.rows('failed')).toMatchObject([{ type: 'ResearchSubject', code: 'refused' }]);
  server.refuses = () => null;
  expect((await world.decides('enrol', 'Patient/ya-p-000001', { attests: ['E3', 'E4'] })).ok).toBe(true);
  await world.settle();
  expect(await world.rows('failed')).toEqual([]);
  await expectEqual();
});

test('the program ends between sending and writing down: the next one sends again, and nothing is there twice', async () => {
  await world.take(person(1));
  const [claimed] = [
    await world.gateway.store.withTransaction(({ study }) =>
      study.claimDeliveries('registry', 'of the dead', '2025-06-03T00:00:00.000Z', '2025-06-03T00:30:00.000Z'),
    ),
  ];
  expect(claimed).toHaveLength(17);
  // What the dead one sent arrived.
  const other = await openWorld([targetAt(server)]);
  await other.take(person(1));
  await other.settle();
  await other.close();
  expect(Object.keys(await theirs(server))).toHaveLength(17);
  expect(await world.deliverer.drain()).toBe(0);
  const next = world.newDeliverer();
  expect(await next.recover()).toBe(17);
  await next.drain();
  await next.stop();
  await expectEqual();
});

describe('a server that takes a transaction as a batch', () => {
  beforeEach(async () => {
    await world.close();
    await server.close();
    server = await openFhirServer({ batchLike: true });
    world = await openWorld([targetAt(server)]);
  });

  test('what it takes is settled, what it refuses fails alone, and what named that is mended later', async () => {
    server.refuses = ({ resourceType }) => (resourceType === 'Patient' ? 400 : null);
    await world.take(person(1));
    await world.settle();
    expect(await world.rows('failed')).toMatchObject([{ type: 'Patient', code: 'refused' }]);
    expect((await server.all()).length).toBe(16);
    server.refuses = () => null;
    await world.gateway.store.withTransaction(({ study }) =>
      study.retryDeliveries('registry', '2025-06-03T00:00:00.000Z'),
    );
    await world.settle();
    await expectEqual();
  });
});

test('a target that is down is left alone: after five people the others are not tried', async () => {
  await world.close();
  world = await openWorld([targetAt(server, { parallel: 1 })]);
  await world.take(Array.from({ length: 8 }, (_, index) => person(index + 1)).flat());
  server.faults.push(...Array(20).fill({ kind: 'status', status: 503 }));
  await world.deliverer.drain();
  expect(server.asked).toHaveLength(5);
  await world.deliverer.drain();
  expect(server.asked).toHaveLength(5);
  // Half of 2 s, and half of the other half: by chance 0.5.
  world.time.now += 1_500;
  await world.deliverer.drain();
  expect(server.asked).toHaveLength(6);
  server.faults.length = 0;
  await world.settle();
  await expectEqual();
});

test('a token that is not accepted is no fault of a resource: everything waits', async () => {
  await world.take(person(1));
  server.token = 'another';
  await world.deliverer.drain();
  expect(world.events).toMatchObject([{ outcome: 'put-off', code: 'answer-401', sent: 0 }]);
  expect(await world.rows('failed')).toEqual([]);
  server.token = null;
  await world.settle();
  await expectEqual();
});

test('two targets: one that is away holds up nothing of the other', async () => {
  const other = await openFhirServer();
  await world.close();
  world = await openWorld([targetAt(server), targetAt(other, { id: 'other', study: 'ResearchStudy/7' })]);
  await world.take(person(1));
  server.faults.push(...Array(3).fill({ kind: 'reset' }));
  await world.deliverer.drain();
  expect([(await server.all()).length, (await other.all()).length]).toEqual([0, 17]);
  const subject = (await other.all()).find(({ resourceType }) => resourceType === 'ResearchSubject')!;
  expect(subject.study).toEqual({ reference: 'ResearchStudy/7' });
  await world.settle();
  await expectEqual();
  await other.close();
});

test('stopped in the middle: nothing more is claimed or sent, and the next one goes on', async () => {
  await world.take(person(1));
  server.before = async () => void world.deliverer.stop();
  await world.deliverer.drain();
  expect(bundles()).toHaveLength(1);
  expect(await world.rows('claimed')).toEqual([]);
  expect(await world.deliverer.drain()).toBe(0);
  server.before = async () => {};
  world.deliverer = world.newDeliverer();
  await world.settle();
  expect(bundles()).toHaveLength(3);
  await expectEqual();
});

test('a search that lags behind: what it made twice is removed, and nobody goes on making more', async () => {
  await world.take(person(1));
  await world.settle();
  const names = async () => (await server.all()).map(({ resourceType, id }) => `${resourceType}/${id}`).sort();
  const before = await names();
  server.blind = true;
  await world.decides('enrol', 'Patient/ya-p-000001', { attests: ['E3', 'E4'] });
  await world.settle();
  expect(await world.rows('failed')).toMatchObject([{ type: 'ResearchSubject', code: 'conflict', attempts: 5 }]);
  expect(await names()).toEqual(before);
  server.blind = false;
  await world.gateway.store.withTransaction(({ study }) =>
    study.retryDeliveries('registry', '2025-06-03T00:00:00.000Z'),
  );
  await world.settle();
  await expectEqual();
  expect(await names()).toEqual(before);
});
