import fc from 'fast-check';
import { clustersAround, clustersAt } from '../../src/pipeline/clusters.ts';
import { clusterOfRow, readPerson } from '../../src/pipeline/person.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { HospitalTables, Store } from '../../src/store/store.ts';

const SITE = 'ya';
let store: Store;
beforeEach(async () => {
  store = await openSqliteStore(':memory:');
});
afterEach(() => store.close());

/** Who holds which identifiers, and which records name which others as the ones that take their place. */
interface World {
  aliases: Record<string, string[]>;
  links: { by: string; from: string; to: string }[];
}

const PATIENTS = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const ALIASES = ['a', 'b', 'c', 'd'];
const end = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PATIENTS) },
  fc.constantFrom(...ALIASES.map((one) => `?${one}`)),
);
const world: fc.Arbitrary<World> = fc.record({
  aliases: fc.dictionary(fc.constantFrom(...PATIENTS), fc.subarray(ALIASES)),
  links: fc.array(fc.record({ by: fc.constantFrom(...PATIENTS), from: end, to: end }), { maxLength: 7 }),
});

async function build(hospital: HospitalTables, { aliases, links }: World): Promise<void> {
  for (const patient of PATIENTS) {
    await hospital.putAliases(SITE, patient, aliases[patient] ?? []);
    const declared = links.filter(({ by }) => by === patient).map(({ from, to }) => ({ from, to }));
    await hospital.putLinks(SITE, patient, declared);
  }
}

test('around a person the merges are those of the whole site, whatever was declared', async () => {
  const merged = new Set<number>();
  await fc.assert(
    fc.asyncProperty(world, async (given) =>
      store.withTransaction(async ({ hospital }) => {
        await build(hospital, given);
        const all = await clustersAt(hospital, SITE);
        for (const person of [...PATIENTS, ...ALIASES.map((one) => `?${one}`)]) {
          const around = await clustersAround(hospital, SITE, person);
          const cluster = await clusterOfRow(hospital, all, SITE, person);
          expect(await clusterOfRow(hospital, around, SITE, person)).toEqual(cluster);
          if (!cluster) continue;
          merged.add(cluster.members.length);
          expect(await readPerson(hospital, around, SITE, cluster)).toEqual(
            await readPerson(hospital, all, SITE, cluster),
          );
        }
      }),
    ),
    { numRuns: 300 },
  );
  expect(Math.max(...merged)).toBeGreaterThan(3);
});

test('an identifier that very many share', async () => {
  await store.withTransaction(async ({ hospital }) => {
    for (let number = 1; number <= 40; number++) await hospital.putAliases(SITE, `p${number}`, ['none']);
    await hospital.putLinks(SITE, 'p39', [{ from: 'p39', to: 'p40' }]);
    for (const person of ['p39', 'p40', '?none']) {
      const around = await clustersAround(hospital, SITE, person);
      expect(await clusterOfRow(hospital, around, SITE, '?none')).toBeNull();
      expect(around.of('p39').members).toEqual(['p39', 'p40']);
    }
  });
});

test('of others nothing is read', async () => {
  await store.withTransaction(async ({ hospital }) => {
    await hospital.putLinks(SITE, 'p1', [{ from: 'p1', to: 'p2' }]);
    await hospital.putLinks(SITE, 'p3', [{ from: 'p3', to: 'p4' }]);
    const links = () => Promise.reject(new Error('all links of the site'));
    const forbidden: HospitalTables = Object.assign(Object.create(hospital) as HospitalTables, { links });
    const around = await clustersAround(forbidden, SITE, 'p2');
    expect([around.of('p1').survivor, around.of('p3').survivor]).toEqual(['p2', 'p3']);
  });
});
