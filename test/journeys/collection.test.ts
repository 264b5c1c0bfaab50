import type { FhirResource } from '../../src/fhir/resource.ts';
import { eligiblePerson, measuredHemangioma, type Parts } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { NOW } from '../pipeline/gateway.ts';
import { outcome } from '../pipeline/study-team.ts';
import { type Journey, newer, on, startJourney } from './research-side.ts';

// Specimens and draws of one person each, from the hospital's record to the study side and to the study team.

const PATIENT = 'Patient/ya-p-000001';
const ATTESTS = { attests: ['E3', 'E4'] };
const BASE = 'https://study-gateway.example/StructureDefinition/';

let journey: Journey;
beforeEach(async () => {
  journey = await startJourney();
});
afterEach(() => journey.gateway.store.close());

const context = () => b.feedContext('ya', 1, 'collection');

/** An eligible person with a hemangioma; consent of 1 June at 02:30Z, a resection on 10 June, unless said. */
function person(ctx: b.FeedContext, parts: Parts = {}): FhirResource[] {
  return eligiblePerson(ctx, {
    disease: measuredHemangioma(ctx),
    consents: [b.consent(ctx, { on: '2025-06-01T02:30:00Z' })],
    need: [b.serviceRequest(ctx, { on: '2025-06-10T08:30:00+08:00' })],
    ...parts,
  });
}

/** Codes of an extension of the research Specimen made of a hospital's one. */
async function said(source: FhirResource, name: 'deviation' | 'specimen-hold'): Promise<string[]> {
  const row = await journey.madeOf(PATIENT, source);
  if (!row) throw new Error('it did not pass');
  const { extension = [] } = JSON.parse(row.body) as { extension?: { url: string; valueCode: string }[] };
  return extension.filter(({ url }) => url === `${BASE}${name}`).map(({ valueCode }) => valueCode);
}

const DUE = 'draw-blood requested by 2025-06-10T00:30:00.000Z';

test('blood before consent (example 9): kept with its deviation and its reason, quarantined, with tasks', async () => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T08:00:00+08:00', kit: 'YA-00101' });
  await journey.take([...person(ctx), blood]);
  expect(await said(blood, 'deviation')).toEqual(['before-consent']);
  expect(await said(blood, 'specimen-hold')).toEqual(['before-consent']);
  expect(await journey.tasks(PATIENT)).toEqual([
    DUE,
    'quarantine-specimen requested before-consent',
    'settle-deviation requested before-consent',
  ]);
  await journey.settles();
  const accepted = await journey.decides('accept-deviation', PATIENT, {
    about: `Specimen/${blood.id}`,
    reason: 'signed two hours later, the participant agrees to its use',
  });
  expect(outcome(accepted)).toBe('eligible');
  // Accepted as it is; it stays marked, and no acceptance lifts the quarantine.
  expect(await said(blood, 'deviation')).toEqual(['before-consent']);
  expect(await journey.tasks(PATIENT)).toEqual([
    DUE,
    'quarantine-specimen requested before-consent',
    'settle-deviation completed before-consent',
  ]);
  await journey.settles();
});

test('a consent of only that day leaves the order open: hold, confirm the time, no deviation', async () => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T08:00:00+08:00', kit: 'YA-00101' });
  await journey.take([...person(ctx, { consents: [b.consent(ctx, { on: '2025-06-01' })] }), blood]);
  expect(await said(blood, 'deviation')).toEqual([]);
  expect(await said(blood, 'specimen-hold')).toEqual(['confirm-time']);
  expect(await journey.tasks(PATIENT)).toEqual(['complete-specimen requested confirm-time']);
});

test('a draw is announced when the operation is booked, done when the blood is there, missed when it is not', async () => {
  const ctx = context();
  const all = person(ctx);
  await journey.take(all);
  expect(await journey.tasks(PATIENT)).toEqual([DUE]);
  const blood = b.specimen(ctx, { on: '2025-06-09T17:00:00+08:00', kit: 'YA-00101' });
  await journey.take([blood], on('2025-06-10') - 10_800_000);
  expect(await journey.tasks(PATIENT)).toEqual(['draw-blood completed by 2025-06-10T00:30:00.000Z']);
  expect(await said(blood, 'deviation')).toEqual([]);
  const other = await startJourney();
  await other.take(all);
  await other.take([b.procedure(ctx, { on: '2025-06-10T09:00:00+08:00', status: 'in-progress' })], on('2025-06-10'));
  expect(await other.tasks(PATIENT)).toEqual(['draw-blood cancelled by 2025-06-10T00:30:00.000Z']);
  expect((await other.subjectBody(PATIENT)).extension).toContainEqual({ url: `${BASE}deviation`, valueCode: 'missed' });
  await other.gateway.store.close();
});

test('what is made of a specimen takes over its hold; the hospital’s own specimens are nobody’s concern', async () => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T08:00:00+08:00', kit: 'YA-00101' });
  const plasma = b.specimen(ctx, { type: '119361006', on: null, ml: 2, kit: 'YA-00101-1', parent: blood });
  const urine = b.specimen(ctx, { type: '122575003', on: '2025-06-01T11:00:00+08:00', kit: null });
  const before = b.specimen(ctx, { on: '2025-05-28T08:00:00+08:00', kit: null });
  await journey.take([...person(ctx), plasma, urine, before, blood]);
  expect(await said(plasma, 'specimen-hold')).toEqual(['before-consent']);
  expect(await said(plasma, 'deviation')).toEqual([]);
  expect(await journey.standing(PATIENT)).toMatchObject({ Specimen: 2 });
  const [child] = (await journey.rowsOf(PATIENT)).filter(({ body }) => body.includes('YA-00101-1'));
  const parent = await journey.madeOf(PATIENT, blood);
  expect(JSON.parse(child!.body).parent).toEqual([{ reference: `Specimen/${parent!.id}` }]);
});

