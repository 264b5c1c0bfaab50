import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Place } from '../../src/fhir/refusal.ts';
import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import type { SetAside } from '../../src/intake/arrival.ts';
import type { Content } from '../../src/intake/content.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { purge } from '../../src/pipeline/purge.ts';
import { ageQuarantine, contentOfRow, quarantineRow } from '../../src/pipeline/quarantine.ts';
import { type Retried, retryQuarantine } from '../../src/pipeline/quarantine-retry.ts';
import type { QuarantineListed } from '../../src/store/quarantine-rows.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { pointToPatient } from '../feed/references.ts';
import { DAY, folder, NOW, ndjson, openTestGateway, runOver } from './gateway.ts';
import { hearAll, rowsOf } from './heard.ts';

const MOVED = 'https://moved.ya.example.cn/fhir';
const ya = (number: number) => b.feedContext('ya', number, 'quarantine');
const ID = 'ya-p-000001';

let file: string;
let gateway: Gateway;
/** The same store, once the site's dictionary knows the server under its new address. */
let mended: Gateway;
beforeEach(async () => {
  file = join(await folder(), 'store.sqlite');
  gateway = await openTestGateway(file);
  mended = { ...gateway, sites: new Map(gateway.sites).set('ya', { ...gateway.sites.get('ya')!, fhirBase: MOVED }) };
});
afterEach(() => gateway.store.close());

const take = (resources: readonly FhirResource[], name = 'feed.ndjson') =>
  runOver(gateway, { [name]: ndjson(resources) });
/** Resources of a person that say of the server's new address that the patient is there. */
const foreign = (ctx: b.FeedContext, resources: FhirResource[]) =>
  pointToPatient(ctx, resources, { reference: `${MOVED}/Patient/${ctx.patientId}` });
const open = () => gateway.store.withTransaction(({ hospital }) => hospital.openQuarantine({}));
const rowOf = (id: string) => gateway.store.withTransaction(({ hospital }) => hospital.quarantined(id));
const record = (type: string, id: string) =>
  gateway.store.withTransaction(({ hospital }) => hospital.record({ site: 'ya', type, id }));
const idsOf = (rows: readonly QuarantineListed[]) => rows.map(({ id }) => id);
const outcomes = (done: readonly Retried[]) => done.map(({ outcome }) => outcome);
const steatosis = (ctx: b.FeedContext, more: object = {}) =>
  b.condition(ctx, { code: b.concept(b.icd10('K76.0')), id: 'steatosis', ...more });

/** Keeps something refused as a program would that knows less than this one. */
async function keep(content: Content, place: Place = { file: 'f', line: 1, entry: null }): Promise<string> {
  const message = 'Not yet.';
  const refused: SetAside = {
    kind: 'refused',
    place,
    reason: 'shape',
    expression: null,
    message,
    content: () => content,
  };
  const row = await quarantineRow(gateway, gateway.sites.get('ya')!, refused);
  await gateway.store.withTransaction(({ hospital }) => hospital.putQuarantined(row));
  return row.id;
}

/** Everything that the store holds. */
function everything(): Record<string, unknown> {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const all = Object.fromEntries(tables.map(({ name }) => [name, db.prepare(`SELECT * FROM ${name}`).all()]));
  db.close();
  return all;
}

test('once the site knows its new address, what pointed there is taken in, as if it had come only now', async () => {
  const [patient, ...rest] = eligiblePerson(ya(1));
  const first = await take([patient!, ...foreign(ya(1), rest)]);
  expect(first.rows).toEqual([]);
  expect(new Set(first.quarantine.map(({ reason }) => reason))).toEqual(new Set(['subject-foreign']));
  const rows = await open();
  expect(rows).toHaveLength(rest.length);
  expect(rows.map(({ line }) => line).sort((x, y) => x! - y!)).toEqual(rest.map((_, at) => at + 2));

  expect(outcomes(await retryQuarantine(gateway, idsOf(rows)))).toEqual(rest.map(() => 'refused'));
  expect((await open()).map(({ attempts }) => attempts)).toEqual(rest.map(() => 2));
  expect(outcomes(await retryQuarantine(mended, idsOf(rows)))).toEqual(rest.map(() => 'resolved'));
  expect(await open()).toEqual([]);

  const { found } = await hearAll(mended, NOW);
  const other = await openTestGateway();
  const direct = await runOver(
    { ...other, sites: mended.sites },
    { f: ndjson([patient!, ...foreign(ya(1), rest)]) },
    {
      site: mended.sites.get('ya')!,
    },
  );
  await other.store.close();
  expect(rowsOf(found)).toEqual(direct.rows);
  expect(direct.rows.map(({ status }) => status)).toEqual(['eligible']);
});

