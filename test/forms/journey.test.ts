import type { r4 } from '../../src/fhir/resource.ts';
import { createClusters } from '../../src/identity/merge.ts';
import { readPerson } from '../../src/pipeline/person.ts';
import { grantsOf } from '../../src/research/gate/grants.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import { feedContext } from '../feed/builders.ts';
import { NOW, ndjson, openTestGateway, rowOf, runOver, verdictsOf } from '../pipeline/gateway.ts';
import { BLOOD, CONSENT, type Desk, EVENT, EXAMINATION, openDesk, resources, respond } from './study-forms.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});

const ctx = () => feedContext('nf', 1, 'forms');
const subject = { reference: `Patient/${ctx().patientId}` };

/** A response and its resources as a file, as the command line writes them. */
const file = (response: r4.QuestionnaireResponse, id = 'consent') =>
  ndjson([{ ...response, meta: { ...response.meta, source: desk.site.fhirBase } }, ...resources(desk, id, response)]);

const state = (run: Parameters<typeof rowOf>[0]) => {
  const row = rowOf(run, subject.reference);
  return [row.status, verdictsOf(row).I1];
};

test('a paper consent told by form turns a screening person eligible; taken back, screening again', async () => {
  const gateway = await openTestGateway();
  const before = await runOver(gateway, { feed: ndjson(eligiblePerson(ctx(), { consents: [] })) });
  expect(state(before)).toEqual(['screening', 'unknown']);

  const response = respond(desk, 'consent', CONSENT, { subject });
  const after = await runOver(gateway, { form: file(response) });
  expect(after.quarantine).toEqual([]);
  expect(state(after)).toEqual(['eligible', 'met']);

  // The same once more changes nothing.
  const again = await runOver(gateway, { form: file(response) });
  expect([again.tally.changes.unchanged, again.tally.changes.added, again.tally.changes.updated]).toEqual([1, 0, 0]);

  const head = { subject, versionId: '2', at: '2025-06-01T05:00:00.000Z' };
  const refusal = { signed: '2025-05-21', version: 'v3.0', signer: 'Patient', decision: 'deny' };
  const amended = respond(desk, 'consent', refusal, { ...head, status: 'amended' });
  expect(state(await runOver(gateway, { form: file(amended) }))).toEqual(['not-registered', 'not-met']);

  // The first version arriving late is older, whatever the order.
  expect(state(await runOver(gateway, { form: file(response) }))).toEqual(['not-registered', 'not-met']);

  const erased = respond(
    desk,
    'consent',
    {},
    { ...head, versionId: '3', at: '2025-06-01T06:00:00.000Z', status: 'entered-in-error' },
  );
  expect(state(await runOver(gateway, { form: file(erased) }))).toEqual(['screening', 'unknown']);
  await gateway.store.close();
});

test('an outdated version is recorded as it was signed, and not counted', async () => {
  const gateway = await openTestGateway();
  const response = respond(desk, 'consent', { ...CONSENT, version: 'v1.0' }, { subject });
  const run = await runOver(gateway, {
    feed: ndjson(eligiblePerson(ctx(), { consents: [] })),
    form: file(response),
  });
  expect(state(run)).toEqual(['screening', 'not-met']);
  await gateway.store.close();
});

test("a guardian's consent counts for a minor", async () => {
  const gateway = await openTestGateway();
  const minor = eligiblePerson(ctx(), { patient: { birthDate: '2013-03-01' }, consents: [] });
  const alone = respond(desk, 'consent', CONSENT, { subject });
  const guardian = { ...CONSENT, signer: 'Guardian', relationship: 'Mother' };
  const run = await runOver(gateway, { feed: ndjson(minor), form: file(alone) });
  expect(state(run)).toEqual(['screening', 'unknown']);
  const head = { subject, versionId: '2', at: '2025-06-01T05:00:00.000Z', status: 'amended' } as const;
  expect(state(await runOver(gateway, { form: file(respond(desk, 'consent', guardian, head)) }))).toEqual([
    'eligible',
    'met',
  ]);
  await gateway.store.close();
});

test('what the forms give passes intake and is kept in the record; an adverse event taken back stays told as such', async () => {
  const gateway = await openTestGateway();
  const given = { specimen: BLOOD, examination: { ...EXAMINATION, height: 170 }, 'adverse-event': EVENT };
  const made = Object.entries({ consent: CONSENT, ...given }).flatMap(([id, answers]) =>
    resources(desk, id, respond(desk, id, answers, { subject, id: `qr-${id}` })),
  );
  const head = { subject, id: 'qr-adverse-event', versionId: '2', at: '2025-06-01T05:00:00.000Z' } as const;
  const erased = resources(
    desk,
    'adverse-event',
    respond(desk, 'adverse-event', {}, { ...head, status: 'entered-in-error' }),
  );
  const run = await runOver(gateway, {
    feed: ndjson(eligiblePerson(ctx(), { consents: [] })),
    forms: ndjson([...made, ...erased]),
  });
  expect(run.quarantine).toEqual([]);
  const person = await gateway.store.withTransaction(async ({ hospital }) => {
    const clusters = createClusters(await hospital.links('nf'));
    return readPerson(hospital, clusters, 'nf', clusters.of(ctx().patientId));
  });
  const kept = new Map(person.rows.map((row) => [`${row.type}/${row.id}`, row]));
  expect(made).toHaveLength(12);
  for (const { resourceType, id } of made) {
    expect(kept.get(`${resourceType}/${id}`)?.versionId).toBe(resourceType === 'AdverseEvent' ? '2' : '1');
  }
  expect(kept.get(`AdverseEvent/${erased[0].id}`)?.body).toContain('entered-in-error');
  await gateway.store.close();
});

test('the consent gate reads the purposes as they were told', () => {
  const [consent] = resources(desk, 'consent', respond(desk, 'consent', { ...CONSENT, purpose: ['data', 'abroad'] }));
  const purposes = {
    system: 'https://ncct.example.cn/cs/consent-purpose',
    codes: new Set(['data', 'blood', 'tissue', 'omics', 'abroad']),
    ofData: 'data',
  };
  const grants = grantsOf(
    {
      consents: [consent],
      birth: { first: 5000, last: 5000 },
      selves: new Set([consent.patient.reference]),
      signerOf: () => 'patient',
      formInForce: () => true,
    },
    desk.site,
    { ...desk.study, purposes },
    NOW,
    null,
  );
  const at = { start: NOW, end: NOW + 1 };
  const may = [...purposes.codes].map((purpose) => `${purpose} ${grants.may(purpose, at)}`);
  expect(may).toEqual(['data yes', 'blood no', 'tissue no', 'omics no', 'abroad yes']);
  expect(grants.doubts).toEqual([]);
});
