import type { FhirResource } from '../../src/fhir/resource.ts';
import { replay, trace } from '../../src/pipeline/replay.ts';
import { eligiblePerson, measuredHemangioma, type Parts } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { historyBundle } from '../feed/bundles.ts';
import { SITES } from '../feed/sites.ts';
import { NOW, rowOf } from '../pipeline/gateway.ts';
import { outcome } from '../pipeline/study-team.ts';
import { type Journey, newer, on, startJourney } from './research-side.ts';

// Journeys of one person each, from the hospital's record through the consent gate to the study side.

const PATIENT = 'Patient/ya-p-000001';
const ATTESTS = { attests: ['E3', 'E4'] };
const SIGNED = '2025-05-15';

let journey: Journey;
beforeEach(async () => {
  journey = await startJourney();
});
afterEach(() => journey.gateway.store.close());

interface Sent {
  all: FhirResource[];
  disease: FhirResource[];
  consent: FhirResource;
}

/** An eligible person with a hemangioma, an operation on 10 June and a consent of 15 May, unless said. */
function person(number = 1, parts: Parts = {}): Sent & { ctx: b.FeedContext } {
  const ctx = b.feedContext('ya', number, 'journey');
  const disease = parts.disease ?? measuredHemangioma(ctx);
  const consents = parts.consents ?? [b.consent(ctx, { on: SIGNED })];
  const need = [b.serviceRequest(ctx, { on: '2025-06-10' })];
  const all = eligiblePerson(ctx, { need, ...parts, disease, consents });
  return { ctx, all, disease, consent: consents.at(-1)! };
}

const tombstones = async () => (await journey.rowsOf(PATIENT)).filter(({ deleted }) => deleted);

test('first enrolment from a paper consent: nothing before, the whole record after, one number', async () => {
  const { ctx, all } = person(1, { consents: [] });
  const before = await journey.take(all);
  expect(rowOf(before, PATIENT).status).toBe('screening');
  expect(await journey.rowsOf(PATIENT)).toEqual([]);
  const paper = b.consent(ctx, { on: SIGNED, lastUpdated: '2025-05-31T16:00:00+08:00' });
  const after = await journey.take([paper]);
  expect(rowOf(after, PATIENT).status).toBe('eligible');
  expect(await journey.standing(PATIENT)).toMatchObject({ Patient: 1, Condition: 1, Consent: 1 });
  expect(outcome(await journey.decides('enrol', PATIENT, ATTESTS))).toBe('on-study Normal-1');
  const subject = await journey.subjectBody(PATIENT);
  const patient = (await journey.rowsOf(PATIENT)).find(({ type }) => type === 'Patient')!;
  expect(subject.individual).toEqual({ reference: `Patient/${patient.id}` });
  await journey.settles();
});

describe('withdrawal by a Consent made inactive', () => {
  test('before enrolment: every research resource becomes a tombstone', async () => {
    const { all, consent } = person();
    await journey.take(all);
    const standing = (await journey.rowsOf(PATIENT)).length;
    const run = await journey.take([newer(consent, '2025-06-01', { status: 'inactive' })]);
    expect(rowOf(run, PATIENT).status).toBe('withdrawn');
    expect(await journey.standing(PATIENT)).toEqual({});
    expect((await tombstones()).map(({ version }) => version)).toEqual(Array(standing).fill(2));
    await journey.settles();
  });

  test('after enrolment: off-study, tombstones, the number stays', async () => {
    const { all, consent } = person();
    await journey.take(all);
    await journey.decides('enrol', PATIENT, ATTESTS);
    const run = await journey.take([newer(consent, '2025-06-01', { status: 'inactive' })]);
    expect(rowOf(run, PATIENT)).toMatchObject({ status: 'off-study', reason: 'consent-withdrawn' });
    expect((await journey.subjectBody(PATIENT)).identifier).toMatchObject([{ value: 'Normal-1' }]);
    expect(await journey.standing(PATIENT)).toEqual({});
    await journey.settles();
  });

  test('a new consent opens the record again, over the tombstones', async () => {
    const { ctx, all, consent } = person();
    await journey.take(all);
    const first = await journey.standing(PATIENT);
    await journey.take([newer(consent, '2025-05-30', { status: 'inactive' })]);
    expect(await journey.standing(PATIENT)).toEqual({});
    const run = await journey.take([b.consent(ctx, { on: '2025-06-01T08:00:00+08:00' })]);
    expect(rowOf(run, PATIENT).status).toBe('eligible');
    expect(await journey.standing(PATIENT)).toMatchObject({ Patient: 1, Condition: first.Condition });
    const patient = (await journey.rowsOf(PATIENT)).find(({ type }) => type === 'Patient')!;
    expect([patient.version, patient.deleted]).toEqual([3, false]);
    await journey.settles();
  });
});

