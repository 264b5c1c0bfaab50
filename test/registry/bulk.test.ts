import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Algorithm } from '../../src/auth/key-set.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { addClient } from '../../src/pipeline/clients.ts';
import { newSigner } from '../auth/signer.ts';
import { type BulkClient, bulkClient } from './bulk-client.ts';
import { ALL_TYPES } from './lens.ts';
import { enrol, ownId, person, put, recordOf, withdraw } from './people.ts';
import { openTestApi, type TestApi } from './service.ts';

const PEOPLE = [1, 2, 3, 4].map((number) => person(number));
let folder: string;
let api: TestApi;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'));
  api = await openTestApi({ folder, fileRows: 3 });
  api.learn([...PEOPLE, person(5)]);
  await enrol(api.store, PEOPLE, api.clock);
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
  expect(api.faults).toEqual([]);
});

async function newClient(alg: Algorithm, id: string): Promise<BulkClient> {
  const signer = await newSigner(alg, 'k1');
  const client = { id, name: 'A registry', kind: 'registry' as const, site: null, registry: api.lens.registry };
  const keys = { jwks: { keys: [signer.jwk] } };
  const added = { ...client, scopes: 'system/*.rs', keys } as Parameters<typeof addClient>[1];
  await addClient({ store: api.store, clock: api.clock, actor: 'test' }, added);
  return bulkClient({ url: api.url, client: id, signer, clock: api.clock });
}

/** Everything that the research API shows, by name. */
async function shown(): Promise<Map<string, FhirResource>> {
  const all = new Map<string, FhirResource>();
  for (const type of ALL_TYPES.filter((one) => one !== 'Group')) {
    const { body } = await api.ask(`/${type}?_count=500`);
    for (const { resource } of body.entry) all.set(`${type}/${resource.id}`, resource);
  }
  return all;
}

const sorted = (map: ReadonlyMap<string, FhirResource>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

test.each<Algorithm>(['RS384', 'ES384'])(
  'a SMART client with a key for %s walks the whole way, and follows what changes',
  async (alg) => {
    const client = await newClient(alg, 'registry-1');
    const first = await client.export('/$export');
    expect(first.request).toBe(`${api.base}/$export`);
    expect(first).toMatchObject({ requiresAccessToken: true, deleted: [], error: [] });
    expect(Date.parse(first.transactionTime)).toBeLessThan(api.clock());
    await client.follow(first);
    expect(client.copy.size).toBe(4 * recordOf(person(1)).length);
    expect(sorted(client.copy)).toEqual(sorted(await shown()));

    const nothing = await client.export('/$export', { _since: first.transactionTime });
    expect(nothing).toMatchObject({ output: [], deleted: [], error: [] });

    const observation = recordOf(person(2)).find((one) => one.resourceType === 'Observation')!;
    await api.store.withTransaction(async (tx) => {
      const at = new Date(api.clock()).toISOString();
      await put(tx, { ...observation, status: 'corrected' }, ownId('subject-2'), at);
      const specimen = recordOf(person(1)).find((one) => one.resourceType === 'Specimen')!;
      await put(tx, specimen, ownId('subject-1'), at, true);
    });
    await withdraw(api.store, 3, api.clock);
    await enrol(api.store, [person(5)], api.clock);
    const second = await client.export('/$export', { _since: first.transactionTime });
    const output = await client.read(second.output);
    const fresh = recordOf(person(5)).map(({ resourceType, id }) => api.lens.registryId(resourceType, id!));
    expect(output.map(({ id }) => id).sort()).toEqual([...fresh, api.id('Observation', 'observation-2')].sort());
    const gone = (await client.read(second.deleted)).flatMap((bundle) =>
      (bundle.entry as { request: { method: string; url: string } }[]).map(({ request }) => request),
    );
    const withdrawn = recordOf(person(3)).map(
      ({ resourceType, id }) => `${resourceType}/${api.lens.registryId(resourceType, id!)}`,
    );
    expect(gone.every(({ method }) => method === 'DELETE')).toBe(true);
    expect(gone.map(({ url }) => url).sort()).toEqual(
      [...withdrawn, `Specimen/${api.id('Specimen', 'specimen-1')}`].sort(),
    );
    await client.follow(second);
    expect(sorted(client.copy)).toEqual(sorted(await shown()));
    const third = await client.export('/$export', { _since: second.transactionTime });
    expect(third).toMatchObject({ output: [], deleted: [] });
  },
);

test('several exports at once, each with what was asked for', async () => {
  const client = await newClient('ES384', 'registry-1');
  const types = ['Patient', 'Condition', 'Observation', 'Specimen', 'Provenance'];
  const manifests = await Promise.all(types.map((type) => client.export('/Patient/$export', { _type: type })));
  for (const [index, manifest] of manifests.entries()) {
    const resources = await client.read(manifest.output);
    expect(new Set(resources.map(({ resourceType }) => resourceType))).toEqual(new Set([types[index]]));
    const all = PEOPLE.flatMap(recordOf).filter(({ resourceType }) => resourceType === types[index]);
    expect(resources).toHaveLength(all.length);
  }
  expect(await readdir(folder)).toHaveLength(types.length);
});
