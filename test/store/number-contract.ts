import fc from 'fast-check';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const AT = '2024-02-01T00:00:00Z';
const LATER = '2024-02-02T00:00:00Z';
const GROUPS = ['Normal', 'HBV', '脂肪肝'];

/** One transaction of the property: takes a number, may void it, may fail; pauses let others in between. */
const act = fc.record({
  group: fc.constantFrom(...GROUPS),
  subject: fc.constantFrom('s1', 's2', 's3', 's4', 's5', 's6'),
  voids: fc.boolean(),
  fails: fc.boolean(),
  pausesBefore: fc.nat({ max: 3 }),
  pausesWithin: fc.nat({ max: 3 }),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

async function pause(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function perform(store: Store, { group, subject, voids, fails, pausesBefore, pausesWithin }: Act) {
  await pause(pausesBefore);
  return store.withTransaction(async ({ study }) => {
    const number = await study.takeNumber(group, subject, AT);
    await pause(pausesWithin);
    if (voids) await study.voidNumber(group, number, 'enrolled-in-error', LATER);
    if (fails) throw new Error('stop');
    return { group, number, subject, voids };
  });
}

/** What every store keeps to about participant numbers. */
export function numberContract(name: string, open: () => Promise<Opened>): void {
  describe(`number contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('rise by one in each group; a subject keeps its own', async () => {
      await store.withTransaction(async ({ study }) => {
        expect(await study.numberOf('s1')).toBeNull();
        expect(await study.takeNumber('Normal', 's2', AT)).toBe(1);
        expect(await study.takeNumber('Normal', 's1', AT)).toBe(2);
        expect(await study.takeNumber('HBV', 's3', AT)).toBe(1);
        expect(await study.takeNumber('Normal', 's2', LATER)).toBe(1);
        expect(await study.numberOf('s1')).toStrictEqual({ group: 'Normal', number: 2 });
        expect(await study.numbers()).toStrictEqual([
          { group: 'HBV', number: 1, subject: 's3', at: AT, voided: null },
          { group: 'Normal', number: 1, subject: 's2', at: AT, voided: null },
          { group: 'Normal', number: 2, subject: 's1', at: AT, voided: null },
        ]);
      });
    });

    test('of two groups at once throws; after the first is void the second is given', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.takeNumber('Normal', 's1', AT);
        await expect(study.takeNumber('HBV', 's1', AT)).rejects.toThrow('another group');
        await study.voidNumber('Normal', 1, 'enrolled-in-error', LATER);
        expect(await study.takeNumber('HBV', 's1', LATER)).toBe(1);
        expect(await study.numberOf('s1')).toStrictEqual({ group: 'HBV', number: 1 });
      });
    });

    test('a void one stays in the ledger and is not given again, the last one neither', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.takeNumber('Normal', 's1', AT);
        await study.takeNumber('Normal', 's2', AT);
        await study.voidNumber('Normal', 2, 'enrolled-in-error', LATER);
        expect(await study.numberOf('s2')).toBeNull();
        expect(await study.takeNumber('Normal', 's3', LATER)).toBe(3);
        expect(await study.takeNumber('Normal', 's2', LATER)).toBe(4);
        expect(await study.numberOf('s2')).toStrictEqual({ group: 'Normal', number: 4 });
        expect((await study.numbers())[1]).toStrictEqual({
          group: 'Normal',
          number: 2,
          subject: 's2',
          at: AT,
          voided: { reason: 'enrolled-in-error', at: LATER },
        });
      });
    });

    test('one that was not given, or is void, cannot be made void', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.takeNumber('Normal', 's1', AT);
        await expect(study.voidNumber('Normal', 2, 'x', AT)).rejects.toThrow('never given');
        await expect(study.voidNumber('HBV', 1, 'x', AT)).rejects.toThrow('never given');
        await study.voidNumber('Normal', 1, 'enrolled-in-error', AT);
        await expect(study.voidNumber('Normal', 1, 'other', LATER)).rejects.toThrow('void already');
        expect((await study.numbers())[0]!.voided).toStrictEqual({ reason: 'enrolled-in-error', at: AT });
      });
    });

    test('no gap and no reuse under overlapping transactions, some of which fail', async () => {
      const property = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 14 }), async (acts) => {
        const { store: other } = await open();
        try {
          const ends = await Promise.allSettled(acts.map((one) => perform(other, one)));
          const committed = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
          ends.forEach((end, index) => {
            if (end.status === 'fulfilled') expect(acts[index]!.fails).toBe(false);
            else
              expect((end.reason as Error).message).toMatch(
                acts[index]!.fails ? /stop|another group/ : /another group/,
              );
          });
          await other.withTransaction(async ({ study }) => {
            const ledger = await study.numbers();
            for (const group of GROUPS) {
              const given = ledger.filter((row) => row.group === group).map((row) => row.number);
              expect(given).toEqual(given.map((_, index) => index + 1));
            }
            const asKnown = (rows: { group: string; number: number; subject: string }[]) =>
              [...new Set(rows.map((row) => `${row.group}-${row.number} ${row.subject}`))].sort();
            expect(asKnown(ledger)).toEqual(asKnown(committed));
            const voided = (row: (typeof ledger)[number]) => row.voided !== null;
            expect(asKnown(ledger.filter(voided))).toEqual(asKnown(committed.filter((one) => one.voids)));
            for (const { subject } of committed) {
              const live = ledger.filter((row) => row.subject === subject && row.voided === null);
              expect(live.length).toBeLessThanOrEqual(1);
              const holds = live[0] ? { group: live[0].group, number: live[0].number } : null;
              expect(await study.numberOf(subject)).toEqual(holds);
            }
          });
        } finally {
          await other.close();
        }
      });
      await fc.assert(property, { numRuns: 40 });
    });
  });
}
