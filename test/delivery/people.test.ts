import type { Target } from '../../src/delivery/target.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { purge } from '../../src/pipeline/purge.ts';
import { eligiblePerson, validConsent } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { historyBundle } from '../feed/bundles.ts';
import { SITES } from '../feed/sites.ts';
import { newer } from '../journeys/research-side.ts';
import { type FhirServer, openFhirServer } from './server.ts';
import { openWorld, person, targetAt, theirs, type World } from './world.ts';

let server: FhirServer;
let world: World;
beforeEach(async () => {
  server = await openFhirServer();
});
afterEach(async () => {
  await world.close();
  await server.close();
});

const PATIENT = 'Patient/ya-p-000001';
const WITHDRAWN = 'https://study-gateway.example/StructureDefinition/consent-withdrawn';
const open = async (given: Partial<Target> = {}) => {
  world = await openWorld([targetAt(server, given)]);
};
const consentOf = (all: FhirResource[]) => all.find(({ resourceType }) => resourceType === 'Consent')!;
const isMarked = (resource: FhirResource) =>
  ((resource.modifierExtension ?? []) as { url: string; valueBoolean: boolean }[]).some(
    ({ url, valueBoolean }) => url === WITHDRAWN && valueBoolean,
  );
const allSettled = { missing: 0, different: 0, surplus: 0, double: 0, waiting: 0, failed: 0 };

describe('consent', () => {
  test('without one nothing comes to the study side, with one everything, and the ResearchSubject with it', async () => {
    await open();
    await world.take(person(1, 'ya', { consents: [] }));
    await world.settle();
    expect(await world.subjects()).toHaveLength(1);
    expect([server.asked, await world.rows('done')]).toEqual([[], []]);
    await world.take(validConsent(b.feedContext('ya', 1, 'delivery')));
    await world.settle();
    expect(await theirs(server)).toEqual(await world.ours());
    expect(Object.keys(await theirs(server)).some((name) => name.startsWith('ResearchSubject/'))).toBe(true);
  });

  test('withdrawn before anything was sent: nothing is ever sent, and nothing counts as released', async () => {
    await open();
    await world.take(person(1));
    await world.decides('withdraw', PATIENT);
    await world.settle();
    expect(server.asked).toEqual([]);
    const rows = await world.rows('done');
    expect([rows.length, rows.filter(({ releasedAt }) => releasedAt !== null)]).toEqual([17, []]);
  });

  test('withdrawn between two transactions: the rest is not sent, what was is deleted', async () => {
    await open();
    await world.take(person(1));
    let seen = 0;
    server.before = async () => {
      if (++seen === 2) await world.decides('withdraw', PATIENT);
    };
    await world.settle();
    // Two transactions were on their way or done; the third is a deletion already.
    const methods = server.received.map((text) => JSON.parse(text).entry[0].request.method);
    expect(methods.slice(0, 3)).toEqual(['PUT', 'PUT', 'DELETE']);
    expect(await theirs(server)).toEqual({});
    const subject = (await world.subjects())[0]!.id;
    const released = await world.gateway.store.read((tx) => tx.study.releasedOf(subject));
    expect(released.map(({ state, remote }) => `${state} ${remote}`)).toEqual(Array(16).fill('done null'));
  });

  test('withdrawal deletes at the target, the Patient last; a new consent brings all of it again', async () => {
    await open();
    const ctx = b.feedContext('ya', 1, 'delivery');
    const all = eligiblePerson(ctx);
    await world.take(all);
    await world.settle();
    const first = server.received.length;
    await world.take([newer(consentOf(all), '2025-06-01', { status: 'inactive' })]);
    await world.settle();
    expect(await server.all()).toEqual([]);
    const gone = server.received.slice(first).flatMap((text) => JSON.parse(text).entry) as {
      request: { url: string };
    }[];
    expect(gone.map(({ request }) => request.url.split('?')[0]).at(-1)).toBe('Patient');
    await world.take([b.consent(ctx, { on: '2025-06-01T20:00:00+08:00' })]);
    await world.settle();
    expect(await theirs(server)).toEqual(await world.ours());
    expect(Object.keys(await theirs(server)).length).toBeGreaterThan(10);
  });

  test('where it was agreed, withdrawal marks instead; a corrected resource is deleted all the same', async () => {
    await open({ withdrawal: 'mark' });
    const ctx = b.feedContext('ya', 1, 'delivery');
    const all = eligiblePerson(ctx);
    await world.take(all);
    await world.settle();
    const observation = all.find(({ resourceType }) => resourceType === 'Observation')!;
    await world.take([historyBundle(SITES.ya, [], [`Observation/${observation.id}`]) as FhirResource]);
    await world.settle();
    expect(await theirs(server)).toEqual(await world.ours());
    const standing = (await server.all()).length;
    expect(standing).toBe(15);
    await world.take([newer(consentOf(all), '2025-06-01', { status: 'inactive' })]);
    await world.settle();
    const marked = await server.all();
    expect([marked.length, marked.every(isMarked)]).toEqual([standing, true]);
    expect(await world.verify()).toEqual({ equal: 17, ...allSettled });
    await world.take([b.consent(ctx, { on: '2025-06-01T20:00:00+08:00' })]);
    await world.settle();
    expect((await server.all()).filter(isMarked)).toEqual([]);
    expect(await theirs(server)).toEqual(await world.ours());
  });
});

