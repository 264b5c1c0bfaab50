import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { createLensDesk } from '../../src/pipeline/lens-desk.ts';
import {
  isReleaseRefusal,
  type Made,
  makeRelease,
  type Prospect,
  prospectOf,
  type ReleaseDesk,
  recordRelease,
} from '../../src/pipeline/release.ts';
import { tablesWriter } from '../../src/pipeline/release-tables.ts';
import { withdrawnOf } from '../../src/pipeline/release-withdrawn.ts';
import type { Agreement } from '../../src/release/agreement.ts';
import { ndjsonWriter } from '../../src/release/files.ts';
import { loadTables } from '../../src/tables/load.ts';
import { eligiblePerson, measuredHemangioma } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { HOME, NOW } from '../pipeline/gateway.ts';
import { agreementOn, KEYRING } from '../release/agreements.ts';
import { linesOf, recordsOf } from '../tables/people.ts';
import { type Journey, newer, startJourney } from './research-side.ts';

// What registries get of people, from their consent at the hospital to a release, and what becomes of it.

const PURPOSE = 'https://ncct.example.cn/cs/consent-purpose';
const PATIENTS = [1, 2, 3].map((number) => `Patient/ya-p-00000${number}`);
const KINDS = [
  { purpose: 'blood', element: 'type', system: 'http://snomed.info/sct', codes: ['119297000'] },
  { purpose: 'tissue', element: 'type', system: 'http://snomed.info/sct', codes: ['119376003'] },
];
const RESOURCES = {
  Patient: ['gender'],
  ResearchSubject: ['status', 'study', 'individual', 'assignedArm'],
  Condition: ['clinicalStatus', 'verificationStatus', 'code', 'subject', 'recordedDate'],
  Observation: ['status', 'code', 'subject', 'effective', 'value', 'dataAbsentReason'],
  Specimen: { elements: ['status', 'type', 'subject', 'collection.collected', 'extension(specimen-hold)'], kinds: KINDS },
};
const AGREEMENT = agreementOn({ dates: 'shifted', resources: RESOURCES });