test('the same line in three runs is one row that counts them; another line is another', async () => {
  const line = foreign(ya(1), [steatosis(ya(1))]);
  for (const name of ['monday', 'tuesday', 'wednesday']) await take(line, name);
  const [row, ...more] = await open();
  expect(more).toEqual([]);
  expect(row).toMatchObject({ site: 'ya', file: 'wednesday', line: 1, reason: 'subject-foreign', attempts: 3 });
  expect(row!.expression).toBe('Condition.subject.reference');
  expect(row!.id).toMatch(/^[a-z2-7]{26}$/);
  await take(foreign(ya(1), [steatosis(ya(1), { id: 'other' })]));
  expect(await open()).toHaveLength(2);
});

test('a second retry changes nothing in the store, whoever runs it', async () => {
  await take(foreign(ya(1), eligiblePerson(ya(1)).slice(1)));
  const ids = idsOf(await open());
  await retryQuarantine(mended, [...ids, ...ids]);
  const before = everything();
  expect((before.audit as { action: string; object: string; detail: string }[]).map(({ object }) => object)).toEqual(
    ids,
  );
  expect(before.audit).toContainEqual(
    expect.objectContaining({ action: 'quarantine-retried', object: ids[0], detail: 'resolved', actor: 'test' }),
  );
  expect(new Set(outcomes(await retryQuarantine(mended, ids)))).toEqual(new Set(['resolved-before']));
  expect(new Set(outcomes(await retryQuarantine(gateway, ids)))).toEqual(new Set(['resolved-before']));
  expect(everything()).toEqual(before);
});

test('two retries at the same time take a row in once', async () => {
  await take(foreign(ya(1), [steatosis(ya(1))]));
  const [id] = idsOf(await open());
  const both = await Promise.all([retryQuarantine(mended, [id!]), retryQuarantine(mended, [id!])]);
  expect(both.flatMap(outcomes).sort()).toEqual(['resolved', 'resolved-before']);
  expect(everything().audit).toHaveLength(1);
});

