import type { Gateway } from '../../src/pipeline/gateway.ts';
import { purge } from '../../src/pipeline/purge.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { ndjson, openTestGateway, runOver } from './gateway.ts';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await openTestGateway();
});
afterEach(() => gateway.store.close());

const take = (...resources: Parameters<typeof ndjson>[0]) => runOver(gateway, { feed: ndjson(resources) });
const ya = (number: number) => b.feedContext('ya', number);
const version = (number: number) => ({
  versionId: String(number),
  lastUpdated: `2025-05-3${number - 2}T09:00:00+08:00`,
});

/** Notices about subjects from a number on, one line each. */
const notices = (after = 0) =>
  gateway.store.withTransaction(async ({ hospital }) =>
    (await hospital.noticesAfter('ya', after, 1000))
      .filter(({ type }) => type === 'ResearchSubject')
      .map(({ kind, status, version: number }) => `${kind} ${status} v${number}`),
  );
const last = () =>
  gateway.store.withTransaction(async ({ hospital }) => (await hospital.lastNotice('ya'))?.number ?? 0);

test('a candidate is new when first seen as one, changed when not, and new again when one again', async () => {
  const ctx = ya(1);
  const dead = { deceasedDateTime: '2025-05-30T08:00:00+08:00' };
  await take(...eligiblePerson(ctx, { patient: dead }));
  await take(b.patient(ctx, version(2)));
  await take(b.patient(ctx, { ...version(3), ...dead }));
  expect(await notices()).toEqual(['new not-registered v1', 'new-candidate eligible v2', 'changed not-registered v3']);
});

test('a screening that changes nothing says nothing', async () => {
  await take(...eligiblePerson(ya(1)));
  const before = await last();
  expect(before).toBeGreaterThan(0);
  await take();
  await take(...eligiblePerson(ya(1)));
  expect(await last()).toBe(before);
});

test('a merge: the one is gone, the other changed though its content did not; taken back, a candidate anew', async () => {
  const [one, two] = [ya(1), ya(2)];
  await take(...eligiblePerson(one), ...eligiblePerson(two));
  const merged = await last();
  await take(b.patient(one, { ...version(2), link: [b.replacedBy(two)] }));
  expect(await notices(merged)).toEqual(['gone null v2', 'changed eligible v2']);
  const parted = await last();
  await take(b.patient(one, version(3)));
  expect(await notices(parted)).toEqual(['changed eligible v3', 'new-candidate eligible v3']);
});

test('somebody purged is gone, with the Tasks, and nothing is shown any more; a dry run tells of nothing', async () => {
  const { rows } = await take(...eligiblePerson(ya(1), { consents: [] }));
  const task = { id: 't1', site: 'ya', patient: 'ya-p-000001', subject: rows[0]!.subject, open: true, version: 4 };
  const more = { lastUpdated: '2025-06-02T00:00:00.000Z', body: '{}' };
  await gateway.store.withTransaction(({ hospital }) => hospital.putTask({ ...task, ...more }));
  const before = await last();
  const later = Date.parse('2026-01-15T12:00:00+08:00');
  await purge(gateway, later, { dryRun: true });
  expect(await last()).toBe(before);
  await purge(gateway, later);
  await gateway.store.withTransaction(async ({ hospital }) => {
    const told = await hospital.noticesAfter('ya', before, 10);
    expect(told.map(({ kind, type, id }) => [kind, type, id])).toEqual([
      ['gone', 'Task', 't1'],
      ['gone', 'ResearchSubject', rows[0]!.subject],
    ]);
    expect(await hospital.shownSubjects('ya')).toEqual([]);
    expect(await hospital.shownSubject(rows[0]!.subject)).toBeNull();
  });
});