let journey: Journey;
let desk: ReleaseDesk;
let made: number;
beforeEach(async () => {
  journey = await startJourney();
  made = 0;
  const { store, loaded } = journey.gateway;
  const { privateKey: signingKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const clock = () => NOW + made++ * 1000;
  desk = { store, study: loaded.study, keyring: KEYRING, signingKey, writers: [ndjsonWriter], clock, actor: 'test' };
});
afterEach(() => journey.gateway.store.close());

interface Sent {
  ctx: b.FeedContext;
  all: FhirResource[];
  consent: FhirResource;
}

/** An eligible person who signed on 15 May, with what is nested in the provision. */
function person(number: number, nested: readonly object[] = []): Sent {
  const ctx = b.feedContext('ya', number, 'journey');
  const signed = b.consent(ctx, { on: '2025-05-15' });
  const consent = nested.length > 0 ? { ...signed, provision: { type: 'permit', provision: nested } } : signed;
  const need = [b.serviceRequest(ctx, { on: '2025-06-10' })];
  return { ctx, all: eligiblePerson(ctx, { need, disease: measuredHemangioma(ctx), consents: [consent] }), consent };
}
const clause = (type: string, code: string, more: object = {}) => ({ type, purpose: [{ system: PURPOSE, code }], ...more });

async function grantedOf(patient: string): Promise<unknown> {
  const subject = await journey.subjectOf(patient);
  const row = await journey.gateway.store.withTransaction(({ study }) => study.grantedOf(subject));
  return row && JSON.parse(row.purposes);
}

async function release(agreement: Agreement = AGREEMENT, now = NOW): Promise<Made> {
  const done = await makeRelease(desk, agreement, 'dr.wang', now);
  if (isReleaseRefusal(done)) throw new Error(done.message);
  await recordRelease(desk, done);
  return done;
}
async function prospect(agreement: Agreement = AGREEMENT, now = NOW): Promise<Prospect> {
  const found = await prospectOf(desk, agreement, now);
  if (isReleaseRefusal(found)) throw new Error(found.message);
  return found;
}
/** `participant causes` of everybody who changed. */
const changes = async (agreement?: Agreement, now?: number) =>
  (await prospect(agreement, now)).diff.map(({ participant, causes }) => `${participant} ${causes.join('+')}`).sort();
const enrol = (patient: string) => journey.decides('enrol', patient, { attests: ['E3', 'E4'] });

describe('the study side learns which purposes are granted', () => {
  const FORM = { blood: null, data: null, omics: null, tissue: null };

  test('what the form covers, what was taken back, what was granted beside, until when', async () => {
    await journey.take([
      ...person(1).all,
      ...person(2, [clause('deny', 'tissue')]).all,
      ...person(3, [clause('permit', 'abroad', { period: { end: '2025-12-31' } })]).all,
    ]);
    const { tissue: _, ...others } = FORM;
    expect(await Promise.all(PATIENTS.map(grantedOf))).toEqual([
      FORM,
      others,
      { ...FORM, abroad: '2025-12-31T16:00:00.000Z' },
    ]);
    await journey.settles();
  });

  test('nothing after a withdrawal, by Consent or by decision; everything again after a new signature', async () => {
    const [one, two] = [person(1), person(2)];
    await journey.take([...one.all, ...two.all]);
    await journey.take([newer(one.consent, '2025-06-01', { status: 'inactive' })]);
    await journey.decides('withdraw', PATIENTS[1]!);
    const lost = { blood: false, data: false, omics: false, tissue: false };
    expect([await grantedOf(PATIENTS[0]!), await grantedOf(PATIENTS[1]!)]).toEqual([lost, lost]);
    await journey.take([b.consent(one.ctx, { on: '2025-06-01T10:00:00+08:00' })]);
    expect(await grantedOf(PATIENTS[0]!)).toEqual(FORM);
  });

  test('somebody who never consented leaves no row', async () => {
    const ctx = b.feedContext('ya', 1, 'journey');
    await journey.take(eligiblePerson(ctx, { disease: measuredHemangioma(ctx), consents: [] }));
    expect(await grantedOf(PATIENTS[0]!)).toBeNull();
  });

  test('a merged person grants under the subject that stays', async () => {
    const [one, two] = [person(1), person(2)];
    await journey.take([...one.all, ...two.all]);
    const other = await journey.subjectOf(PATIENTS[1]!);
    await journey.take([newer(two.all[0]!, '2025-06-01', { link: [b.replacedBy(one.ctx)] })]);
    const rows = await journey.gateway.store.withTransaction(({ study }) => study.granted());
    expect(rows.map(({ subject, purposes }) => [subject === other, !purposes.includes('null')]).sort()).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});

test('blood and tissue of the same two people: each for whom it was granted', async () => {
  const people = [person(1), person(2, [clause('deny', 'blood')])];
  const drawn = people.flatMap(({ ctx }, at) => [
    b.specimen(ctx, { on: '2025-05-30T08:00:00+08:00', kit: `YA-0001${at}` }),
    b.specimen(ctx, { type: '119376003', on: '2025-05-31T08:00:00+08:00', ml: null, kit: `YA-0002${at}` }),
  ]);
  await journey.take([...people.flatMap(({ all }) => all), ...drawn]);
  const { draft } = await prospect();
  const codes = draft.people.map(({ resources }) =>
    resources.flatMap(({ resourceType, type }) =>
      resourceType === 'Specimen' ? [(type as { coding: { code: string }[] }).coding[0]!.code] : [],
    ),
  );
  expect(codes.map((of) => of.length).sort()).toEqual([1, 2]);
  expect(codes.find((of) => of.length === 1)).toEqual(['119376003']);
  expect(draft.itemsLeft).toContainEqual({ reason: 'purpose-not-granted', about: 'blood (Specimen)', people: 1, items: 1 });
});

test('abroad: only who granted it, and only until it ends', async () => {
  await journey.take([...person(1).all, ...person(2, [clause('permit', 'abroad', { period: { end: '2025-06-30' } })]).all]);
  const abroad = agreementOn({ abroad: true, resources: RESOURCES });
  const { draft } = await prospect(abroad);
  expect(draft.people).toHaveLength(1);
  expect(draft.peopleLeft).toEqual([{ reason: 'purpose-not-granted', about: 'abroad', people: 1, items: 0 }]);
  // No screening in between: the end was known.
  const after = Date.parse('2025-07-01T00:00:00+08:00');
  expect((await prospect(abroad, after - 1)).draft.people).toHaveLength(1);
  expect((await prospect(abroad, after)).draft.people).toEqual([]);
});

describe('releases one after another', () => {
  let sent: Sent[];
  beforeEach(async () => {
    sent = [person(1), person(2)];
    await journey.take(sent.flatMap(({ all }) => all));
    for (const patient of PATIENTS.slice(0, 2)) await enrol(patient);
  });

  test('of the same data are the same, byte for byte, but for number and time', async () => {
    const [first, second] = [await release(), await release()];
    expect(second.files).toEqual(first.files);
    const { release: name, number, made: at, ...content } = first.manifest;
    expect([name, number, at]).toEqual(['some-0001', 1, new Date(NOW).toISOString()]);
    expect(second.manifest).toEqual({ ...content, release: 'some-0002', number: 2, made: expect.any(String) });
    expect(await changes()).toEqual([]);
  });

  test('the first: everybody is new', async () => {
    expect(await changes()).toEqual(['Normal-1 new', 'Normal-2 new']);
  });

  test('changed: a new result; correction: one that was another', async () => {
    await release();
    await journey.take([b.lab(sent[0]!.ctx, 'platelets', 190, { on: '2025-05-31T09:00:00+08:00', id: 'ya-o-late' })]);
    expect(await changes()).toEqual(['Normal-1 changed']);
    await release();
    const late = b.lab(sent[0]!.ctx, 'platelets', 19, { on: '2025-05-31T09:00:00+08:00', id: 'ya-o-late' });
    await journey.take([newer(late, '2025-06-01', {})]);
    expect(await changes()).toEqual(['Normal-1 correction']);
  });

  test('withdrawn: gone from the next release; the list says which ones held them', async () => {
    await release();
    await release(agreementOn({ id: 'other', registry: 'other', resources: RESOURCES }));
    await journey.decides('withdraw', PATIENTS[1]!);
    expect(await changes()).toEqual(['Normal-2 withdrawn']);
    const { store } = journey.gateway;
    const listed = await store.read((tx) => withdrawnOf(tx, 'data', NOW));
    expect(listed.map(({ registry, number, withdrawn }) => [registry, number, withdrawn])).toEqual([
      ['other', 1, ['Normal-2']],
      ['some', 1, ['Normal-2']],
    ]);
    const held = await store.read(({ study }) => study.releasesWith('Normal-2'));
    expect(held.map(({ registry, number }) => `${registry} ${number}`)).toEqual(['other 1', 'some 1']);
    await release();
    const last = await store.read((tx) => withdrawnOf(tx, 'data', NOW));
    expect(last.at(-1)).toMatchObject({ registry: 'some', number: 2, withdrawn: [] });
  });

  test('part of a consent taken back is a withdrawal too', async () => {
    await journey.take([b.specimen(sent[0]!.ctx, { on: '2025-05-30T08:00:00+08:00', kit: 'YA-00010' })]);
    await release();
    const denied = { provision: { type: 'permit', provision: [clause('deny', 'blood')] } };
    await journey.take([newer(sent[0]!.consent, '2025-06-01', denied)]);
    expect((await prospect()).diff).toMatchObject([{ participant: 'Normal-1', causes: ['withdrawn'], removed: 1 }]);
  });

  test('agreement: the same people, told otherwise, or less of them, or not any more', async () => {
    await release();
    expect(await changes(agreementOn({ dates: 'year', resources: RESOURCES }))).toEqual([
      'Normal-1 agreement',
      'Normal-2 agreement',
    ]);
    const { Observation: _, ...fewer } = RESOURCES;
    expect(await changes(agreementOn({ dates: 'shifted', resources: fewer }))).toHaveLength(2);
    const elsewhere = agreementOn({ dates: 'shifted', sites: ['nf'], resources: RESOURCES });
    expect(await changes(elsewhere)).toEqual(['Normal-1 agreement', 'Normal-2 agreement']);
    const abroad = agreementOn({ dates: 'shifted', abroad: true, resources: RESOURCES });
    expect(await changes(abroad)).toEqual(['Normal-1 agreement', 'Normal-2 agreement']);
  });

  test('a registry finds nothing of another: no id in common', async () => {
    await journey.take([...person(3).all, ...person(4).all, ...person(5).all]);
    const [one, other] = [await release(), await release(agreementOn({ id: 'b', registry: 'b', resources: RESOURCES }))];
    const ids = ({ files }: Made) => new Set(files.flatMap(({ content }) => content.match(/"[a-z2-7]{26}"/g) ?? []));
    expect(ids(one).size).toBeGreaterThan(10);
    // Nor does the order say who is who: it is that of the registry's own ids.
    for (const { files } of [one, other]) {
      const lines = files.find(({ name }) => name === 'ResearchSubject.ndjson')!.content.trim().split('\n');
      const order = lines.map((line) => JSON.parse(line).id);
      expect(order).toEqual([...order].sort());
    }
    expect([...ids(one)].filter((id) => ids(other).has(id))).toEqual([]);
  });

  test.each([
    ['not-approver', AGREEMENT, 'dr.li', NOW],
    ['not-in-force', AGREEMENT, 'dr.wang', Date.parse('2026-01-01T12:00:00+08:00')],
    ['too-few-people', agreementOn({ smallestCell: 3, resources: RESOURCES }), 'dr.wang', NOW],
  ])('%s: no release', async (code, agreement, approver, now) => {
    expect(await makeRelease(desk, agreement, approver, now)).toMatchObject({ kind: 'release-refusal', code });
  });
});

describe('verdicts on criteria', () => {
  const WITH = agreementOn({
    ...{ dates: 'exact', tables: ['csv', 'dataset-json'], resources: RESOURCES },
    criteria: ['I1', 'E2'],
  });
  const known = async (patient: string) => {
    const subject = await journey.subjectOf(patient);
    const row = await journey.gateway.store.read(({ study }) => study.verdictsOf(subject));
    return row && { version: row.version, verdicts: JSON.parse(row.verdicts) };
  };
  beforeEach(async () => {
    const loaded = await loadTables(HOME, join(HOME, 'studies', 'nct07265544'), journey.gateway.loaded.study);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    desk = { ...desk, writers: [ndjsonWriter, tablesWriter(loaded.value)] };
  });
  const contentOf = ({ files }: Made, name: string) => files.find((one) => one.name === name)?.content ?? null;

  test('the study side knows those that are not sensitive, of people who consent, and no more of them', async () => {
    const ctx = b.feedContext('ya', 2, 'journey');
    await journey.take([
      ...person(1).all,
      ...eligiblePerson(ctx, { disease: measuredHemangioma(ctx), consents: [] }),
    ]);
    const { version, verdicts } = (await known(PATIENTS[0]!))!;
    const { criteria } = journey.gateway.loaded.study;
    const open = criteria.filter(({ sensitive }) => !sensitive).map(({ id }) => id);
    expect([version, Object.keys(verdicts).sort()]).toEqual([1, [...open].sort()]);
    expect(criteria.length - open.length).toBe(1);
    expect(verdicts).toMatchObject({ I1: { verdict: 'met', since: '2025-06-01' }, E2: { verdict: 'not-met' } });
    expect(new Set(Object.values(verdicts as Record<string, object>).flatMap(Object.keys))).toEqual(
      new Set(['verdict', 'since']),
    );
    expect(await known(PATIENTS[1]!)).toBeNull();
    await journey.settles();
    expect((await known(PATIENTS[0]!))!.version).toBe(1);
    await journey.decides('withdraw', PATIENTS[0]!);
    expect(await known(PATIENTS[0]!)).toEqual({ version: 2, verdicts: {} });
  });

  test('a release tells those that the agreement names; again the same bytes; another verdict is a change', async () => {
    const sent = [person(1), person(2)];
    await journey.take(sent.flatMap(({ all }) => all));
    for (const patient of PATIENTS.slice(0, 2)) await enrol(patient);
    const [first, second] = [await release(WITH), await release(WITH)];
    expect(second.files).toEqual(first.files);
    expect(second.manifest.contentHash).toBe(first.manifest.contentHash);
    expect(first.manifest.agreement.criteria).toEqual(['E2', 'I1']);
    const rows = linesOf(contentOf(first, 'criteria.csv')!);
    expect(rows.slice(1).map((line) => [line.split(',')[3], line.split(',')[5]])).toEqual([
      ['I1', 'met'],
      ['E2', 'not-met'],
      ['I1', 'met'],
      ['E2', 'not-met'],
    ]);
    expect(recordsOf(contentOf(first, 'ie.json')!)).toEqual([]);
    expect(await changes(WITH)).toEqual([]);
    // Haemophilia.
    await journey.take([b.condition(sent[0]!.ctx, { code: b.concept(b.icd10('D66')) })]);
    expect(await changes(WITH)).toEqual(['Normal-1 changed']);
    const third = await release(WITH);
    expect(recordsOf(contentOf(third, 'ie.json')!)).toMatchObject([{ IETESTCD: 'E2', IEORRES: 'Y' }]);
    // Agreed no more: they are gone, and the cause is the agreement.
    expect(await changes(agreementOn({ dates: 'exact', tables: ['csv'], resources: RESOURCES }))).toEqual([
      'Normal-1 agreement',
      'Normal-2 agreement',
    ]);
  });

  test('without the grant nothing of them is in any file', async () => {
    await journey.take(person(1).all);
    const plain = await release(agreementOn({ dates: 'exact', tables: ['csv', 'dataset-json'], resources: RESOURCES }));
    expect(plain.files.map(({ name }) => name).filter((name) => /criteria|^ie/.test(name))).toEqual([]);
    expect(plain.manifest.agreement).not.toHaveProperty('criteria');
    expect(Object.keys(plain.prospect.draft.people[0]!.shown).filter((name) => name.startsWith('Verdict'))).toEqual([]);
  });
});

test('lenses of the service follow the consent from request to request', async () => {
  const { all, consent } = person(1);
  await journey.take(all);
  const { store, loaded } = journey.gateway;
  const agreements = new Map([['some', AGREEMENT]]);
  const lenses = createLensDesk({ store, agreements, keyring: KEYRING, study: loaded.study, clock: () => NOW });
  expect(lenses.lensFor('some')).toBeNull();
  await lenses.refresh();
  const subject = { id: await journey.subjectOf(PATIENTS[0]!), site: 'ya' };
  const row = (await journey.rowsOf(PATIENTS[0]!)).find(({ type }) => type === 'Patient')!;
  const shown = () => lenses.lensFor('some')!.show(JSON.parse(row.body), subject);
  expect(shown()).toMatchObject({ resourceType: 'Patient' });
  expect(lenses.lensFor('other')).toBeNull();
  await journey.take([newer(consent, '2025-06-01', { status: 'inactive' })]);
  await lenses.refresh();
  expect(shown()).toBeNull();
});