describe('withdrawal as a recorded decision', () => {
  test.each([
    ['before enrolment', false, 'withdrawn (consent-withdrawn)'],
    ['after enrolment', true, 'off-study (consent-withdrawn) Normal-1'],
  ])('%s: tombstones', async (_, enrolled, said) => {
    await journey.take(person().all);
    if (enrolled) await journey.decides('enrol', PATIENT, ATTESTS);
    expect(outcome(await journey.decides('withdraw', PATIENT))).toBe(said);
    expect(await journey.standing(PATIENT)).toEqual({});
    await journey.settles();
  });
});

test('turning 18: the guardian’s consent lets nothing pass from the birthday on, until signed again', async () => {
  const ctx = b.feedContext('ya', 1, 'journey');
  const guardian = b.relatedPerson(ctx);
  const consents = [guardian, b.consent(ctx, { on: SIGNED, performer: guardian })];
  const all = eligiblePerson(ctx, {
    patient: { birthDate: '2007-06-08' },
    disease: measuredHemangioma(ctx),
    need: [b.serviceRequest(ctx, { on: '2025-06-10' })],
    consents,
  });
  const eve = Date.parse('2025-06-07T23:59:59+08:00');
  const first = await journey.take(all, eve);
  expect(rowOf(first, PATIENT)).toMatchObject({ status: 'eligible', stratum: 'minor' });
  const open = await journey.standing(PATIENT);
  expect(open).toMatchObject({ Patient: 1, Condition: 1 });
  const later = b.lab(ctx, 'platelets', 190, { on: '2025-06-08T09:00:00+08:00' });
  const birthday = Date.parse('2025-06-08T00:00:00+08:00');
  const closed = await journey.take([later], birthday + 36_000_000);
  expect(rowOf(closed, PATIENT).stratum).toBe('minor');
  expect(rowOf(closed, PATIENT).flags).toContain('re-consent');
  expect(await journey.standing(PATIENT)).toEqual({});
  await journey.settles(birthday + 36_000_000);
  const own = b.consent(ctx, { on: '2025-06-09T09:00:00+08:00' });
  const again = await journey.take([own], on('2025-06-09'));
  expect(rowOf(again, PATIENT).flags).not.toContain('re-consent');
  expect(await journey.standing(PATIENT)).toMatchObject({ Patient: 1, Condition: 1 });
  await journey.settles(on('2025-06-09'));
});

test('merge after enrolment: one record under the enrolled subject, with the evidence of both', async () => {
  const [enrolled, double] = [person(1), person(2)];
  await journey.take([...enrolled.all, ...double.all]);
  await journey.decides('enrol', PATIENT, ATTESTS);
  const subject = await journey.subjectOf(PATIENT);
  const other = await journey.subjectOf('Patient/ya-p-000002');
  const gone = double.all[0]!;
  const run = await journey.take([newer(gone, '2025-06-01', { link: [b.replacedBy(enrolled.ctx)] })]);
  expect(rowOf(run, PATIENT)).toMatchObject({ subject, status: 'on-study' });
  expect(await journey.standing(PATIENT)).toMatchObject({ Patient: 1, Condition: 2, Consent: 2 });
  const left = await journey.gateway.store.withTransaction(({ study }) => study.researchOf(other));
  expect(left.filter(({ deleted }) => !deleted)).toEqual([]);
  const patients = new Set(
    (await journey.rowsOf(PATIENT)).flatMap(({ deleted, body }) =>
      deleted ? [] : [...body.matchAll(/"Patient\/([a-z2-7]{26})"/g)].map(([, id]) => id),
    ),
  );
  expect(patients.size).toBe(1);
  await journey.settles();
});

test('regroup after enrolment: the number stays, the record goes on', async () => {
  const { ctx, all } = person();
  await journey.take(all);
  await journey.decides('enrol', PATIENT, ATTESTS);
  const hepatitis = b.chronicHepatitisB(ctx);
  await journey.take([hepatitis]);
  expect(await journey.subjectBody(PATIENT)).toMatchObject({
    assignedArm: 'Normal',
    actualArm: 'HBV',
    identifier: [{ value: 'Normal-1' }],
  });
  expect(await journey.madeOf(PATIENT, hepatitis)).toMatchObject({ type: 'Condition', version: 1, deleted: false });
  await journey.settles();
});

test('enrolled in error: the number is void and never given again', async () => {
  await journey.take([...person(1).all, ...person(2).all]);
  await journey.decides('enrol', PATIENT, ATTESTS);
  const wrong = await journey.decides('enrolled-in-error', PATIENT, { reason: 'wrong-person' });
  expect(outcome(wrong)).toBe('off-study (enrolled-in-error)');
  expect(outcome(await journey.decides('enrol', 'Patient/ya-p-000002', ATTESTS))).toBe('on-study Normal-2');
  const numbers = await journey.gateway.store.withTransaction(({ study }) => study.numbers());
  expect(numbers.map(({ group, number, voided }) => [`${group}-${number}`, voided?.reason ?? null])).toEqual([
    ['Normal-1', 'wrong-person'],
    ['Normal-2', null],
  ]);
  await journey.settles();
});

