import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { pointToPatient } from '../feed/references.ts';
import { ndjson, openTestGateway, type Run, rowOf, runOver } from './gateway.ts';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const take = (...resources: FhirResource[]) => runOver(gateway, { feed: ndjson(resources) });
const version = (number: number) => ({
  versionId: String(number),
  lastUpdated: `2025-05-3${number - 2}T09:00:00+08:00`,
});
const patients = ({ rows }: Run) => rows.map(({ patient }) => patient);
const historyOf = (id: string) =>
  gateway.store.withTransaction(async ({ study }) =>
    (await study.history(id)).map(({ version: number, deleted }) => [number, deleted]),
  );
const movesOf = (id: string) => gateway.store.withTransaction(({ hospital }) => hospital.moves(id));

/** Two people who are subjects each, at first. */
async function two(): Promise<{ a: b.FeedContext; c: b.FeedContext; first: Run }> {
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const first = await take(...eligiblePerson(a), ...eligiblePerson(c));
  expect(patients(first)).toEqual(['Patient/ya-p-000001', 'Patient/ya-p-000002']);
  return { a, c, first };
}

test.each([
  ['the first into the second', 1],
  ['the second into the first', -1],
])('two subjects merged, %s: one stays, under the earlier pseudonym, the other leaves a tombstone', async (_, way) => {
  const { a, c, first } = await two();
  const [from, to] = way === 1 ? [a, c] : [c, a];
  const run = await take(b.patient(from, { ...version(2), link: [b.replacedBy(to)] }));
  expect(patients(run)).toEqual([`Patient/${to.patientId}`]);
  const [early, late] = ['Patient/ya-p-000001', 'Patient/ya-p-000002'].map((id) => rowOf(first, id).subject);
  expect(run.rows[0]!.subject).toBe(early);
  expect(run.subjects.map(({ id }) => id)).toEqual([early]);
  expect(await historyOf(late!)).toEqual([
    [1, false],
    [2, true],
  ]);
  const last = (await movesOf(late!)).at(-1)!;
  expect([last.from, last.to, last.reason, last.cause]).toEqual(['eligible', 'merged', early, 'merge']);
});

test('a merge that makes its survivor ineligible is a move by merge', async () => {
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const first = await take(...eligiblePerson(a), b.patient(c), b.condition(c, { code: b.concept(b.icd10('D66')) }));
  const run = await take(b.patient(c, { ...version(2), link: [b.replacedBy(a)] }));
  expect(rowOf(run, 'Patient/ya-p-000001').status).toBe('ineligible');
  const moves = await movesOf(rowOf(first, 'Patient/ya-p-000001').subject);
  expect(moves.map(({ to, cause }) => [to, cause])).toEqual([
    ['eligible', 'data'],
    ['ineligible', 'merge'],
  ]);
});

test('a merge taken back gives two subjects again, and then rests', async () => {
  const { a, c, first } = await two();
  await take(b.patient(c, { ...version(2), link: [b.replacedBy(a)] }));
  const apart = await take(b.patient(c, version(3)));
  expect(patients(apart)).toEqual(patients(first));
  expect(apart.subjects.map(({ id }) => id)).toEqual(first.subjects.map(({ id }) => id));
  const again = await take();
  expect(again.subjects).toEqual(apart.subjects);
});

test('links in a circle end: one person, flagged', async () => {
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const run = await take(
    ...eligiblePerson(a, { patient: { link: [b.replacedBy(c)] } }),
    b.patient(c, { link: [b.replacedBy(a)] }),
  );
  expect(patients(run)).toEqual(['Patient/ya-p-000001']);
  expect(run.rows[0]!.flags).toContain('merge-cycle');
});

test('an identifier of two people who are not merged finds neither; once merged, it finds the one', async () => {
  const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
  const sameNumber = { ...b.patient(c), identifier: [b.mrn(a)] };
  const { system, value } = b.mrn(a);
  const [first, ...rest] = eligiblePerson(a);
  const conditional = pointToPatient(a, rest, { reference: `Patient?identifier=${system}|${value}` });
  const apart = await take(first!, sameNumber, ...conditional);
  expect([patients(apart), apart.quarantine, apart.screening.unresolved]).toEqual([[], [], 1]);
  const merged = await take({ ...sameNumber, meta: { ...sameNumber.meta, ...version(2) }, link: [b.replacedBy(a)] });
  expect([patients(merged), merged.screening.unresolved]).toEqual([['Patient/ya-p-000001'], 0]);
});