describe('something newer came meanwhile', () => {
  const newer = { versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00' };

  test('a newer version stands', async () => {
    await take(foreign(ya(1), [steatosis(ya(1))]));
    await take([steatosis(ya(1), newer)]);
    const before = await record('Condition', 'steatosis');
    expect(before).toMatchObject({ versionId: '2' });
    expect(outcomes(await retryQuarantine(mended, idsOf(await open())))).toEqual(['resolved']);
    expect(await record('Condition', 'steatosis')).toEqual(before);
  });

  test('a deletion stands', async () => {
    await take(foreign(ya(1), [steatosis(ya(1))]));
    const entry = [
      { request: { method: 'DELETE', url: 'Condition/steatosis' }, response: { lastModified: newer.lastUpdated } },
    ];
    const history = { resourceType: 'Bundle', type: 'history', meta: { source: ya(1).site.fhirBase }, entry };
    await runOver(gateway, { h: JSON.stringify(history) });
    expect(outcomes(await retryQuarantine(mended, idsOf(await open())))).toEqual(['resolved']);
    expect(await record('Condition', 'steatosis')).toMatchObject({ deleted: true, body: null });
  });

  test('a deletion without a time counts from when it came, not from when it is tried again', async () => {
    const deletion: Content = {
      form: 'deletion',
      type: 'Condition',
      id: 'steatosis',
      at: null,
      versionId: null,
      fullUrl: null,
      bundle: null,
    };
    await take([steatosis(ya(1))]);
    const first = await keep(deletion);
    // By the wall clock of the test after the deletion came, and before it is tried again.
    await take([steatosis(ya(1), { versionId: '2', lastUpdated: '2025-06-02T00:00:03Z' })]);
    expect((await rowOf(first))!.at).toBe('2025-06-02T00:00:02.000Z');
    expect(outcomes(await retryQuarantine(gateway, [first]))).toEqual(['resolved']);
    expect(await record('Condition', 'steatosis')).toMatchObject({ versionId: '2', deleted: false });
    const again = await keep(deletion);
    expect(again).toBe(first);
    expect(outcomes(await retryQuarantine(gateway, [again]))).toEqual(['resolved']);
    expect(await record('Condition', 'steatosis')).toMatchObject({ deleted: true });
  });
});

describe('what the program has learnt to read', () => {
  test('a Bundle: what is sound in it is taken in, what is not has a row of its own', async () => {
    const entry = [steatosis(ya(1)), { ...steatosis(ya(1)), id: 'bad', onsetDateTime: 'soon' }, b.patient(ya(1))];
    const value = { resourceType: 'Bundle', type: 'collection', entry: entry.map((resource) => ({ resource })) };
    const id = await keep({ form: 'value', value });
    expect(await retryQuarantine(gateway, [id])).toEqual([{ id, outcome: 'resolved', refusal: null }]);
    expect(await record('Condition', 'steatosis')).not.toBeNull();
    const rows = await open();
    expect(rows).toMatchObject([{ file: 'f', line: 1, entry: 1, reason: 'shape', attempts: 1, withheld: null }]);
    expect(rows[0]!.expression).toMatch(/^Condition\.onset/);
  });

  test('a Bundle in which nothing is sound stays one row', async () => {
    const bad = { ...steatosis(ya(1)), onsetDateTime: 'soon' };
    const value = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: bad }, { resource: bad }] };
    const id = await keep({ form: 'value', value });
    expect(outcomes(await retryQuarantine(gateway, [id]))).toEqual(['refused']);
    expect(await open()).toMatchObject([{ id, attempts: 2, message: expect.stringContaining('date') }]);
  });

  test('a decision is not: it counts on the state it was signed on', async () => {
    const [patient, ...rest] = eligiblePerson(ya(1));
    const task = {
      resourceType: 'Task',
      id: 'decision-1',
      meta: { source: ya(1).site.fhirBase },
      status: 'completed',
      intent: 'order',
      code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code: 'enrol' }] },
      for: { reference: `Patient/${ID}` },
      requester: { identifier: { value: 'dr.li' } },
      authoredOn: '2025-06-01T10:00:00+08:00',
      input: [{ type: { text: 'role' }, valueString: 'coordinator' }],
    };
    for (let run = 0; run < 2; run++) await take([patient!, ...rest, task]);
    const [row, ...more] = await open();
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      site: 'ya',
      line: rest.length + 2,
      reason: 'decision-refused',
      attempts: 2,
      withheld: null,
    });
    const before = everything();
    expect(outcomes(await retryQuarantine(gateway, [row!.id]))).toEqual(['decision']);
    expect(everything()).toEqual(before);
    // One that was refused for another reason is not weighed later either.
    const id = await keep({ form: 'resource', resource: task, fullUrl: null, bundle: null });
    const [again] = await retryQuarantine(gateway, [id]);
    expect(again).toMatchObject({ outcome: 'refused', refusal: { reason: 'decision-refused', expression: 'Task' } });
    expect(outcomes(await retryQuarantine(gateway, [id]))).toEqual(['decision']);
  });
});

