import { join } from 'node:path';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { decideAll } from '../../src/pipeline/decide.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { SignedDecision } from '../../src/pipeline/prepare.ts';
import { screenAll } from '../../src/pipeline/screen.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import { emptyTally } from '../../src/pipeline/tally.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { tell } from '../feed/people.ts';
import { pointToPatient } from '../feed/references.ts';
import { SITE_IDS } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { fileOf, type Parcel, parcelsOf, stale } from './delivery.ts';
import { folder, NOW, openTestGateway, runOver } from './gateway.ts';
import { hearing } from './heard.ts';
import { pendingOf, push } from './push.ts';

/** What happens at the same moment: units of parcels are sent, or pending people screened. */
type Happening = { unit: Parcel[] } | { screen: number };

/** Any delivery of parcels, some of them twice, in units and moments of any size, with screenings between. */
const happeningsOf = (parcels: readonly Parcel[]): fc.Arbitrary<Happening[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...parcels, ...parcels]),
      fc.array(
        fc.record({ length: fc.integer({ min: 1, max: 6 }), screen: fc.option(fc.integer({ min: 1, max: 9 })) }),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
    )
    .map(([sent, cuts, widths]) => {
      const happenings: Happening[] = [];
      for (let at = 0, cut = 0; at < sent.length; cut++) {
        const { length, screen } = cuts[cut % cuts.length]!;
        happenings.push({ unit: sent.slice(at, at + length) });
        if (screen !== null) happenings.push({ screen });
        at += length;
      }
      const moments: Happening[][] = [];
      for (let at = 0, turn = 0; at < happenings.length; turn++) {
        const width = widths[turn % widths.length]!;
        moments.push(happenings.slice(at, at + width));
        at += width;
      }
      return moments;
    });

/** Carries out what happens and screens whoever is left. */
async function live(gateway: Gateway, moments: readonly Happening[][]): Promise<SignedDecision[]> {
  const decisions: SignedDecision[] = [];
  for (const moment of moments) {
    await Promise.all(
      moment.map(async (one) => {
        if ('unit' in one) decisions.push(...(await push(gateway, one.unit)).decisions);
        else await screenPending(gateway, NOW, one.screen);
      }),
    );
  }
  while ((await screenPending(gateway, NOW, 7)).taken === 7);
  expect(await pendingOf(gateway)).toEqual([]);
  return decisions;
}

/** Everything that screening writes. */
const written = (gateway: Gateway) =>
  gateway.store.withTransaction(async (tx) => {
    const subjects = await tx.study.subjects();
    const moves = await Promise.all(subjects.map(({ id }) => tx.hospital.moves(id)));
    return { subjects, moves, enrolments: await tx.hospital.enrolments(), audit: await tx.audit() };
  });

/** Subjects by Patient, without times and numbers of versions. */
async function subjectsOf(gateway: Gateway): Promise<Map<string, Record<string, unknown>>> {
  const { subjects, enrolments } = await written(gateway);
  const patients = new Map(enrolments.map(({ subject, patient }) => [subject, `Patient/${patient}`]));
  return new Map(
    subjects.map(({ id, body }) => {
      const { meta: _, ...content } = JSON.parse(body);
      return [patients.get(id)!, content];
    }),
  );
}

const decide = (gateway: Gateway, decisions: readonly SignedDecision[]) =>
  decideAll(gateway, decisions, emptyTally(), () => {});

