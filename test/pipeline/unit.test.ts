import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { writeUnit } from '../../src/pipeline/unit.ts';
import * as b from '../feed/builders.ts';
import { pointToPatient } from '../feed/references.ts';
import type { Parcel } from './delivery.ts';
import { openTestGateway } from './gateway.ts';
import { isWritable, pendingOf, prepared, push } from './push.ts';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const [a, c] = [b.feedContext('ya', 1), b.feedContext('ya', 2)];
const [A, C] = [a.patientId, c.patientId];

/** The same resource, so many hours younger. */
const version = (resource: FhirResource, number: number, given: object = {}): FhirResource => ({
  ...resource,
  ...given,
  meta: { ...resource.meta, versionId: `${number}`, lastUpdated: `2025-05-29T1${number}:00:00.000+08:00` },
});
const withdrawn = { status: 'entered-in-error' };
const send = (...resources: FhirResource[]) => sendParcels(...resources.map((resource) => ({ resource })));
async function sendParcels(...parcels: Parcel[]): Promise<[string, number | null][]> {
  const { outcomes } = await push(gateway, parcels);
  return outcomes.map((one) => {
    if (one.kind === 'form') throw new Error('a form');
    return [one.outcome, one.revision];
  });
}

/** Takes everybody off the list, as if they had been screened. */
const clear = () =>
  gateway.store.withTransaction(async ({ hospital }) => {
    for (const { site, person, upTo } of await hospital.takePending(1000)) {
      await hospital.clearPending(site, person, upTo);
    }
  });

describe('outcome and revision', () => {
  const condition = b.condition(a, { code: b.concept(b.icd10('D18.0')) });

  test('of a resource that is kept: the revision rises with what replaces it, deletions too', async () => {
    expect(await send(version(condition, 1))).toEqual([['added', 1]]);
    expect(await send(version(condition, 1))).toEqual([['unchanged', 1]]);
    expect(await send(version(condition, 3))).toEqual([['updated', 2]]);
    expect(await send(version(condition, 2))).toEqual([['stale', 2]]);
    expect(await sendParcels({ site: 'ya', deleted: `Condition/${condition.id}` })).toEqual([['deleted', 3]]);
    expect(await send(version(condition, 4))).toEqual([['stale', 3]]);
    const again = version(condition, 5);
    again.meta!.lastUpdated = '2025-05-31T00:00:00Z';
    expect(await send(again, again)).toEqual([
      ['updated', 4],
      ['unchanged', 4],
    ]);
  });

  test('of one that is not kept: it is remembered as well, and goes on when a later version is kept', async () => {
    const other = { code: b.concept(b.icd10('J45.9')) };
    expect(await send(version(condition, 2, other))).toEqual([['not-needed', 1]]);
    expect(await send(version(condition, 2, other))).toEqual([['not-needed', 1]]);
    expect(await send(version(condition, 1, other))).toEqual([['not-needed', 1]]);
    expect(await send(version(condition, 1))).toEqual([['stale', 1]]);
    expect(await send(version(condition, 3, other))).toEqual([['not-needed', 2]]);
    expect(await pendingOf(gateway)).toEqual([]);
    expect(await send(version(condition, 4))).toEqual([['added', 3]]);
  });

  test('a version that was not needed and is now, since a dictionary has learnt, is still the same one', async () => {
    const other = version(condition, 2, { code: b.concept(b.icd10('J45.9')) });
    await send(other);
    const unit = (await prepared(gateway, [{ resource: other }])).filter(isWritable);
    const known = unit.map((one) =>
      one.kind === 'change' ? { ...one, change: { ...one.change, need: { ...one.change.need, needed: true } } } : one,
    );
    const [outcome] = await gateway.store.withTransaction((tx) => writeUnit(tx, known));
    const key = { site: 'ya', type: 'Condition', id: condition.id };
    expect(outcome).toEqual({ kind: 'change', outcome: 'added', key, revision: 1 });
  });

  test('of a type that nobody asks for nothing is remembered', async () => {
    const { id, meta } = { ...condition, id: condition.id! };
    const resource: FhirResource = { resourceType: 'Basic', id, meta: meta!, code: { text: 'x' } };
    expect(await send(version(resource, 1))).toEqual([['not-needed', null]]);
  });
});

describe('who is to be screened', () => {
  const [patientA, patientC] = [b.patient(a), b.patient(c)];
  const condition = b.condition(a, { code: b.concept(b.icd10('D18.0')) });
  const relative = b.relatedPerson(a);

  test('whom a change is about; nobody for what changes nothing', async () => {
    await send(version(patientA, 1), version(patientC, 1), version(condition, 2));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(condition, 2), version(condition, 1), version(patientC, 1));
    expect(await pendingOf(gateway)).toEqual([]);
    await sendParcels({ site: 'ya', deleted: `Condition/${condition.id}` });
    expect(await pendingOf(gateway)).toEqual([A]);
  });

  test('both, when a resource turns out to be about somebody else', async () => {
    await send(version(condition, 1));
    await clear();
    await send(version(condition, 2, { subject: { reference: `Patient/${C}` } }));
    expect(await pendingOf(gateway)).toEqual([A, C]);
  });

  test('somebody of whom an identifier is known as yet', async () => {
    const { system, value } = b.mrn(a);
    const target = { reference: `Patient?identifier=${system}|${value}` };
    await send(...pointToPatient(a, [condition], target));
    expect(await pendingOf(gateway)).toEqual([expect.stringMatching(/^\?/)]);
  });

  test('everybody who is merged, and everybody who no longer is', async () => {
    const linked = (number: number) => version(patientA, number, { link: [b.replacedBy(c)] });
    await send(version(patientA, 1), version(patientC, 1));
    await clear();
    await send(linked(2));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(patientA, 3));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await send(linked(4));
    await clear();
    await sendParcels({ site: 'ya', deleted: `Patient/${A}` });
    expect(await pendingOf(gateway)).toEqual([A, C]);
  });

  test('who is linked by an identifier, once it is known and when it is taken away', async () => {
    const { system, value } = b.mrn(c);
    const other = { identifier: { system, value } };
    await send(version(patientA, 1, { link: [{ other, type: 'replaced-by' }] }));
    await clear();
    await send(version(patientC, 1));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(patientC, 2, { identifier: undefined }));
    expect(await pendingOf(gateway)).toEqual([A, C]);
  });

  test('who shares an identifier that comes or goes', async () => {
    await send(version(patientA, 1));
    await clear();
    await send(version(patientC, 1, { identifier: [b.mrn(a)] }));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(patientC, 2));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(patientC, 3));
    expect(await pendingOf(gateway)).toEqual([C]);
  });

  test('whose consent names a RelatedPerson of somebody else, when that comes or goes', async () => {
    const consent = b.consent(c, { on: '2025-05-15', performer: relative });
    await send(version(consent, 1));
    await clear();
    await send(version(relative, 1));
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    await send(version(relative, 2));
    expect(await pendingOf(gateway)).toEqual([A]);
    await clear();
    await sendParcels({ site: 'ya', deleted: `RelatedPerson/${relative.id}` });
    expect(await pendingOf(gateway)).toEqual([A, C]);
    await clear();
    // It no longer names them.
    await send(version(consent, 2, { performer: undefined, ...withdrawn }));
    await clear();
    const back = version(relative, 3);
    back.meta!.lastUpdated = '2025-05-31T00:00:00Z';
    await send(back);
    expect(await pendingOf(gateway)).toEqual([A]);
  });
});