describe('what is kept', () => {
  test('the content, sealed: nothing of it can be read in the file, and it opens in its own row only', async () => {
    const odd = { ...b.patient(ya(1)), name: { text: '测试姓名甲' }, telecom: [{ value: '000-7654321' }] };
    await take([odd as FhirResource]);
    const [row] = await open();
    expect(row).toMatchObject({ reason: 'shape', expression: 'Patient.name', withheld: null });
    const stored = (await rowOf(row!.id))!;
    const { identifier } = odd as unknown as r4.Patient;
    const secrets = ['测试姓名甲', '000-7654321', ...identifier!.map(({ value }) => value!)];
    for (const part of [file, `${file}-wal`]) {
      const bytes = await readFile(part);
      expect(secrets.filter((text) => bytes.includes(text))).toEqual([]);
    }
    expect(await contentOfRow(gateway, stored)).toEqual({
      form: 'resource',
      resource: odd,
      fullUrl: null,
      bundle: null,
    });
    await expect(contentOfRow(gateway, { ...stored, id: 'other' })).rejects.toThrow('moved from its place');
    await expect(contentOfRow(gateway, { ...stored, site: 'nf' })).rejects.toThrow();
  });

  test('of an unknown hospital the refusal alone, one row a place; of a named one what it gave', async () => {
    const stray = { ...steatosis(ya(1)), meta: { source: 'https://elsewhere.example/fhir' } };
    const files = { f: ndjson([stray]) };
    for (let run = 0; run < 2; run++) await runOver(gateway, files);
    await runOver(gateway, { f: '{"resourceType":' }, { site: gateway.sites.get('nf')! });
    await runOver(gateway, { f: ndjson([steatosis(ya(1))]) }, { site: gateway.sites.get('nf')! });
    const rows = await open();
    expect(rows.map(({ site, reason, withheld, attempts }) => [site, reason, withheld, attempts])).toEqual([
      [null, 'site-unknown', 'site-unknown', 2],
      ['nf', 'invalid-json', null, 1],
      ['nf', 'site-conflict', null, 1],
    ]);
    expect(outcomes(await retryQuarantine(gateway, idsOf(rows)))).toEqual(['not-kept', 'refused', 'refused']);
  });

  test('no content that is too long, however it is made', async () => {
    const place = (line: number): Place => ({ file: 'f', line, entry: null });
    const most = 1024 * 1024 - JSON.stringify({ form: 'text', text: '' }).length;
    // One this long may be longer than a text can be: it is not even written down.
    const toJSON = () => {
      throw new Error('written');
    };
    const numbers = Object.assign(
      Array.from({ length: 1024 * 1024 }, () => 1e20),
      { toJSON },
    );
    const contents: Content[] = [
      { form: 'text', text: 'x'.repeat(most) },
      { form: 'text', text: 'x'.repeat(most + 1) },
      { form: 'text', text: '肝'.repeat(most / 2) },
      { form: 'value', value: numbers },
    ];
    const ids: string[] = [];
    for (const [at, content] of contents.entries()) ids.push(await keep(content, place(at)));
    const rows = await open();
    expect(ids.map((id) => rows.find((row) => row.id === id)!.withheld)).toEqual([
      null,
      'too-large',
      'too-large',
      'too-large',
    ]);
  });

  test('its content for 90 days since it last came, and for no longer than its hospital keeps people', async () => {
    const at = Date.parse('2025-06-02T00:00:02Z');
    await take(foreign(ya(1), [steatosis(ya(1))]));
    const [{ id }] = (await open()) as [QuarantineListed];
    const later = (ms: number, of: Gateway = gateway) => ageQuarantine({ ...of, clock: () => at + ms });
    await retryQuarantine({ ...gateway, clock: () => at + 80 * DAY }, [id]);
    await later(89 * DAY);
    expect(await rowOf(id)).toMatchObject({ withheld: null, attempts: 2 });
    await later(90 * DAY + 2000);
    expect(await rowOf(id)).toMatchObject({ withheld: 'aged', content: null, state: 'open' });
    expect(outcomes(await retryQuarantine(mended, [id]))).toEqual(['not-kept']);
    await take(foreign(ya(1), [steatosis(ya(1))]));
    expect(await rowOf(id)).toMatchObject({ withheld: null, attempts: 3 });
    const sites = new Map(gateway.sites).set('ya', { ...gateway.sites.get('ya')!, purgeAfterDays: 30 });
    await later(29 * DAY, { ...gateway, sites });
    expect(await rowOf(id)).toMatchObject({ withheld: null });
    await later(31 * DAY, { ...gateway, sites });
    expect(await rowOf(id)).toMatchObject({ withheld: 'aged' });
  });

  test('together with the unit it came with, or neither', async () => {
    const db = new DatabaseSync(file);
    db.exec("CREATE TRIGGER full BEFORE INSERT ON hospital_quarantine BEGIN SELECT RAISE(ABORT, 'full'); END");
    await expect(take([b.patient(ya(1)), ...foreign(ya(1), [steatosis(ya(1))])])).rejects.toThrow('full');
    expect(await record('Patient', ID)).toBeNull();
    db.exec(
      'DROP TRIGGER full; CREATE TRIGGER full BEFORE INSERT ON hospital_record BEGIN SELECT RAISE(ABORT, 1); END',
    );
    await expect(take([...foreign(ya(1), [steatosis(ya(1))]), b.patient(ya(1))])).rejects.toThrow();
    expect(await open()).toEqual([]);
    db.exec('DROP TRIGGER full');
    await take(foreign(ya(1), [steatosis(ya(1))]));
    const ids = idsOf(await open());
    db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
    await expect(retryQuarantine(mended, ids)).rejects.toThrow('full');
    expect([idsOf(await open()), await record('Condition', 'steatosis')]).toEqual([ids, null]);
    db.close();
  });

  test('a refusal is given on without its content', async () => {
    const { quarantine } = await take(foreign(ya(1), [steatosis(ya(1))]));
    expect(Object.keys(quarantine[0]!).sort()).toEqual(['expression', 'kind', 'message', 'place', 'reason']);
  });
});