test('units and screenings of pending people, in any order and at once, end in the subjects of one screening of all', async () => {
  const told = fc
    .uniqueArray(fc.nat(STORIES.length - 1), { minLength: 2, maxLength: 4 })
    .map((picked) =>
      picked.map((at, number) =>
        tell(STORIES[at]!, STORIES[at]!.site ?? SITE_IDS[number % SITE_IDS.length]!, number + 1, 'pending'),
      ),
    );
  const cases = told.chain((people) => {
    const parcels = people.flatMap(parcelsOf);
    const older = parcels.flatMap((one) => ('resource' in one ? [{ resource: stale(one.resource) }] : []));
    return fc.record({ people: fc.constant(people), moments: happeningsOf([...parcels, ...older]) });
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ people, moments }) => {
      const parcels = people.flatMap(parcelsOf);
      const [pushed, filed] = [await openTestGateway(), await openTestGateway()];
      // What the shuffling left out comes last.
      const decisions = await live(pushed, [...moments, [{ unit: parcels }]]);
      const before = await written(pushed);
      await screenAll(pushed, NOW);
      expect(await written(pushed)).toEqual(before);
      await decide(pushed, decisions);
      await screenAll(pushed, NOW);
      await runOver(filed, { feed: fileOf(parcels, true) });
      const [wanted, found] = [await subjectsOf(filed), await subjectsOf(pushed)];
      for (const [patient, subject] of found) {
        const merged = people.some(({ person }) => person.patient === patient && person.aliases.length > 0);
        // Which pseudonym somebody keeps after a merge depends, rightly, on which record was known first.
        for (const one of merged ? [subject, wanted.get(patient)!] : []) {
          for (const name of ['id', 'individual']) delete one[name];
        }
        if (wanted.has(patient)) continue;
        // History decides about somebody whose evidence vanished after there was a subject; about nobody else.
        expect(JSON.stringify(subject)).toContain('evidence-retracted');
        found.delete(patient);
      }
      expect(found).toEqual(wanted);
      await Promise.all([pushed.store.close(), filed.store.close()]);
    }),
    { numRuns: 6, seed: 20_250_601 },
  );
}, 120_000);

/** Two people, and everything that can newly entangle or part them. */
function entangled(): { base: FhirResource[]; turns: [FhirResource, object][] } {
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const relative = b.relatedPerson(a);
  const [patientA, ...ofA] = eligiblePerson(a);
  const [patientC, ...ofC] = eligiblePerson(c, {
    patient: { birthDate: '2012-08-09' },
    consents: [b.consent(c, { on: '2025-05-15', performer: relative })],
  });
  const { system, value } = b.mrn(c);
  const awaited = pointToPatient(c, ofC, { reference: `Patient?identifier=${system}|${value}` });
  const cancer = b.condition(a, { code: b.concept(b.icd10('C22.0')) });
  return {
    base: [patientA!, patientC!, ...ofA, ...awaited],
    turns: [
      [patientA!, {}],
      [patientA!, { link: [b.replacedBy(c)] }],
      [patientA!, { identifier: [b.mrn(a), b.mrn(c)] }],
      [patientA!, { link: [{ other: { identifier: { system, value } }, type: 'replaced-by' }] }],
      [patientC!, {}],
      [patientC!, { identifier: undefined }],
      [patientC!, { link: [b.replacedBy(a)] }],
      [relative, {}],
      [relative, { patient: { reference: `Patient/${c.patientId}` } }],
      [cancer, {}],
      [cancer, { subject: { reference: `Patient/${c.patientId}` } }],
    ],
  };
}

test('whoever a change concerns is screened: afterwards a screening of all finds nothing to write', async () => {
  const { base, turns } = entangled();
  const happened = fc.array(fc.tuple(fc.constantFrom(...turns), fc.boolean()), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(happened, async (given) => {
      const gateway = await openTestGateway();
      const moments = given.flatMap(([[resource, turned], screen], at): Happening[][] => {
        const meta = { ...resource.meta!, versionId: `${at + 2}`, lastUpdated: `2025-05-29T1${at}:00:00.000+08:00` };
        const unit = [{ resource: { ...resource, ...turned, meta } }];
        return screen ? [[{ unit }], [{ screen: 100 }]] : [[{ unit }]];
      });
      await live(gateway, [[{ unit: base.map((resource) => ({ resource })) }], [{ screen: 100 }], ...moments]);
      const before = await written(gateway);
      await screenAll(gateway, NOW);
      expect(await written(gateway)).toEqual(before);
      await gateway.store.close();
    }),
    { numRuns: 60, seed: 20_250_601 },
  );
}, 120_000);

