import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { ScreenedSubject } from '../../src/pipeline/screen.ts';
import { unreadCounts } from '../../src/pipeline/unread.ts';
import { coagulation, hepatitisB, openRequest } from '../feed/baseline.ts';
import { concept, condition, feedContext, icd10, noise, patient } from '../feed/builders.ts';
import { generateFeed } from '../feed/generate.ts';
import { tell } from '../feed/people.ts';
import { SITE_IDS, type SiteId } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { type Parcel, parcelsOf, stale } from './delivery.ts';
import { HOME, openTestGateway } from './gateway.ts';
import { type Around, around, quirky } from './quirks.ts';
import { ELSEWHERE, type Files, type Outcome, runOn, shown, type Way } from './scanned.ts';

/** Somebody in whose data there is nothing of the study, as nearly everybody is. */
function bystander(number: number, site: SiteId = 'ya'): Parcel[] {
  const ctx = feedContext(site, 500 + number, 'bystander');
  const all = [patient(ctx), condition(ctx, { code: concept(icd10(ELSEWHERE)) }), ...coagulation(ctx), ...noise(ctx)];
  return all.map((resource) => ({ resource }));
}

/** What speaks of the person names them by an identifier; what does not, by id. */
function byIdentifier(parcels: readonly Parcel[]): Parcel[] {
  const resources = parcels.flatMap((parcel) => ('resource' in parcel ? [parcel.resource] : []));
  const [identifier] = (resources.find(isPatient)?.identifier ?? []) as object[];
  if (!identifier) return [...parcels];
  return parcels.map((parcel) => {
    if (!('resource' in parcel) || !SPEAKING.has(parcel.resource.resourceType)) return parcel;
    const element = parcel.resource.resourceType === 'Consent' ? 'patient' : 'subject';
    return { resource: { ...parcel.resource, [element]: { identifier } } };
  });
}

/** Whether somebody is among the subjects. */
const isIn = (found: readonly ScreenedSubject[]) => (site: string, patient: string) =>
  found.some((one) => one.site === site && one.patient === patient);

const isPatient = ({ resourceType }: FhirResource) => resourceType === 'Patient';
const SPEAKING = new Set(['Condition', 'Observation', 'DiagnosticReport', 'Consent']);

/** A later version without anything of the study: it takes evidence back. */
function emptied(resource: FhirResource): FhirResource {
  const meta = { ...resource.meta, versionId: '7', lastUpdated: '2025-05-30T01:00:00.000+08:00' };
  const code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: ELSEWHERE }] };
  return { ...resource, meta, ...(resource.code ? { code } : {}) };
}

/** A later version that is about somebody else. */
function moved(resource: FhirResource, to: string): FhirResource {
  const meta = { ...resource.meta, versionId: '8', lastUpdated: '2025-05-30T02:00:00.000+08:00' };
  return { ...resource, meta, subject: { reference: to } };
}

const TURNED = new Set(['Condition', 'Observation', 'Procedure', 'DiagnosticReport']);

/** Parcels of some people in one order, with stale versions, corrections, moved resources and repetitions. */
const parcels = fc
  .record({
    stories: fc.uniqueArray(fc.record({ at: fc.nat(STORIES.length - 1), aliased: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ at }) => at,
    }),
    others: fc.array(fc.record({ known: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    versions: fc.array(
      fc.record({ at: fc.nat(), how: fc.constantFrom('stale', 'emptied', 'moved', 'moved', 'again') }),
      {
        maxLength: 12,
      },
    ),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ stories, others, versions, order }) => {
    const told = stories.map(({ at }, number) =>
      tell(STORIES[at]!, STORIES[at]!.site ?? SITE_IDS[number % SITE_IDS.length]!, number + 1, 'scan'),
    );
    const theirs = told.flatMap((one, at) => (stories[at]!.aliased ? byIdentifier(parcelsOf(one)) : parcelsOf(one)));
    const bystanders = others.map((_, number) => bystander(number + 1, told[number % told.length]!.person.site));
    const all = [...theirs, ...bystanders.flat()];
    for (const { at, how } of versions) {
      const parcel = all[at % all.length]!;
      if (!('resource' in parcel)) continue;
      const { resource } = parcel;
      const other = bystanders.map((one) => (one[0] as { resource: FhirResource }).resource);
      const to = other.find(({ meta }) => meta?.source === resource.meta?.source) ?? other[0]!;
      if (how === 'again') all.push(parcel);
      else if (how === 'stale') all.push({ resource: stale(resource) });
      else if (TURNED.has(resource.resourceType)) {
        all.push({ resource: how === 'emptied' ? emptied(resource) : moved(resource, `Patient/${to.id}`) });
      }
    }
    // Of some nothing says that they are anybody.
    const nameless = new Set(bystanders.flatMap((one, at) => (others[at]!.known ? [] : [one[0]])));
    const sent = all.filter((parcel) => !nameless.has(parcel));
    return sent.map((parcel) => ({ parcel, key: order.next().value! })).sort((a, b) => a.key - b.key);
  })
  .map((keyed) => keyed.map(({ parcel }) => parcel));

const feed: fc.Arbitrary<Files> = fc
  .record({
    all: parcels,
    cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
    how: fc.array(around, { minLength: 4, maxLength: 4 }),
  })
  .map(({ all, cuts, how }) => filesOf(all, cuts, how));

function filesOf(all: readonly Parcel[], cuts: readonly number[], how: readonly Around[]): Files {
  const files: Record<string, Uint8Array> = {};
  let at = 0;
  for (const [number, length] of [...cuts, all.length].entries()) {
    const some = all.slice(at, at + length);
    at += length;
    if (some.length > 0) files[`${number}-file`] = quirky(some, how[number % how.length]!);
  }
  return files;
}

async function outcomeOf(files: Files, way: Way): Promise<Outcome> {
  const gateway = await openTestGateway();
  try {
    return await runOn(gateway, files, way);
  } finally {
    await gateway.store.close();
  }
}

const PLAIN: Around = {
  crlf: false,
  mark: false,
  blank: false,
  open: false,
  gzip: false,
  bundled: false,
  style: 'plain',
  cut: 0,
};

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