describe('a purge', () => {
  const LATER = Date.parse('2026-01-15T12:00:00+08:00');
  const odd = (resource: FhirResource): FhirResource => ({ ...resource, modifierExtension: [{ url: 'urn:x:odd' }] });

  test('takes what may concern the person, named in any form, and leaves what others sent', async () => {
    const byNumber = (ctx: b.FeedContext) =>
      pointToPatient(ctx, [odd(steatosis(ctx, { id: 'n' }))], { identifier: b.mrn(ctx) });
    const contained = { ...odd(steatosis(ya(1), { id: 'k' })), subject: { reference: '#whose' } };
    const whose = { resourceType: 'Patient', id: 'whose', identifier: [b.mrn(ya(1))] };
    const unconsented = eligiblePerson(ya(1), { consents: [] });
    // An id inside another resource is no Patient's of the hospital.
    const inside = { ...odd(steatosis(ya(2), { id: 'i' })), contained: [{ resourceType: 'Patient', id: ID }] };
    const bare = (ctx: b.FeedContext) => ({ ...b.patient(ctx), identifier: [], name: 7 });
    const others = [odd(steatosis(ya(2), { id: 'o' })), ...byNumber(ya(2)), bare(ya(2)), inside];
    const theirs = [odd(steatosis(ya(1))), ...byNumber(ya(1)), { ...contained, contained: [whose] }, bare(ya(1))];
    await take([...unconsented, ...eligiblePerson(ya(2)), ...theirs, ...others] as FhirResource[]);
    const refused = (await open()).length;
    expect(refused).toBe(theirs.length + others.length);
    const dry = await purge(gateway, LATER, { dryRun: true });
    expect([dry.rows.quarantined, (await open()).length]).toEqual([theirs.length, refused]);
    const report = await purge(gateway, LATER);
    expect(report.purged).toEqual([{ site: 'ya', reason: 'no-consent', count: 1 }]);
    expect(report.rows.quarantined).toBe(theirs.length);
    expect(await open()).toHaveLength(others.length);
    expect(JSON.stringify(everything().hospital_concerned)).not.toContain(ID);
  });
});
