import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { eligiblePerson, hepatitisB, measuredHemangioma, openRequest } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { NOW, ndjson, openTestGateway, rowOf, runOver } from './gateway.ts';
import { outcome, studyTeam } from './study-team.ts';

const PATIENT = 'Patient/ya-p-000001';
const ATTESTS = { attests: ['E3', 'E4'] };
const LATER = { versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00' };

let gateway: Gateway;
let decides: ReturnType<typeof studyTeam>;
beforeEach(async () => {
  gateway = await openTestGateway();
  decides = studyTeam(gateway);
});
afterEach(() => gateway.store.close());

const take = (...resources: FhirResource[]) => runOver(gateway, { feed: ndjson(resources) });
const person = (number = 1, parts = {}) => eligiblePerson(b.feedContext('ya', number), parts);
const subjectBody = async () =>
  gateway.store.withTransaction(async (tx) => JSON.parse((await tx.study.subjects())[0]!.body));

test('enrolment is an investigator’s, from eligible, on the version seen, with every attestation', async () => {
  await take(...person());
  expect(outcome(await decides('enrol', PATIENT, { ...ATTESTS, by: { id: 'c', role: 'coordinator' } }))).toBe(
    'decision-role',
  );
  expect(outcome(await decides('enrol', PATIENT, { ...ATTESTS, seen: 7 }))).toBe('decision-stale');
  expect(outcome(await decides('enrol', PATIENT, { attests: ['E4'] }))).toBe('decision-incomplete');
  expect(outcome(await decides('enrol', PATIENT, ATTESTS))).toBe('on-study HBV-1');
  expect(outcome(await decides('enrol', PATIENT, ATTESTS))).toBe('decision-status');
  expect(await subjectBody()).toMatchObject({
    status: 'on-study',
    assignedArm: 'HBV',
    actualArm: 'HBV',
    identifier: [{ system: 'https://study-gateway.example/sid/participant-number', value: 'HBV-1' }],
    period: { start: '2025-06-02' },
  });
});

test('numbers count per group over all sites', async () => {
  await take(
    ...person(1),
    ...person(2),
    ...eligiblePerson(b.feedContext('nf', 3), { disease: measuredHemangioma(b.feedContext('nf', 3)) }),
    ...eligiblePerson(b.feedContext('gz', 4)),
  );
  expect(outcome(await decides('enrol', 'Patient/ya-p-000002', ATTESTS))).toBe('on-study HBV-1');
  expect(outcome(await decides('enrol', 'Patient/gz-p-000004', ATTESTS))).toBe('on-study HBV-2');
  expect(outcome(await decides('enrol', 'Patient/nf-p-000003', ATTESTS))).toBe('on-study Normal-1');
  expect(outcome(await decides('enrol', PATIENT, ATTESTS))).toBe('on-study HBV-3');
});

test('a malignancy must be answered when enrolling', async () => {
  const ctx = b.feedContext('ya', 1);
  const hcc = b.condition(ctx, { code: b.concept(b.icd10('C22.0', 'Liver cell carcinoma')) });
  await take(...eligiblePerson(ctx, { more: [hcc] }));
  expect(outcome(await decides('enrol', PATIENT, ATTESTS))).toBe('decision-incomplete');
  expect(outcome(await decides('enrol', PATIENT, { attests: ['E3', 'E4', 'malignancy'] }))).toBe('on-study HBV-1');
});

test('unsuitable makes ineligible, suitable takes it back', async () => {
  await take(...person());
  expect(outcome(await decides('unsuitable', PATIENT))).toBe('decision-incomplete');
  expect(outcome(await decides('unsuitable', PATIENT, { reason: 'cannot be followed up' }))).toBe(
    'ineligible (unsuitable)',
  );
  expect(outcome(await decides('suitable', PATIENT))).toBe('eligible');
});

test('a nomination makes a subject of somebody with a disease alone', async () => {
  const ctx = b.feedContext('ya', 1);
  const run = await take(b.patient(ctx), ...hepatitisB(ctx));
  expect(run.rows).toEqual([]);
  expect(outcome(await decides('nominate', PATIENT))).toBe('potential-candidate (no-open-request)');
  expect(rowOf(await take(), PATIENT).status).toBe('potential-candidate');
});

test('a text diagnosis that is confirmed is evidence; a new version of it is a new suggestion', async () => {
  const ctx = b.feedContext('ya', 1);
  const text = b.condition(ctx, { code: b.textOnly('肝左叶血管瘤') });
  const first = await take(...eligiblePerson(ctx, { disease: [text] }));
  expect(rowOf(first, PATIENT)).toMatchObject({ status: 'screening', group: null });
  const about = `Condition/${text.id}/_history/1`;
  const confirmed = await decides('confirm', PATIENT, { about, answer: 'hepatic-hemangioma', reason: 'seen on MRI' });
  expect(outcome(confirmed)).toBe('eligible');
  expect(rowOf(await take(), PATIENT)).toMatchObject({ status: 'eligible', group: 'Normal' });
  const again = await take({ ...text, meta: { ...text.meta, ...LATER } });
  expect(rowOf(again, PATIENT).status).toBe('screening');
});

test('a settled review item stands until something new is found', async () => {
  const ctx = b.feedContext('ya', 1);
  const low = b.lab(ctx, 'platelets', 41, { on: '2025-05-28T09:00:00+08:00' });
  await take(...eligiblePerson(ctx, { more: [low] }));
  const settle = { about: 'E2', answer: 'not-met', reason: 'hypersplenism, surgeon informed' };
  expect(outcome(await decides('settle', PATIENT, settle))).toBe('eligible');
  const lower = b.lab(ctx, 'platelets', 30, { on: '2025-05-29T09:00:00+08:00' });
  expect(rowOf(await take(lower), PATIENT)).toMatchObject({ status: 'screening', reason: 'coagulation-abnormal' });
});

test('declined, reopened by a person, declined again, reopened by a newer Consent', async () => {
  const ctx = b.feedContext('ya', 1);
  await take(...eligiblePerson(ctx, { consents: [] }));
  const at = (day: string) => ({ clock: Date.parse(`${day}T10:00:00+08:00`) });
  expect(outcome(await decides('decline', PATIENT, at('2025-05-20')))).toBe('not-registered (declined)');
  expect(outcome(await decides('reopen', PATIENT, { ...at('2025-05-21'), reason: 'asked again' }))).toMatch(
    /^screening/,
  );
  expect(outcome(await decides('decline', PATIENT, at('2025-05-22')))).toBe('not-registered (declined)');
  const run = await take(b.consent(ctx, { on: '2025-05-25T10:00:00+08:00' }));
  expect(rowOf(run, PATIENT).status).toBe('eligible');
});

test('withdrawal before enrolment is withdrawn, after it off-study; the number stays', async () => {
  await take(...person(1), ...person(2));
  expect(outcome(await decides('withdraw', PATIENT))).toBe('withdrawn (consent-withdrawn)');
  await decides('enrol', 'Patient/ya-p-000002', ATTESTS);
  expect(outcome(await decides('withdraw', 'Patient/ya-p-000002'))).toBe('off-study (consent-withdrawn) HBV-1');
});

test('what arrives after enrolment moves nobody back, and regrouping keeps the number', async () => {
  const ctx = b.feedContext('ya', 1);
  await take(...eligiblePerson(ctx, { disease: measuredHemangioma(ctx) }));
  expect(outcome(await decides('enrol', PATIENT, ATTESTS))).toBe('on-study Normal-1');
  const run = await take(...hepatitisB(ctx), b.condition(ctx, { code: b.concept(b.icd10('B24', 'HIV disease')) }));
  expect(rowOf(run, PATIENT)).toMatchObject({ status: 'on-study', group: 'HBV' });
  expect(await subjectBody()).toMatchObject({
    assignedArm: 'Normal',
    actualArm: 'HBV',
    identifier: [{ value: 'Normal-1' }],
  });
});

test('an enrolment in error voids the number for ever', async () => {
  await take(...person(1), ...person(2));
  await decides('enrol', PATIENT, ATTESTS);
  expect(outcome(await decides('enrolled-in-error', PATIENT, { reason: 'wrong-person' }))).toBe(
    'off-study (enrolled-in-error)',
  );
  expect(outcome(await decides('enrol', 'Patient/ya-p-000002', ATTESTS))).toBe('on-study HBV-2');
  const numbers = await gateway.store.withTransaction((tx) => tx.study.numbers());
  expect(numbers.map(({ group, number, voided }) => [group, number, voided?.reason ?? null])).toEqual([
    ['HBV', 1, 'wrong-person'],
    ['HBV', 2, null],
  ]);
});

test('a merge after enrolment keeps the enrolled subject and its number', async () => {
  const ctx = b.feedContext('ya', 1);
  const other = b.feedContext('ya', 2);
  await take(b.patient(other), ...hepatitisB(other), ...openRequest(other), ...eligiblePerson(ctx));
  const before = await decides('enrol', PATIENT, ATTESTS);
  expect(outcome(before)).toBe('on-study HBV-1');
  const run = await take(b.patient(ctx, { ...LATER, link: [b.replacedBy(other)] }));
  expect(run.rows.map(({ patient, subject, status }) => [patient, subject, status])).toEqual([
    ['Patient/ya-p-000002', before.ok && before.subject, 'on-study'],
  ]);
  expect(run.subjects).toHaveLength(1);
});

test('the same decision twice is one; each is audited and moves with the cause decision', async () => {
  await take(...person());
  await decides('enrol', PATIENT, { ...ATTESTS, id: 'd1' });
  await decides('enrol', PATIENT, { ...ATTESTS, id: 'd1' });
  const [moves, audit] = await gateway.store.withTransaction(async (tx) => {
    const { subject } = (await tx.hospital.enrolments())[0]!;
    return [await tx.hospital.moves(subject), await tx.audit()] as const;
  });
  expect(moves.map(({ from, to, cause }) => `${from} ${to} ${cause}`)).toEqual([
    'null eligible data',
    'eligible on-study decision',
  ]);
  expect(audit.map(({ action, detail }) => `${action} ${detail}`)).toEqual([
    'subject-created eligible v1',
    'subject-updated on-study v2',
    'decision enrol by investigator',
  ]);
});

test('decisions come in a feed as Tasks, in the order of their signing, and a refused one is set aside', async () => {
  const task = (id: string, code: string, at: string, seen: number, role = 'investigator', attests: string[] = []) => ({
    resourceType: 'Task',
    id,
    meta: { versionId: '1', source: 'https://ya.example.cn/fhir' },
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code }] },
    for: { reference: PATIENT },
    focus: { reference: `ResearchSubject/unknown/_history/${seen}` },
    authoredOn: at,
    requester: { identifier: { system: 'https://ya.example.cn/sid/staff', value: 'li' } },
    input: [['role', role], ...attests.map((one) => ['attests', one])].map(([name, value]) => ({
      type: { coding: [{ code: name }] },
      valueString: value,
    })),
  });
  const tasks = [
    task('t2', 'collection-done', '2025-06-02T09:00:00+08:00', 2),
    task('t1', 'enrol', '2025-06-01T09:00:00+08:00', 1, 'investigator', ['E3', 'E4']),
    task('t3', 'enrol', '2025-06-03T09:00:00+08:00', 3, 'coordinator'),
  ];
  const run = await runOver(gateway, { feed: ndjson([...person(), ...tasks]) });
  expect(rowOf(run, PATIENT)).toMatchObject({ status: 'follow-up' });
  expect(run.quarantine.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
    'decision-refused decision-role: enrol is for investigator.',
  ]);
  const again = await runOver(gateway, { feed: ndjson(tasks) });
  expect(again.subjects).toEqual(run.subjects);
});

test('outside the enrolment period an enrolment needs a reason', async () => {
  await take(...person());
  const clock = Date.parse('2026-02-13T10:00:00+08:00');
  const run = await runOver(gateway, {}, { now: clock });
  expect(rowOf(run, PATIENT).status).toBe('eligible');
  expect(outcome(await decides('enrol', PATIENT, { ...ATTESTS, clock }))).toBe('decision-incomplete');
  expect(outcome(await decides('enrol', PATIENT, { ...ATTESTS, clock, reason: 'surgery was postponed' }))).toBe(
    'on-study HBV-1',
  );
  expect(clock).toBeGreaterThan(NOW);
});
