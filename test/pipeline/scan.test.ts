import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { unreadCounts } from '../../src/pipeline/unread.ts';
import { coagulation, hepatitisB, openRequest } from '../feed/baseline.ts';
import { feedContext, patient } from '../feed/builders.ts';
import { generateFeed } from '../feed/generate.ts';
import { HOME, openTestGateway } from './gateway.ts';
import { quirky } from './quirks.ts';
import { bystander, feed, moved, PLAIN } from './scan-feeds.ts';
import { type Files, isIn, type Outcome, runOn, shown, type Way } from './scanned.ts';

async function outcomeOf(files: Files, way: Way): Promise<Outcome> {
  const gateway = await openTestGateway();
  try {
    return await runOn(gateway, files, way);
  } finally {
    await gateway.store.close();
  }
}

test('a scanned feed comes out as one that is read in full, with one thread and with two', async () => {
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(feed, async (files) => {
      const full = await outcomeOf(files, 'full');
      for (const way of [1, 2] as const) {
        const scanned = await outcomeOf(files, way);
        passed += scanned.tally.read - scanned.tally.accepted;
        expect(shown(scanned)).toEqual(shown(full));
      }
    }),
    {
      numRuns: Number(process.env.SCAN_RUNS ?? 12),
      seed: Number(process.env.SCAN_SEED ?? 20_250_601),
    },
  );
  expect(passed).toBeGreaterThan(0);
}, 600_000);

const unreadOf = (gateway: Gateway) =>
  gateway.store.withTransaction(async ({ hospital }) => {
    const rows = await hospital.unreadAfter('', '', 1000);
    return new Map(rows.map(({ site, patient, resources }) => [`${site}|${patient}`, resources.length]));
  });

test('what was passed over of somebody who becomes a subject later is told, until the earlier feed is read again', async () => {
  const ctx = feedContext('ya', 1, 'later');
  const labs = [patient(ctx), ...coagulation(ctx)].map((resource) => ({ resource }));
  const disease = [...hepatitisB(ctx), ...openRequest(ctx)].map((resource) => ({ resource }));
  const [earlier, later] = [{ a: quirky(labs, PLAIN) }, { b: quirky(disease, PLAIN) }];
  const gateway = await openTestGateway();
  const first = await runOn(gateway, earlier, 1);
  expect(Object.fromEntries(first.tally.ignoredBy.get('Observation')!)).toEqual({ 'person-without-evidence': 3 });
  expect(first.tally.accepted).toBe(1);
  expect(await unreadOf(gateway)).toEqual(new Map([['ya|ya-p-000001', 3]]));
  const second = await runOn(gateway, later, 1);
  expect(second.rows.map(({ patient: who }) => who)).toEqual(['Patient/ya-p-000001']);
  expect(await unreadOf(gateway)).toEqual(new Map([['ya|ya-p-000001', 3]]));
  expect(await unreadCounts(gateway, isIn(second.found))).toEqual({ people: 1, subjects: 1 });
  const third = await runOn(gateway, earlier, 1);
  expect(third.tally.changes).toMatchObject({ added: 3, unchanged: 1 });
  expect(await unreadOf(gateway)).toEqual(new Map());
  expect(await unreadCounts(gateway, isIn(third.found))).toEqual({ people: 0, subjects: 0 });
  await gateway.store.close();
});

test('a resource that moves from a candidate to somebody else leaves the candidate', async () => {
  const ctx = feedContext('ya', 1, 'moves');
  const [platelets, ...others] = coagulation(ctx);
  const theirs = [patient(ctx), ...hepatitisB(ctx), ...openRequest(ctx), platelets!, ...others];
  const [other] = bystander(1) as { resource: FhirResource }[];
  const feed = [...theirs, other!.resource, moved(platelets!, `Patient/${other!.resource.id}`)];
  const files = {
    a: quirky(
      feed.map((resource) => ({ resource })),
      PLAIN,
    ),
  };
  const [full, scanned] = [await outcomeOf(files, 'full'), await outcomeOf(files, 1)];
  expect(shown(scanned)).toEqual(shown(full));
  expect(JSON.stringify(scanned.records)).not.toContain(`Observation/${platelets!.id} `);
});

test('names of elements in escapes hide no evidence', async () => {
  const ctx = feedContext('ya', 1, 'escapes');
  const feed = [patient(ctx), ...hepatitisB(ctx), ...openRequest(ctx)].map((resource) => ({ resource }));
  const outcome = await outcomeOf({ a: quirky(feed, { ...PLAIN, style: 'escaped-names' }) }, 1);
  expect(outcome.rows.map(({ patient: who }) => who)).toEqual(['Patient/ya-p-000001']);
});

test('reading in full clears what was passed over, of whomever', async () => {
  const files = { a: quirky(bystander(1), PLAIN) };
  const gateway = await openTestGateway();
  await runOn(gateway, files, 1);
  expect((await unreadOf(gateway)).size).toBe(1);
  await runOn(gateway, files, 'full');
  expect((await unreadOf(gateway)).size).toBe(0);
  await gateway.store.close();
});

test('over several feeds nobody has less than reading in full gives without being told of, and reading again mends it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(feed, { minLength: 2, maxLength: 3 }), async (feeds) => {
      const [full, scanned] = [await openTestGateway(), await openTestGateway()];
      let [wanted, found] = [{} as Outcome['records'], {} as Outcome['records']];
      for (const files of feeds) {
        wanted = (await runOn(full, files, 'full')).records;
        found = (await runOn(scanned, files, 1)).records;
      }
      const unread = await unreadOf(scanned);
      for (const [who, record] of Object.entries(found))
        if (JSON.stringify(record) !== JSON.stringify(wanted[who])) expect([...unread.keys()]).toContain(who);
      for (const files of [...feeds, ...feeds]) found = (await runOn(scanned, files, 1)).records;
      expect(found).toEqual(wanted);
      const left = await unreadOf(scanned);
      expect(Object.keys(found).filter((who) => left.has(who))).toEqual([]);
      await full.store.close();
      await scanned.store.close();
    }),
    { numRuns: 6, endOnFailure: true, seed: Number(process.env.SCAN_SEED ?? 20_250_601) },
  );
}, 600_000);

test('the demo feed comes out the same', async () => {
  const { files } = generateFeed({ seed: 'scan' });
  const bytes = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content as string)]),
  );
  expect(shown(await outcomeOf(bytes, 2))).toEqual(shown(await outcomeOf(bytes, 'full')));
}, 300_000);

// The published data are kept beside the project, not in it.
const DATA = join(HOME, '..', 'shared', 'data');
const published = existsSync(DATA) ? test.each : test.skip.each;

published(['synthea-10', 'synthea-bundles', 'hl7-r4-examples'])(
  'published data come out the same: %s',
  async (name) => {
    const files: Record<string, Uint8Array> = {};
    for (const file of await readdir(join(DATA, name))) files[file] = await readFile(join(DATA, name, file));
    const ofOne = async (way: Way) => {
      const gateway = await openTestGateway();
      const site = gateway.sites.get('nf')!;
      const outcome = await runOn(gateway, files, way, site);
      await gateway.store.close();
      return outcome;
    };
    expect(shown(await ofOne(2))).toEqual(shown(await ofOne('full')));
  },
  300_000,
);