test('refused, then reopened by a signature: nothing stands before it', async () => {
  const { ctx, all } = person(1, {
    consents: [b.consent(b.feedContext('ya', 1), { on: SIGNED, status: 'rejected', id: 'ya-k-refused' })],
  });
  const refused = await journey.take(all);
  expect(rowOf(refused, PATIENT)).toMatchObject({ status: 'not-registered', reason: 'declined' });
  expect(await journey.rowsOf(PATIENT)).toEqual([]);
  const run = await journey.take([b.consent(ctx, { on: '2025-05-29T10:00:00+08:00' })]);
  expect(rowOf(run, PATIENT).status).toBe('eligible');
  expect(await journey.standing(PATIENT)).toMatchObject({ Patient: 1, Condition: 1 });
  await journey.settles();
});

test('declined by decision: the record is closed; reopened, it stands again', async () => {
  await journey.take(person().all);
  const first = await journey.standing(PATIENT);
  expect(outcome(await journey.decides('decline', PATIENT))).toBe('not-registered (declined)');
  expect(await journey.standing(PATIENT)).toEqual({});
  expect(outcome(await journey.decides('reopen', PATIENT, { reason: 'asked again' }))).toBe('eligible');
  expect(await journey.standing(PATIENT)).toEqual(first);
  await journey.settles();
});

test('evidence entered in error after enrolment: its resource is taken back, the status stays', async () => {
  const { all, disease } = person();
  await journey.take(all);
  await journey.decides('enrol', PATIENT, ATTESTS);
  const before = await journey.standing(PATIENT);
  const made = (await journey.madeOf(PATIENT, disease[0]!))!;
  const verificationStatus = { coding: [{ code: 'entered-in-error' }] };
  const { clinicalStatus: _gone, ...wrong } = newer(disease[0]!, '2025-06-01', { verificationStatus });
  const run = await journey.take([wrong as FhirResource]);
  expect(rowOf(run, PATIENT).status).toBe('on-study');
  const { Condition: _taken, ...rest } = before;
  expect(await journey.standing(PATIENT)).toEqual(rest);
  const row = await journey.gateway.store.withTransaction(({ study }) => study.research(made.type, made.id));
  expect([row!.version, row!.deleted]).toEqual([2, true]);
  await journey.settles();
});

test('what the hospital deletes becomes a tombstone', async () => {
  const ctx = b.feedContext('ya', 1, 'extra');
  const extra = { ...b.lab(ctx, 'platelets', 201, { on: '2025-05-20T09:00:00+08:00' }), id: 'ya-o-extra' };
  await journey.take(person(1, { more: [extra] }).all);
  const made = (await journey.madeOf(PATIENT, extra))!;
  const deletion = historyBundle(SITES.ya, [], ['Observation/ya-o-extra']) as FhirResource;
  await journey.take([deletion]);
  const row = await journey.gateway.store.withTransaction(({ study }) => study.research(made.type, made.id));
  expect([row!.version, row!.deleted]).toEqual([2, true]);
  await journey.settles();
});

test('of before the consent only the index admission passes, of after it everything', async () => {
  const ctx = b.feedContext('ya', 1, 'dates');
  const at = (id: string, day: string) => ({ ...b.lab(ctx, 'platelets', 200, { on: day }), id });
  // The operation is on 10 June: the admission begins 30 days before, on 11 May.
  const early = at('ya-o-early', '2025-05-10T23:59:00+08:00');
  const admitted = at('ya-o-admitted', '2025-05-11T00:00:00+08:00');
  const signed = at('ya-o-signed', '2025-05-16T09:00:00+08:00');
  const old = at('ya-o-old', '2024-05-10');
  await journey.take(person(1, { more: [early, admitted, signed, old] }).all);
  const passed = await Promise.all([early, admitted, signed, old].map((one) => journey.madeOf(PATIENT, one)));
  expect(passed.map((row) => row !== null)).toEqual([false, true, true, false]);
  await journey.settles();
});

test('a consent that ends at noon closes the record in the afternoon of the same day', async () => {
  const ctx = b.feedContext('ya', 1, 'journey');
  const period = { start: SIGNED, end: '2025-06-01T12:00:00+08:00' };
  await journey.take(
    person(1, { consents: [b.consent(ctx, { on: SIGNED, period, id: 'ya-k-noon' })] }).all,
    on('2025-06-01'),
  );
  expect(Object.keys(await journey.standing(PATIENT))).toContain('Patient');
  await journey.take([], Date.parse('2025-06-01T13:00:00+08:00'));
  expect(await journey.standing(PATIENT)).toEqual({});
});

