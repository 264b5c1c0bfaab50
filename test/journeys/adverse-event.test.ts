import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { dueRows } from '../../src/views/due.ts';
import { eligiblePerson, measuredHemangioma } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { outcome } from '../pipeline/study-team.ts';
import { type Journey, newer, on, startJourney } from './research-side.ts';

// Adverse events of one person each: from the hospital's record, or a form, to the study side and to whoever must report.

const PATIENT = 'Patient/ya-p-000001';
const HOSPITALIZATION = 'C83052';
const BIOPSY = '2025-05-29T09:00:00+08:00';

let journey: Journey;
beforeEach(async () => {
  journey = await startJourney();
});
afterEach(() => journey.gateway.store.close());

/** Hemangioma, consent of 15 May, a biopsy on 29 May. */
function biopsied(ctx: b.FeedContext): { all: FhirResource[]; biopsy: FhirResource } {
  const biopsy = b.procedure(ctx, { code: b.biopsy(ctx), on: BIOPSY });
  const all = eligiblePerson(ctx, {
    disease: measuredHemangioma(ctx),
    consents: [b.consent(ctx, { on: '2025-05-15' })],
    need: [biopsy],
  });
  return { all, biopsy };
}

const context = () => b.feedContext('ya', 1, 'event');

/** What the study side says of the event: serious or not, criteria, suspects, flags, expected. */
async function told(event: FhirResource) {
  const row = await journey.madeOf(PATIENT, event);
  if (!row) return null;
  const { seriousness, extension = [], suspectEntity = [] } = JSON.parse(row.body) as r4.AdverseEvent;
  const named = (name: string) => extension.filter(({ url }) => url.endsWith(name));
  return {
    seriousness: seriousness?.coding?.[0]?.code,
    criteria: named('seriousness-criteria').map(
      (one) => one.extension?.find(({ url }) => url === 'criterionCode')?.valueCodeableConcept?.coding?.[0]?.code,
    ),
    suspects: suspectEntity.map(({ instance }) => instance.reference),
    flags: named('/flag').map(({ valueCode }) => valueCode),
    expected: named('expected-in-research-study').map(({ valueBoolean }) => valueBoolean),
  };
}

test('SAE from bleeding (example 11): a stay prolonged by 3 days is serious, the biopsy is suspected, the clock runs from awareness', async () => {
  const ctx = context();
  const { all, biopsy } = biopsied(ctx);
  const stay = b.plannedStay(ctx, { period: { start: '2025-05-28' }, plannedEnd: '2025-05-30' });
  const event = b.adverseEvent(ctx, { on: '2025-05-29T20:00:00+08:00', lastUpdated: '2025-05-30T08:00:00+08:00' });
  await journey.take([...all, stay, event], Date.parse('2025-05-30T10:00:00+08:00'));
  // Bleeding after a biopsy is expected: logged, not alarmed.
  expect(await told(event)).toMatchObject({ seriousness: 'non-serious', expected: [true] });
  expect(await journey.tasks(PATIENT)).toEqual([]);
  const prolonged = newer(stay, '2025-06-02', { period: { start: '2025-05-28', end: '2025-06-02' }, status: 'finished' });
  await journey.take([prolonged], on('2025-06-02'));
  const suspect = (await journey.madeOf(PATIENT, biopsy))!;
  expect(await told(event)).toEqual({
    seriousness: 'serious',
    criteria: [HOSPITALIZATION],
    suspects: [`Procedure/${suspect.id}`],
    flags: [],
    expected: [true],
  });
  expect(await journey.tasks(PATIENT)).toEqual([
    'sae-awareness requested awareness-missing stay-prolonged by 2025-05-30T00:00:00.000Z',
  ]);
  const about = `AdverseEvent/${event.id}`;
  const aware = Date.parse('2025-06-02T12:00:00+08:00');
  expect(outcome(await journey.decides('sae-aware', PATIENT, { about, clock: aware }))).toMatch(/^screening|^eligible/);
  expect(await journey.tasks(PATIENT)).toEqual([
    'sae-awareness completed stay-prolonged by 2025-05-30T00:00:00.000Z',
    'sae-follow-up-report requested by 2025-06-17T04:00:00.000Z',
    'sae-initial-report requested by 2025-06-03T04:00:00.000Z',
  ]);
  const late = Date.parse('2025-06-03T14:30:00+08:00');
  const open = await journey.gateway.store.withTransaction(({ hospital }) => hospital.openTasks());
  expect(dueRows(open, late, 'ya').map(({ what, due, overdueHours }) => [what, due, overdueHours])).toEqual([
    ['sae-initial-report', '2025-06-03T04:00:00.000Z', 2],
    ['sae-follow-up-report', '2025-06-17T04:00:00.000Z', null],
  ]);
  expect(dueRows(open, late, 'nf')).toEqual([]);
  await journey.decides('sae-report', PATIENT, { about, answer: 'initial', clock: late });
  expect(await journey.tasks(PATIENT)).toContain('sae-initial-report completed by 2025-06-03T04:00:00.000Z');
  await journey.settles(late);
});

