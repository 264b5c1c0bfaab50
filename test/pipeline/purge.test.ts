import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { readFeed } from '../../src/intake/read.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { type PurgeReport, purge } from '../../src/pipeline/purge.ts';
import { takeIn } from '../../src/pipeline/take-in.ts';
import { emptyTally } from '../../src/pipeline/tally.ts';
import type { DecisionKind } from '../../src/study/decision.ts';
import { eligiblePerson, type Parts } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { historyBundle } from '../feed/bundles.ts';
import { generateFeed } from '../feed/generate.ts';
import { pointToPatient } from '../feed/references.ts';
import { folder, NOW, ndjson, openTestGateway, rowOf, runOver } from './gateway.ts';
import { studyTeam } from './study-team.ts';

/** More than 180 days after everything the builders date. */
const LATER = Date.parse('2026-01-15T12:00:00+08:00');
const NOBODY = { records: 0, aliases: 0, links: 0, unmapped: 0, pseudonyms: 0, enrolments: 0, moves: 0, decisions: 0 };
const NO_ROWS: PurgeReport['rows'] = { ...NOBODY, lineage: 0, held: 0, tasks: 0, quarantined: 0, subjects: 0 };

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const take = (...resources: FhirResource[]) => runOver(gateway, { feed: ndjson(resources) });
const ya = (number: number) => b.feedContext('ya', number);
const person = (number: number, parts: (ctx: b.FeedContext) => Parts = () => ({})) => {
  const ctx = ya(number);
  return eligiblePerson(ctx, parts(ctx));
};
const unconsented = (number: number) => person(number, () => ({ consents: [] }));
const only = (rows: PurgeReport['purged'] | PurgeReport['kept']) =>
  rows.map(({ site, reason, count }) => `${site} ${reason} ${count}`);
const persons = () =>
  gateway.store.withTransaction(async ({ hospital }) =>
    (await hospital.personsAfter('', '', 1000)).map((row) => row.person),
  );
const idOf = (number: number) => `ya-p-00000${number}`;

describe('who is due', () => {
  test('the time runs from the anchor, 2025-06-05, where that is later than the last contact; its last day counts', async () => {
    const parts = (ctx: b.FeedContext) => ({ consents: [], need: [b.serviceRequest(ctx, { on: '2025-06-05' })] });
    await take(...person(1, parts));
    const last = await purge(gateway, Date.parse('2025-12-02T23:59:59.999+08:00'), { dryRun: true });
    expect([only(last.purged), only(last.kept)]).toEqual([[], ['ya in-time 1']]);
    const after = await purge(gateway, Date.parse('2025-12-03T00:00:00+08:00'), { dryRun: true });
    expect([only(after.purged), only(after.kept)]).toEqual([['ya no-consent 1'], []]);
  });

  test('a newer contact of any kind begins it anew: a version, a result, a decision', async () => {
    const day = '2025-12-20T09:00:00+08:00';
    const contacts: ((ctx: b.FeedContext) => FhirResource)[] = [
      (ctx) => b.patient(ctx, { versionId: '2', lastUpdated: day }),
      (ctx) => b.lab(ctx, 'platelets', 200, { on: day, id: 'newer' }),
      (ctx) => b.appointment(ctx, { request: b.serviceRequest(ctx, { on: null }), start: day, end: day }),
    ];
    for (const [at, contact] of contacts.entries()) await take(...unconsented(at + 1), contact(ya(at + 1)));
    const report = await purge(gateway, LATER);
    expect([only(report.purged), only(report.kept)]).toEqual([[], ['ya in-time 3']]);
    expect(only((await purge(gateway, Date.parse('2026-07-01T00:00:00+08:00'))).purged)).toEqual(['ya no-consent 3']);
  });

  test('a site has its own time', async () => {
    await take(...unconsented(1));
    const sites = new Map(gateway.sites);
    sites.set('ya', { ...sites.get('ya')!, purgeAfterDays: 1000 });
    expect(only((await purge({ ...gateway, sites }, LATER)).kept)).toEqual(['ya in-time 1']);
  });

  test('a date of birth, a validity, a four-digit code are no contact; somebody without any date stays', async () => {
    const undated = (resource: FhirResource) => ({ ...resource, meta: { source: ya(1).site.fhirBase } });
    await take(undated(b.patient(ya(1), { birthDate: '2025-12-31' })));
    const refused = b.consent(ya(2), { on: '2025-05-10', status: 'rejected', period: { end: '2035-01-01' } });
    const local = b.condition(ya(2), { code: b.concept(b.localDiagnosis(ya(2), '2035')) });
    await take(...person(2, () => ({ consents: [refused], more: [local] })));
    const report = await purge(gateway, LATER);
    expect([only(report.purged), only(report.kept)]).toEqual([['ya declined 1'], ['ya undated 1']]);
  });

  test('those who are only counted go likewise, and what stands under an identifier that leads nowhere', async () => {
    const cirrhosis = (ctx: b.FeedContext) => b.condition(ctx, { code: b.concept(b.icd10('K74.6')) });
    const stray = pointToPatient(ya(3), [cirrhosis(ya(3))], { identifier: b.mrn(ya(3)) });
    await take(b.patient(ya(1)), b.patient(ya(2)), cirrhosis(ya(2)), ...stray);
    expect(await persons()).toHaveLength(3);
    const report = await purge(gateway, LATER);
    expect(only(report.purged)).toEqual(['ya counted-only 2', 'ya unresolved 1']);
    expect(report.tombstones.find(({ site }) => site === 'ya')).toEqual({
      site: 'ya',
      before: 0,
      after: 3,
      seenAgain: 0,
    });
    expect(await persons()).toEqual([]);
  });
});