test('corrected, and consent withdrawn, before either was delivered: the corrected one is deleted, the rest marked', async () => {
  await open({ withdrawal: 'mark' });
  const ctx = b.feedContext('ya', 1, 'delivery');
  const all = eligiblePerson(ctx);
  await world.take(all);
  await world.settle();
  const observation = all.find(({ resourceType }) => resourceType === 'Observation')!;
  await world.take([historyBundle(SITES.ya, [], [`Observation/${observation.id}`]) as FhirResource]);
  await world.take([newer(consentOf(all), '2025-06-01', { status: 'inactive' })]);
  await world.settle();
  const left = await server.all();
  expect([left.length, left.every(isMarked)]).toEqual([15, true]);
});

describe('a hospital-side target', () => {
  test('gets every subject of its sites, of nobody else, and ResearchSubjects only', async () => {
    await open({ side: 'hospital', sites: ['ya'], types: ['ResearchSubject'] });
    await world.take([...person(1), ...person(2, 'ya', { consents: [] }), ...person(1, 'nf')]);
    await world.settle();
    const all = await server.all();
    expect(all.map(({ resourceType, status }) => `${resourceType} ${status}`).sort()).toEqual([
      'ResearchSubject eligible',
      'ResearchSubject screening',
    ]);
    expect(all.every(({ individual }) => 'identifier' in (individual as object))).toBe(true);
    expect(await world.subjects()).toHaveLength(3);
  });

  test('somebody who is purged goes there too', async () => {
    await open({ side: 'hospital', sites: ['ya'], types: ['ResearchSubject'] });
    await world.take(person(1, 'ya', { consents: [] }));
    await world.settle();
    expect(await server.all()).toHaveLength(1);
    const later = Date.parse('2027-01-01T00:00:00Z');
    world.time.now = later;
    await purge({ ...world.gateway, clock: () => later }, later);
    expect(await world.subjects()).toEqual([]);
    await world.settle();
    expect(await server.all()).toEqual([]);
  });
});

test('merged records: one ResearchSubject stays at the target', async () => {
  await open();
  await world.take([...person(1), ...person(2)]);
  await world.settle();
  const subjects = async () => (await server.all()).filter(({ resourceType }) => resourceType === 'ResearchSubject');
  expect(await subjects()).toHaveLength(2);
  const two = person(2).find(({ resourceType }) => resourceType === 'Patient')!;
  const link = [{ other: { reference: PATIENT }, type: 'replaced-by' }];
  await world.take([newer(two, '2025-06-01', { active: false, link })]);
  await world.settle();
  expect(await subjects()).toHaveLength(1);
  expect(await theirs(server)).toEqual(await world.ours());
});

test('of one person in order, of several side by side', async () => {
  await open({ parallel: 3 });
  await world.take([1, 2, 3, 4, 5, 6].flatMap((number) => person(number)));
  const underWay = new Set<string>();
  const crossed: string[] = [];
  server.before = async (bundle) => {
    const patients = new Set(JSON.stringify(bundle).match(/"resourceType":"Patient"|Patient\/[\w-]{36}/g));
    const [whose = ''] = [...patients].filter((one) => one.startsWith('Patient/'));
    if (whose && underWay.has(whose)) crossed.push(whose);
    underWay.add(whose);
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay.delete(whose);
  };
  await world.settle();
  expect(crossed).toEqual([]);
  expect(server.together).toBe(3);
  expect(await theirs(server)).toEqual(await world.ours());
});

test('several versions while the target is away: only the newest is sent', async () => {
  await open();
  const all = person(1);
  await world.take(all);
  await world.settle();
  const before = server.received.length;
  const patient = all.find(({ resourceType }) => resourceType === 'Patient')!;
  for (const [day, gender] of [
    ['2025-05-29', 'other'],
    ['2025-05-30', 'unknown'],
    ['2025-05-31', 'other'],
  ] as const)
    await world.take([newer(patient, day, { gender })]);
  await world.settle();
  const sent = server.received.slice(before).flatMap((text) => JSON.parse(text).entry) as { resource: FhirResource }[];
  expect(
    sent.filter(({ resource }) => resource.resourceType === 'Patient').map(({ resource }) => resource.gender),
  ).toEqual(['other']);
});

test('a target that is new gets what was there before; one whose file names less gives back the rest', async () => {
  await open();
  await world.gateway.store.withTransaction(async () => {});
  const { targets, ...without } = world.gateway;
  Object.assign(world.gateway, { targets: [] });
  await world.take(person(1));
  await world.settle();
  expect([server.asked, targets!.length, without.actor]).toEqual([[], 1, 'test']);
  await world.deliverer.recover();
  await world.settle();
  expect(await theirs(server)).toEqual(await world.ours());
  const narrow = await openWorldOver(world, targetAt(server, { types: ['Patient', 'ResearchSubject'] }));
  await narrow.recover();
  await narrow.drain();
  expect((await server.all()).map(({ resourceType }) => resourceType)).toEqual(['Patient', 'ResearchSubject']);
});

/** A deliverer for another reading of the target's file, over the same store. */
async function openWorldOver({ gateway, time }: World, target: Target) {
  const { createDeliverer } = await import('../../src/jobs/deliver-targets.ts');
  const { createTargetClient } = await import('../../src/delivery/client.ts');
  const clock = () => time.now;
  let claims = 0;
  return createDeliverer({
    store: gateway.store,
    targets: [{ target, client: createTargetClient(target, { fetch, clock, tokens: null } as never) }],
    clock,
    random: () => 0.5,
    newId: () => `narrow-${++claims}`,
    told: () => {},
  });
}