test('somebody whose every resource turned out to be about another is screened without', async () => {
  const gateway = await openTestGateway();
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const [condition, request] = [b.hemangioma(a), b.serviceRequest(a, { on: '2025-06-05' })];
  const moved = [condition, request].map((resource) => ({
    ...resource,
    meta: { ...resource.meta!, versionId: '2', lastUpdated: '2025-05-30T08:00:00+08:00' },
    subject: { reference: `Patient/${c.patientId}` },
  }));
  const statuses = async () => {
    const { found, listening } = hearing();
    await screenPending(gateway, NOW, 100, listening);
    return found.map(({ patient, standing }) => [patient, standing.status, standing.reason]);
  };
  await push(gateway, [{ resource: condition }, { resource: request }]);
  expect(await statuses()).toEqual([[a.patientId, 'screening', 'consent']]);
  await push(
    gateway,
    moved.map((resource) => ({ resource })),
  );
  expect(await statuses()).toEqual([
    [a.patientId, 'ineligible', 'evidence-retracted'],
    [c.patientId, 'screening', 'consent'],
  ]);
  await gateway.store.close();
});

test('what was written before the program ended is screened after it has started again', async () => {
  const file = join(await folder(), 'store.sqlite');
  const gateway = await openTestGateway(file);
  const a = b.feedContext('ya', 1);
  await push(
    gateway,
    eligiblePerson(a).map((resource) => ({ resource })),
  );
  await gateway.store.close();
  const again = { ...gateway, store: await openSqliteStore(file) };
  expect(await pendingOf(again)).toEqual([a.patientId]);
  const { found, listening } = hearing();
  const { taken } = await screenPending(again, NOW, 100, listening);
  expect([taken, found.map(({ patient, standing }) => [patient, standing.status])]).toEqual([
    1,
    [[a.patientId, 'eligible']],
  ]);
  expect((await screenPending(again, NOW, 100)).taken).toBe(0);
  await again.store.close();
});

test('no more are taken than the limit says, and an alias behind which nobody is known is counted and cleared', async () => {
  const gateway = await openTestGateway();
  const people = [1, 2, 3].map((number) => b.feedContext('ya', number));
  const { system, value } = b.mrn(people[0]!);
  const [, ...unresolved] = eligiblePerson(people[0]!);
  const target = { reference: `Patient?identifier=${system}|${value}` };
  for (const resources of [
    pointToPatient(people[0]!, unresolved, target),
    eligiblePerson(people[1]!),
    eligiblePerson(people[2]!),
  ]) {
    await push(
      gateway,
      resources.map((resource) => ({ resource })),
    );
  }
  const first = await screenPending(gateway, NOW, 2);
  expect([first.taken, first.unresolved, first.subjects]).toEqual([2, 1, 1]);
  expect(await pendingOf(gateway)).toEqual([people[2]!.patientId]);
  const second = await screenPending(gateway, NOW, 2);
  expect([second.taken, second.unresolved, second.subjects]).toEqual([1, 0, 1]);
  await gateway.store.close();
});

test('a screening of all clears who was pending when it began, and nobody else', async () => {
  const gateway = await openTestGateway();
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  for (const ctx of [a, c])
    await push(
      gateway,
      eligiblePerson(ctx).map((resource) => ({ resource })),
    );
  const during: Promise<unknown>[] = [];
  await screenAll(gateway, NOW, {
    person: () => {
      if (during.length > 0) return;
      const resource = b.patient(c, { versionId: '2', lastUpdated: '2025-05-30T08:00:00+08:00' });
      during.push(new Promise((resolve) => setImmediate(() => resolve(push(gateway, [{ resource }])))));
    },
  });
  await Promise.all(during);
  expect(await pendingOf(gateway)).toEqual([c.patientId]);
  await screenAll(gateway, NOW);
  expect(await pendingOf(gateway)).toEqual([]);
  await gateway.store.close();
});