test('less than 30 mL of an adult is a deviation; blood after the operation began too; tissue is not asked for either', async () => {
  const ctx = context();
  const operation = b.procedure(ctx, { on: '2025-06-01T11:30:00+08:00', status: 'in-progress' });
  const little = b.specimen(ctx, { on: '2025-06-01T11:00:00+08:00', ml: 20, kit: 'YA-00101' });
  const late = b.specimen(ctx, { on: '2025-06-01T12:00:00+08:00', kit: 'YA-00102' });
  const tissue = b.specimen(ctx, { type: '119376003', on: '2025-06-01T13:00:00+08:00', ml: null, kit: 'YA-00103' });
  await journey.take([...person(ctx), operation, little, late, tissue]);
  expect(await said(little, 'deviation')).toEqual(['low-volume']);
  expect(await said(late, 'deviation')).toEqual(['after-start']);
  expect(await said(tissue, 'deviation')).toEqual([]);
  await journey.settles();
});

describe('withdrawal', () => {
  test.each([
    ['before enrolment', false],
    ['after enrolment', true],
  ])('%s: the specimens leave the study side and are put aside at the hospital, with a task each', async (_, enrolled) => {
    const ctx = context();
    const all = person(ctx);
    const blood = b.specimen(ctx, { on: '2025-06-01T11:00:00+08:00', kit: 'YA-00101' });
    await journey.take([...all, blood]);
    if (enrolled) await journey.decides('enrol', PATIENT, ATTESTS);
    expect(await journey.standing(PATIENT)).toMatchObject({ Specimen: 1 });
    await journey.decides('withdraw', PATIENT);
    expect(await journey.standing(PATIENT)).toEqual({});
    expect(await journey.tasks(PATIENT)).toEqual(['quarantine-specimen requested consent-withdrawn']);
    await journey.settles();
  });

  test('by a Consent made inactive, and lifted by a new signature', async () => {
    const ctx = context();
    const all = person(ctx);
    const consent = all.find(({ resourceType }) => resourceType === 'Consent')!;
    const blood = b.specimen(ctx, { on: '2025-06-01T11:00:00+08:00', kit: 'YA-00101' });
    await journey.take([...all, blood]);
    await journey.take([newer(consent, '2025-06-02', { status: 'inactive' })], on('2025-06-02'));
    expect(await journey.tasks(PATIENT)).toContain('quarantine-specimen requested consent-withdrawn');
    await journey.take([b.consent(ctx, { on: '2025-06-03T09:00:00+08:00' })], on('2025-06-03'));
    expect(await journey.tasks(PATIENT)).toContain('quarantine-specimen cancelled consent-withdrawn');
    expect(await said(blood, 'specimen-hold')).toEqual([]);
  });
});

test('enrolled in error: the specimens are held', async () => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T11:00:00+08:00', kit: 'YA-00101' });
  await journey.take([...person(ctx), blood]);
  await journey.decides('enrol', PATIENT, ATTESTS);
  await journey.decides('enrolled-in-error', PATIENT, { reason: 'wrong-person' });
  expect(await said(blood, 'specimen-hold')).toEqual(['enrolled-in-error']);
});

test('turning 18 between consent and operation (example 3): the draw waits for a new signature', async () => {
  const ctx = context();
  const guardian = b.relatedPerson(ctx);
  const consents = [guardian, b.consent(ctx, { on: '2025-05-15', performer: guardian })];
  await journey.take(person(ctx, { patient: { birthDate: '2007-06-08' }, consents }), on('2025-06-07'));
  expect(await journey.tasks(PATIENT)).toEqual([DUE]);
  await journey.take([], on('2025-06-08'));
  expect(await journey.tasks(PATIENT)).toEqual([
    'draw-blood cancelled by 2025-06-10T00:30:00.000Z',
    'sign-again requested by 2025-06-10T00:30:00.000Z',
  ]);
});

test.each([
  ['about nothing', { about: 'Specimen/none', reason: 'r' }, 'decision-about-nothing'],
  ['about something else', { about: 'Consent/x', reason: 'r' }, 'decision-about-nothing'],
  ['a deviation that it has not', { answer: 'low-volume', reason: 'r' }, 'decision-incomplete'],
  ['without a reason', {}, 'decision-incomplete'],
  ['by a coordinator', { reason: 'r', by: { id: 'nurse', role: 'coordinator' as const } }, 'decision-role'],
])('accept-deviation is refused: %s', async (_, more, code) => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T08:00:00+08:00', kit: 'YA-00101' });
  await journey.take([...person(ctx), blood]);
  const decided = await journey.decides('accept-deviation', PATIENT, { about: `Specimen/${blood.id}`, ...more });
  expect(outcome(decided)).toBe(code);
});

test('a specimen entered in error is taken back', async () => {
  const ctx = context();
  const blood = b.specimen(ctx, { on: '2025-06-01T08:00:00+08:00', kit: 'YA-00101' });
  await journey.take([...person(ctx), blood]);
  expect(await journey.standing(PATIENT)).toMatchObject({ Specimen: 1 });
  await journey.take([newer(blood, '2025-06-01', { status: 'entered-in-error' })], NOW);
  expect((await journey.standing(PATIENT)).Specimen).toBeUndefined();
  expect(await journey.tasks(PATIENT)).toEqual([
    DUE,
    'quarantine-specimen cancelled before-consent',
    'settle-deviation cancelled before-consent',
  ]);
});
