import { identifiersOf } from '../../src/identity/identifiers-of.ts';
import { scanForIdentifiers } from '../../src/identity/scanner.ts';
import { type FhirServer, openFhirServer } from './server.ts';
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

const NOTHING = { missing: 0, different: 0, surplus: 0, double: 0, waiting: 0, failed: 0 };
const there = async (type: string) => (await server.all()).filter(({ resourceType }) => resourceType === type);

test('what was changed, lost, doubled or brought back at the target is found and mended', async () => {
  await world.take(person(1));
  await world.settle();
  expect(await world.verify()).toEqual({ equal: 17, ...NOTHING });
  const [condition] = await there('Condition');
  const [patient] = await there('Patient');
  const [subject] = await there('ResearchSubject');
  const [consent] = await there('Consent');
  await server.repository.updateResource({ ...condition, recordedDate: '2020-01-01' } as never);
  await server.repository.deleteResource('Patient', patient!.id!);
  await server.repository.updateResource({ ...subject, individual: { reference: 'Patient/another' } } as never);
  const { id: _, ...double } = consent!;
  await server.repository.createResource(double as never);
  expect(await world.verify()).toEqual({ equal: 14, ...NOTHING, missing: 1, different: 2, double: 1 });
  await world.settle();
  expect(await theirs(server)).toEqual(await world.ours());
  expect(await world.verify()).toEqual({ equal: 17, ...NOTHING });
});

test('what was taken back and is there again is taken back again; what others put there stays', async () => {
  await world.take(person(1));
  await world.settle();
  const [patient] = await there('Patient');
  await world.decides('withdraw', 'Patient/ya-p-000001');
  await world.settle();
  await server.repository.createResource({ ...patient, id: undefined } as never);
  await server.repository.createResource({ resourceType: 'Patient', gender: 'male' } as never);
  const foreign = [{ system: 'https://study-gateway.example/sid/resource', value: 'of-another-gateway' }];
  await server.repository.createResource({ resourceType: 'Patient', identifier: foreign } as never);
  expect(await world.verify()).toEqual({ equal: 16, ...NOTHING, surplus: 1 });
  await world.settle();
  expect(await there('Patient')).toHaveLength(2);
  expect(await world.verify()).toEqual({ equal: 17, ...NOTHING });
});

test('a target that cannot be asked gives a refusal', async () => {
  await world.take(person(1));
  await world.settle();
  server.token = 'a token';
  expect(await world.verify()).toMatchObject({ kind: 'delivery-refused', code: 'answer-401', lasts: 'permanent' });
});

test('nothing that a target got, was asked, or the events tell says who anybody is', async () => {
  const people = [...person(1), ...person(2), ...person(1, 'nf')];
  await world.take(people);
  await world.settle();
  await world.decides('enrol', 'Patient/ya-p-000001', { attests: ['E3', 'E4'] });
  await world.decides('withdraw', 'Patient/ya-p-000002');
  await world.settle();
  await world.verify();
  const identifiers = people.flatMap((resource) => [...identifiersOf(resource)]);
  const scan = async (content: string) => {
    const hits: unknown[] = [];
    for await (const hit of scanForIdentifiers([{ name: 'target', content: [Buffer.from(content)] }], identifiers))
      hits.push(hit);
    return hits;
  };
  const got = JSON.stringify([server.received, server.asked, server.headers, await server.all(), world.events]);
  expect(await scan(JSON.stringify(people))).not.toEqual([]);
  expect(server.received.length).toBeGreaterThan(10);
  expect(await scan(got)).toEqual([]);
});