test('a planned admission alone is not serious, whatever the source calls it', async () => {
  const ctx = context();
  const { all } = biopsied(ctx);
  const stay = b.plannedStay(ctx, { period: { start: '2025-05-28', end: '2025-05-30' }, plannedEnd: '2025-05-30' });
  const event = b.adverseEvent(ctx, { on: '2025-05-29', criteria: [HOSPITALIZATION] });
  await journey.take([...all, stay, event]);
  expect(await told(event)).toMatchObject({ seriousness: 'non-serious', criteria: [], flags: ['seriousness-conflict'] });
  expect(await journey.tasks(PATIENT)).toEqual(['review-event requested seriousness-conflict stay-planned']);
});

test('a fatal outcome is serious, and the flag says that the source does not', async () => {
  const ctx = context();
  const { all } = biopsied(ctx);
  const event = {
    ...b.adverseEvent(ctx, { on: '2025-05-30', outcome: 'fatal' }),
    seriousness: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness', code: 'Non-serious' }],
    },
  };
  await journey.take([...all, event]);
  expect(await told(event)).toMatchObject({
    seriousness: 'serious',
    criteria: ['C48275'],
    flags: ['seriousness-conflict'],
  });
});

test('an event before the consent does not pass: it is held with its reason', async () => {
  const ctx = context();
  const { all } = biopsied(ctx);
  const event = b.adverseEvent(ctx, { on: '2025-05-14', criteria: [HOSPITALIZATION] });
  await journey.take([...all, event]);
  expect(await told(event)).toBeNull();
  const held = await journey.gateway.store.withTransaction(({ hospital }) => hospital.held());
  expect(held).toMatchObject([{ source: `AdverseEvent/${event.id}`, reason: 'event-outside-window' }]);
  expect(await journey.tasks(PATIENT)).toEqual([]);
});

test('an unexpected event is to be looked at; a stamp settles it', async () => {
  const ctx = context();
  const { all } = biopsied(ctx);
  const event = b.adverseEvent(ctx, { on: '2025-05-30', code: 'L50.900' });
  await journey.take([...all, event]);
  expect(await journey.tasks(PATIENT)).toEqual(['review-event requested']);
  await journey.decides('sae-aware', PATIENT, { about: `AdverseEvent/${event.id}` });
  expect(await journey.tasks(PATIENT)).toEqual(['review-event completed']);
});

test.each([
  ['sae-aware', { about: 'AdverseEvent/none' }, 'decision-about-nothing'],
  ['sae-aware', { about: 'Specimen/x' }, 'decision-about-nothing'],
  ['sae-report', { answer: null }, 'decision-incomplete'],
  ['sae-report', { answer: 'final' }, 'decision-incomplete'],
  ['sae-report', { answer: 'initial', by: { id: 'nurse', role: 'coordinator' as const } }, 'decision-role'],
] as const)('%s is refused: %j', async (kind, more, code) => {
  const ctx = context();
  const { all } = biopsied(ctx);
  const event = b.adverseEvent(ctx, { on: '2025-05-30', criteria: [HOSPITALIZATION] });
  await journey.take([...all, event]);
  const decided = await journey.decides(kind, PATIENT, { about: `AdverseEvent/${event.id}`, ...more });
  expect(outcome(decided)).toBe(code);
});