describe('Consent', () => {
  type Options = Parameters<typeof b.consent>[1];
  const verdict = async (first: Options, ...later: (Partial<Options> | 'deleted')[]) => {
    const signed = (more: Partial<Options> = {}) => b.consent(ya(1), { id: 'icf', ...first, ...more });
    await take(...person(1, () => ({ consents: [signed()] })));
    for (const [at, more] of later.entries()) {
      const meta = { versionId: String(at + 2), lastUpdated: `2025-05-30T0${at}:00:00+08:00` };
      if (more !== 'deleted') await take(signed({ ...meta, ...more }));
      else {
        const history = historyBundle(ya(1).site, [], ['Consent/icf']);
        await runOver(gateway, { 'h.json': JSON.stringify(history) });
      }
    }
    const { purged, kept } = await purge(gateway, LATER);
    return [...purged, ...kept].map(({ reason }) => reason).join();
  };
  const on = '2025-05-10';

  test.each<[string, string, Options, ...(Partial<Options> | 'deleted')[]]>([
    ['valid', 'consent', { on }],
    ['of an older version, in force when signed', 'consent', { on: '2024-01-15', version: 'v2.0' }],
    ['run out', 'consent', { on, period: { start: on, end: '2025-05-20' } }],
    ['withdrawn', 'consent', { on }, { status: 'inactive' }],
    ['without a date', 'consent', { on: null }],
    ['without a provision', 'consent', { on, provision: null }],
    ['signed by a child, which is unknown and not no', 'consent', { on, performer: 'none' }],
    ['deleted', 'consent-unreadable', { on }, 'deleted'],
    ['now another study’s', 'consent-unreadable', { on }, { policyUri: 'https://other.example/icf/1' }],
    ['turned into a refusal', 'consent-replaced', { on }, { status: 'rejected' }],
    ['turned into a deny', 'consent-replaced', { on }, { provision: 'deny' }],
    ['entered in error', 'no-consent', { on }, { status: 'entered-in-error' }],
    ['a draft', 'no-consent', { on, status: 'draft' }],
    ['refused', 'declined', { on, status: 'rejected' }],
    ['denied', 'declined', { on, provision: 'deny' }],
    ['refused twice', 'declined', { on, status: 'rejected' }, { status: 'rejected', on: '2025-05-11' }],
    ['on a version no longer in force', 'no-consent', { on: '2024-09-01', version: 'v1.0' }],
    ['of another scope', 'no-consent', { on, scope: 'treatment' }],
  ])('%s: %s', async (_, expected, first, ...later) => {
    expect(await verdict(first, ...later)).toBe(expected);
  });

  test('whatever else is known, in any mixture, nobody who consented is touched', async () => {
    const refusal = (ctx: b.FeedContext) => b.consent(ctx, { on: '2025-05-20', status: 'rejected' });
    const extras: ((ctx: b.FeedContext) => FhirResource)[] = [
      refusal,
      (ctx) => b.consent(ctx, { on: '2025-05-01', status: 'draft' }),
      (ctx) => b.consent(ctx, { on: '2025-05-02', status: 'entered-in-error' }),
      (ctx) => b.consent(ctx, { on: '2024-09-01', version: 'v1.0' }),
      (ctx) => b.condition(ctx, { code: b.concept(b.icd10('B24')) }),
      (ctx) => b.procedure(ctx, { on: '2025-05-20' }),
      (ctx) => b.patient(ctx, { versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00', deceasedBoolean: true }),
    ];
    const somebody = fc.record({
      consented: fc.boolean(),
      withdrawn: fc.boolean(),
      ill: fc.boolean(),
      extras: fc.subarray(extras),
      mergedInto: fc.option(fc.nat(7), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(somebody, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (everybody, screened) => {
          const here = await openTestGateway();
          const resources = everybody.flatMap((one, at) => {
            const ctx = ya(at + 1);
            const status = one.withdrawn ? 'inactive' : 'active';
            const consents = one.consented ? [b.consent(ctx, { on: '2025-05-10', status })] : [];
            const into = one.mergedInto !== null && one.mergedInto < everybody.length ? one.mergedInto : at;
            const patient = into === at ? {} : { link: [b.replacedBy(ya(into + 1))] };
            const parts: Parts = { patient, consents, more: one.extras.map((extra) => extra(ctx)) };
            return eligiblePerson(ctx, one.ill ? parts : { ...parts, disease: [] });
          });
          if (screened) await runOver(here, { feed: ndjson(resources) });
          else await runOver(here, { feed: ndjson(resources) }, { now: Date.parse('2020-01-01T00:00:00Z') });
          const ids = everybody.flatMap(({ consented }, at) => (consented ? [idOf(at + 1)] : []));
          const read = () => here.store.withTransaction(({ hospital }) => hospital.recordsOf('ya', ids));
          const before = await read();
          await purge(here, LATER);
          expect(await read()).toEqual(before);
          await here.store.close();
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe('decisions', () => {
  test.each<[DecisionKind, string]>([
    ['decline', 'declined'],
    ['suitable', 'no-consent'],
    ['withdraw', 'decision'],
  ])('%s: %s', async (kind, expected) => {
    await take(...unconsented(1));
    const decided = await studyTeam(gateway)(kind, `Patient/${idOf(1)}`);
    expect(decided.ok).toBe(true);
    const report = await purge(gateway, LATER);
    expect([...report.purged, ...report.kept].map(({ reason }) => reason)).toEqual([expected]);
    expect(report.rows.decisions).toBe(expected === 'decision' ? 0 : 1);
  });

  test('somebody enrolled stays, also when the Consent vanishes as entered in error', async () => {
    const icf = (more: object = {}) => b.consent(ya(1), { id: 'icf', on: '2025-05-10', ...more });
    await take(...person(1, () => ({ consents: [icf()] })));
    const enrolled = await studyTeam(gateway)('enrol', `Patient/${idOf(1)}`, { attests: ['E3', 'E4'] });
    expect(enrolled).toMatchObject({ ok: true });
    await take(icf({ versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00', status: 'entered-in-error' }));
    expect(only((await purge(gateway, LATER)).kept)).toEqual(['ya decision 1']);
  });
});

describe('what goes together', () => {
  test('merged Patients are one person with a tombstone each', async () => {
    await take(...unconsented(1), b.patient(ya(2), { link: [b.replacedBy(ya(1))] }));
    const report = await purge(gateway, LATER);
    expect(only(report.purged)).toEqual(['ya no-consent 1']);
    expect(report.tombstones.find(({ site }) => site === 'ya')!.after).toBe(2);
    expect([report.rows.links, report.rows.subjects]).toEqual([1, 1]);
  });

  test('a merge link by identifier ties likewise: the consent of the old record keeps the new one', async () => {
    const link = [{ type: 'replaced-by' as const, other: { identifier: b.mrn(ya(2)) } }];
    await take(...person(1, () => ({ patient: { link } })), b.patient(ya(2)));
    const before = await persons();
    const report = await purge(gateway, LATER);
    expect([only(report.purged), only(report.kept)]).toEqual([[], ['ya consent 1']]);
    expect(await persons()).toEqual(before);
  });

  const twins = (second: Parts) => {
    const [one, two] = [ya(1), ya(2)];
    const shared = (ctx: b.FeedContext, parts: Parts) =>
      eligiblePerson(ctx, parts).map((each) =>
        each.resourceType === 'Patient' ? { ...each, identifier: [b.mrn(ya(9))] } : each,
      );
    const result = b.lab(one, 'platelets', 210, { on: '2025-05-20', id: 'stray' });
    const stray = pointToPatient(one, [result], { identifier: b.mrn(ya(9)) });
    return [...shared(one, { consents: [] }), ...shared(two, second), ...stray];
  };

  test('whoever shares an identifier with somebody who is kept stays: else its results would become the other’s', async () => {
    await take(...twins({}));
    const before = await persons();
    const report = await purge(gateway, LATER);
    expect([only(report.purged), only(report.kept)]).toEqual([[], ['ya consent 1', 'ya tied-to-another 1']]);
    expect(await persons()).toEqual(before);
  });

  test('and goes with the other when both are due', async () => {
    await take(...twins({ consents: [] }));
    const report = await purge(gateway, LATER);
    expect(only(report.purged)).toEqual(['ya no-consent 2']);
    expect(await persons()).toEqual([]);
  });

  test('a RelatedPerson whom somebody else’s Consent names stays with its person', async () => {
    const mother = b.relatedPerson(ya(1));
    const consents = [b.consent(ya(2), { on: '2025-05-10', performer: mother })];
    await take(...unconsented(1), mother, ...person(2, () => ({ consents, patient: { birthDate: '2013-02-01' } })));
    const before = (await runOver(gateway, {}, { now: LATER })).rows;
    const report = await purge(gateway, LATER);
    expect(only(report.kept)).toEqual(['ya consent 1', 'ya guardian-of-another 1']);
    expect((await runOver(gateway, {}, { now: LATER })).rows).toEqual(before);
  });

  test('a merge taken back waits until a screening has seen it', async () => {
    const version = (number: number) => ({
      versionId: `${number}`,
      lastUpdated: `2025-05-3${number - 2}T09:00:00+08:00`,
    });
    await take(...unconsented(2));
    await take(b.patient(ya(1)), b.patient(ya(2), { ...version(2), link: [b.replacedBy(ya(1))] }));
    const feed = readFeed([{ name: 'f', path: '-', bytes: null }], { stdin: once(b.patient(ya(2), version(3))) });
    await takeIn(gateway, null, feed, emptyTally(), () => {});
    expect(only((await purge(gateway, LATER)).kept)).toEqual(['ya merge-unscreened 2']);
    await take();
    expect(only((await purge(gateway, LATER)).purged)).toEqual(['ya counted-only 1', 'ya no-consent 1']);
  });
});

async function* once(resource: FhirResource): AsyncGenerator<Buffer> {
  yield Buffer.from(JSON.stringify(resource));
}

describe('the proof', () => {
  test('exact counts by table, an audit row without ids, a ResearchSubject without content', async () => {
    const first = await take(...unconsented(1), ...person(2));
    const subject = rowOf(first, `Patient/${idOf(1)}`).subject;
    const rowsOfFirst = await gateway.store.withTransaction(({ hospital }) => hospital.recordsOf('ya', [idOf(1)]));
    const report = await purge(gateway, LATER);
    expect(report).toEqual({
      study: gateway.loaded.study.title,
      studyVersion: gateway.loaded.study.version,
      asOf: '2026-01-15',
      at: expect.stringMatching(/^2025-06-02T/),
      dryRun: false,
      purged: [{ site: 'ya', reason: 'no-consent', count: 1 }],
      kept: [{ site: 'ya', reason: 'consent', count: 1 }],
      rows: {
        ...NO_ROWS,
        records: rowsOfFirst.length,
        aliases: 3,
        pseudonyms: 1,
        enrolments: 1,
        moves: 1,
        subjects: 1,
        unmapped: report.rows.unmapped,
      },
      tombstones: ['bf', 'gz', 'nf', 'ya', 'zn'].map((site) => ({
        site,
        before: 0,
        after: site === 'ya' ? 1 : 0,
        seenAgain: 0,
      })),
      tombstoneHash: {
        before: expect.stringMatching(/^[0-9a-f]{64}$/),
        after: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(report.tombstoneHash.after).not.toBe(report.tombstoneHash.before);
    await gateway.store.withTransaction(async (tx) => {
      expect((await tx.audit()).at(-1)).toEqual({
        at: report.at,
        actor: 'test',
        action: 'people-purged',
        object: null,
        detail: 'ya no-consent 1',
      });
      const last = (await tx.study.history(subject)).at(-1)!;
      expect([last.deleted, last.version, JSON.parse(last.body)]).toEqual([
        true,
        2,
        { resourceType: 'ResearchSubject', id: subject, meta: { versionId: '2', lastUpdated: report.at } },
      ]);
      expect((await tx.study.subjects()).map(({ id }) => id)).toEqual([rowOf(first, `Patient/${idOf(2)}`).subject]);
    });
    const again = await purge(gateway, LATER);
    expect([again.purged, again.rows, again.tombstoneHash.after]).toEqual([[], NO_ROWS, report.tombstoneHash.after]);
  });

  test('the bytes are gone from the files of the store', async () => {
    const file = join(await folder(), 'store.sqlite');
    const here = await openTestGateway(file);
    const mine = unconsented(1);
    await runOver(here, { feed: ndjson([...mine, ...person(2)]) });
    const subject = await here.store.withTransaction(async ({ hospital }) => {
      const [row] = (await hospital.enrolments()).filter(({ patient }) => patient === idOf(1));
      return {
        id: row!.subject,
        sealed: (await hospital.recordsOf('ya', [idOf(1)])).find((one) => one.type === 'Patient'),
      };
    });
    await purge(here, LATER);
    await here.store.close();
    const names = await readdir(dirname(file));
    const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(dirname(file), name)))));
    const secrets = [...mine.map(({ id }) => id!), subject.sealed!.body!.slice(3, 60)];
    expect(secrets.filter((one) => bytes.includes(one))).toEqual([]);
    expect(bytes.includes(idOf(2))).toBe(true);
    expect(bytes.includes(subject.id)).toBe(true);
  });

  test('a dry run reports the same and changes nothing', async () => {
    await take(...unconsented(1), ...person(2), b.patient(ya(3)));
    const all = async () =>
      gateway.store.withTransaction(async (tx) => [
        await tx.hospital.recordsOf('ya', [1, 2, 3].map(idOf)),
        await tx.study.subjects(),
        await tx.audit(),
        await tx.hospital.tombstones('ya'),
      ]);
    const before = await all();
    const { at: _, ...dry } = await purge(gateway, LATER, { dryRun: true });
    expect(await all()).toEqual(before);
    const { at: __, ...real } = await purge(gateway, LATER);
    expect(dry).toEqual({
      ...real,
      dryRun: true,
      tombstoneHash: { before: real.tombstoneHash.before, after: null },
    });
  });

  test('somebody whose data comes again is screened as if never seen, under the same pseudonym, and reported', async () => {
    const first = await take(...unconsented(1));
    await purge(gateway, LATER);
    const run = await take(...unconsented(1));
    expect(run.rows).toEqual(first.rows);
    expect(run.subjects.map(({ version, deleted }) => [version, deleted])).toEqual([[3, false]]);
    const report = await purge(gateway, LATER);
    expect(only(report.purged)).toEqual(['ya no-consent 1']);
    expect(report.tombstones.find(({ site }) => site === 'ya')).toEqual({
      site: 'ya',
      before: 1,
      after: 1,
      seenAgain: 1,
    });
  });
});

test('over the whole synthetic feed: everybody with a Consent that is met stands as before, those left are the kept', async () => {
  await runOver(gateway, generateFeed({ seed: 'purge', variants: true }).files, { now: NOW });
  const now = Date.parse('2027-01-15T12:00:00+08:00');
  const before = (await runOver(gateway, {}, { now })).rows;
  const report = await purge(gateway, now);
  expect(report.purged.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(30);
  const after = new Map((await runOver(gateway, {}, { now })).rows.map((row) => [row.patient, row]));
  const consented = before.filter(({ criteria }) =>
    criteria.some(({ id, verdict }) => id === 'I1' && verdict === 'met'),
  );
  expect(consented.length).toBeGreaterThan(100);
  expect(consented.map(({ patient }) => after.get(patient))).toEqual(consented);
  expect(before.filter(({ patient }) => after.has(patient))).toEqual([...after.values()]);
}, 240_000);
