import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Arrival, SetAside } from '../../src/intake/arrival.ts';
import { arrivalsOf } from '../../src/intake/bundle.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { isFailure, type Pushed, type PushItem, push } from '../../src/pipeline/push.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import type { Store } from '../../src/store/store.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { SITES } from '../feed/sites.ts';
import { folder, NOW, openTestGateway } from './gateway.ts';

const PLACE = { file: 'push', line: null, entry: null };
const ids = (number: number) => b.feedContext('ya', number, 'atomic');
/** The first is known and eligible before anything is pushed. */
const KNOWN = eligiblePerson(ids(1));
const NEW = [2, 3].flatMap((number) => eligiblePerson(ids(number)));

const arrivalOf = (resource: FhirResource): Arrival | SetAside => [...arrivalsOf(resource, PLACE, false)][0]!;
const plainly = (resource: FhirResource): PushItem => ({ arrival: arrivalOf(resource), condition: null });
const newer = (resource: FhirResource): FhirResource => ({
  ...resource,
  meta: { ...resource.meta!, versionId: '2', lastUpdated: '2025-05-30T05:00:00.000+08:00' },
});
const deletion = ({ resourceType: type, id }: FhirResource): PushItem => ({
  arrival: {
    kind: 'deletion',
    place: PLACE,
    type,
    id: id!,
    at: '2025-05-30T06:00:00Z',
    versionId: null,
    fullUrl: null,
    bundle: null,
  },
  condition: null,
});

/** A decision about the first person; `seen` is right when it names version 1. */
function decision(kind: string, id: string, seen: number): PushItem {
  const input = [
    ['role', 'investigator'],
    ['meaning', kind],
    ['attests', 'E3'],
    ['attests', 'E4'],
  ].map(([code, valueString]) => ({ type: { coding: [{ code }] }, valueString }));
  return plainly({
    resourceType: 'Task',
    id,
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code: kind }] },
    for: { reference: `Patient/${ids(1).patientId}` },
    focus: { reference: `ResearchSubject/as-shown/_history/${seen}` },
    authoredOn: '2025-06-01T15:00:00+08:00',
    requester: { identifier: { system: 'https://ya.example.cn/sid/staff', value: 'dr-1' } },
    input,
  } as unknown as FhirResource);
}

const resource = fc.constantFrom(...KNOWN.map(newer), ...NEW);
const good: fc.Arbitrary<PushItem> = fc.oneof(
  { weight: 6, arbitrary: resource.map(plainly) },
  { weight: 1, arbitrary: resource.map(deletion) },
  { weight: 1, arbitrary: fc.constant(decision('enrol', 'enrolment', 1)) },
);
/** What is refused before the transaction begins, by a condition inside it, and after everything else was written. */
const bad: fc.Arbitrary<PushItem> = fc.oneof(
  resource.map((one) => plainly({ ...one, status: 7 })),
  resource.map((one) => plainly({ ...one, meta: { ...one.meta, source: SITES.nf.fhirBase } })),
  resource.map((one) => {
    const { resourceType: type, id } = one;
    return { arrival: arrivalOf(one), condition: { kind: 'version', type, id: id!, revision: 99 } } as PushItem;
  }),
  resource.map((one) => ({ ...deletion(one), condition: { ...versionOf(one), revision: 99 } })),
  fc.constant(decision('unsuitable', 'stale', 7)),
);
const versionOf = ({ resourceType: type, id }: FhirResource) => ({ kind: 'version', type, id: id! }) as const;

interface Bundle {
  items: PushItem[];
  spoilt: boolean;
}

/** A transaction; a spoilt one holds one to three entries, anywhere, that are refused. */
const bundle: fc.Arbitrary<Bundle> = fc
  .tuple(
    fc.array(good, { minLength: 1, maxLength: 10 }),
    fc.oneof(fc.constant([]), fc.array(bad, { minLength: 1, maxLength: 3 })),
    fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
  )
  .map(([items, failing, places]) => {
    const all = items.slice();
    for (const [at, one] of failing.entries()) all.splice(places[at]! % (all.length + 1), 0, one);
    return { items: all, spoilt: failing.length > 0 };
  });

/** Everything in the file, table by table. What is sealed looks otherwise each time; its hash stands beside it. */
function dump(file: string): Record<string, unknown[]> {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).all().map(opened)]);
  db.close();
  return Object.fromEntries(rows);
}

const opened = (row: Record<string, unknown>) =>
  String(row.body ?? '').startsWith('v1.') ? { ...row, body: 'sealed' } : row;

/** A gateway with a clock that stands, where the first person is screened and eligible. */
async function withKnown(): Promise<{ gateway: Gateway; file: string }> {
  const file = join(await folder(), 'store.sqlite');
  const gateway = { ...(await openTestGateway(file)), clock: () => NOW };
  await atomically(gateway, KNOWN.map(plainly));
  await screenPending(gateway, NOW, 10);
  return { gateway, file };
}

const atomically = (gateway: Gateway, items: readonly PushItem[]) =>
  push(gateway, gateway.sites.get('ya')!, items, { atomic: true });

/** What was answered, of a decision only whether it was taken. */
const said = (answers: readonly Pushed[]) =>
  answers.map((one) => (one.kind === 'decided' ? { kind: one.kind, ok: one.decided.ok } : one));

test('of a transaction everything is written or nothing, also when several are committed together', async () => {
  const seen = { failed: 0, written: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(bundle, { minLength: 1, maxLength: 4 }), async (bundles) => {
      const [together, alone] = [await withKnown(), await withKnown()];
      // Each is prepared in its own time: this is the order in which they come to the store.
      const order: number[] = [];
      const answers = await Promise.all(
        bundles.map(({ items }, at) => {
          const { store } = together.gateway;
          const withTransaction: Store['withTransaction'] = (work) => {
            order.push(at);
            return store.withTransaction(work);
          };
          return atomically({ ...together.gateway, store: { ...store, withTransaction } }, items);
        }),
      );
      for (const [at, answer] of answers.entries()) {
        const { items, spoilt } = bundles[at]!;
        expect(answer).toHaveLength(items.length);
        const failed = answer.some(isFailure);
        // Without a bad entry, too, an enrolment is refused when its consent goes with the same transaction.
        expect(failed).toBe(spoilt || answer.some((one) => one.kind === 'decided' && !one.decided.ok));
        expect(answer.filter((one) => failed !== (isFailure(one) || one.kind === 'rolled-back'))).toEqual([]);
        seen[failed ? 'failed' : 'written']++;
      }
      for (const at of order) {
        const answer = answers[at]!;
        // One after another, as if those that failed had never come.
        if (!answer.some(isFailure))
          expect(said(await atomically(alone.gateway, bundles[at]!.items))).toEqual(said(answer));
      }
      expect(dump(together.file)).toEqual(dump(alone.file));
      await Promise.all([together.gateway.store.close(), alone.gateway.store.close()]);
    }),
    { numRuns: 40, seed: 20_250_601 },
  );
  expect(Math.min(seen.failed, seen.written)).toBeGreaterThan(10);
}, 300_000);