test('without a valid consent nothing is on the study side', async () => {
  const consents: ((ctx: b.FeedContext) => b.ConsentOptions | null)[] = [
    () => null,
    () => ({ on: SIGNED, status: 'draft' }),
    () => ({ on: SIGNED, version: 'v2.0' }),
    () => ({ on: SIGNED, status: 'rejected' }),
    () => ({ on: SIGNED, provision: 'deny' }),
    () => ({ on: SIGNED, scope: 'treatment' }),
    () => ({ on: SIGNED, period: { start: SIGNED, end: '2025-05-30' } }),
    () => ({ on: null }),
  ];
  const people = consents.flatMap((make, at) => {
    const ctx = b.feedContext('ya', at + 1, 'journey');
    const options = make(ctx);
    return person(at + 1, { consents: options ? [b.consent(ctx, { ...options, id: `ya-k-${at}` })] : [] }).all;
  });
  const run = await journey.take(people);
  expect(run.rows).toHaveLength(consents.length);
  for (const { patient } of run.rows) expect([patient, await journey.rowsOf(patient)]).toEqual([patient, []]);
  await journey.settles();
});

test('what may not pass as it is is held, by the name of its source', async () => {
  const ctx = b.feedContext('ya', 1, 'held');
  const undated = { ...b.lab(ctx, 'platelets', 200, { on: null }), id: 'ya-o-undated' };
  await journey.take(person(1, { more: [undated] }).all);
  expect(await journey.madeOf(PATIENT, undated)).toBeNull();
  const held = await journey.gateway.store.withTransaction(({ hospital }) => hospital.held());
  expect(held.map(({ subject, source, reason }) => [subject, source, reason])).toEqual([
    [await journey.subjectOf(PATIENT), 'Observation/ya-o-undated', 'consent-unknown'],
  ]);
  await journey.take([newer(undated, '2025-06-01', { effectiveDateTime: '2025-05-20' })]);
  expect(await journey.gateway.store.withTransaction(({ hospital }) => hospital.held())).toEqual([]);
  expect(await journey.madeOf(PATIENT, undated)).not.toBeNull();
  await journey.settles();
});

test('an update of a source is a new version of its research resource, and of nothing else', async () => {
  const { all, disease } = person();
  await journey.take(all);
  const before = new Map((await journey.rowsOf(PATIENT)).map((row) => [`${row.type}/${row.id}`, row.version]));
  await journey.take([newer(disease[0]!, '2025-06-01', { recordedDate: '2025-05-13' })]);
  const changed = (await journey.rowsOf(PATIENT)).filter((row) => before.get(`${row.type}/${row.id}`) !== row.version);
  expect(changed.map(({ type, version }) => `${type} ${version}`).sort()).toEqual(['Condition 2', 'Provenance 2']);
  await journey.settles();
});

test('trace leads each research resource back to its source, and is audited', async () => {
  const { gateway } = journey;
  await journey.take(person().all);
  const subject = await journey.subjectOf(PATIENT);
  const standing = (await journey.rowsOf(PATIENT)).filter(({ type }) => type !== 'Provenance');
  for (const { type, id } of standing) {
    expect(await trace(gateway, `${type}/${id}`)).toMatchObject({
      subject,
      site: 'ya',
      source: expect.stringMatching(new RegExp(`^${type}/ya-`)),
      versionId: '1',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }
  expect(await trace(gateway, 'Observation/nothing')).toBeNull();
  const audit = await gateway.store.withTransaction((tx) => tx.audit());
  const traced = audit.filter(({ action }) => action === 'trace').map(({ object }) => object);
  expect(traced).toEqual([...standing.map(({ type, id }) => `${type}/${id}`), 'Observation/nothing']);
});

test('replay sees a byte that was changed, a resource that is gone, and one too many', async () => {
  const { gateway } = journey;
  await journey.take(person().all);
  const subject = await journey.subjectOf(PATIENT);
  const [changed, gone] = (await journey.rowsOf(PATIENT)).filter(({ type }) => type === 'Observation');
  await gateway.store.withTransaction(async ({ study }) => {
    await study.putResearch({ ...changed!, version: 2, body: changed!.body.replace('"final"', '"amended"') });
    await study.putResearch({ ...gone!, version: 2, deleted: true });
    await study.putResearch({ ...changed!, id: 'a'.repeat(26) });
  });
  const { different, missing, surplus } = (await replay(gateway, subject, NOW))!;
  expect({ different, missing, surplus }).toEqual({
    different: [`Observation/${changed!.id}`],
    missing: [`Observation/${gone!.id}`],
    surplus: [`Observation/${'a'.repeat(26)}`],
  });
  expect(await replay(gateway, 'nobody', NOW)).toBeNull();
});
