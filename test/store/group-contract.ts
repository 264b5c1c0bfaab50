import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Store, Transaction } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { record } from './rows.ts';

type Step =
  | { do: 'add' | 'put'; name: string; text: string }
  | { do: 'move'; from: string; to: string }
  | { do: 'audit'; text: string }
  | { do: 'wait' }
  | { do: 'throw' };

const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('x', 'y', 'z');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('add', 'put'), name, text }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move'), from: name, to: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('audit'), text }) },
  { weight: 1, arbitrary: fc.constant({ do: 'wait' }) },
  { weight: 1, arbitrary: fc.constant({ do: 'throw' }) },
);
/** Works, by the moment at which they are all begun. */
const waves = fc.array(fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 3,
});

const failure = (number: number) => new Error(`work ${number}`);

/** Writes what the steps say, and tells everything it read. */
async function perform(tx: Transaction, steps: readonly Step[], number: number): Promise<(string | null)[]> {
  const read: (string | null)[] = [];
  const look = async (of: string) => {
    const found = await tx.setting(of);
    read.push(found);
    return found ?? '';
  };
  for (const one of steps) {
    if (one.do === 'add') await tx.putSetting(one.name, (await look(one.name)) + one.text);
    if (one.do === 'put') await tx.putSetting(one.name, one.text);
    if (one.do === 'move') await tx.putSetting(one.to, await look(one.from));
    if (one.do === 'audit') await tx.addAudit({ at: 't', actor: 'a', action: one.text, object: null, detail: null });
    if (one.do === 'wait') await setImmediate();
    if (one.do === 'throw') throw failure(number);
  }
  return read;
}

async function left(store: Store): Promise<unknown> {
  return store.withTransaction(async (tx) => ({
    settings: [await tx.setting('a'), await tx.setting('b'), await tx.setting('c')],
    audit: (await tx.audit()).map(({ action }) => action),
  }));
}

/**
 * What every store keeps to when works are begun at the same time, whether or not it commits several together.
 * @param durable false for a store that is gone once it is closed
 */
export function groupContract(label: string, open: () => Promise<Opened>, durable: boolean): void {
  describe(`contract of concurrent works: ${label}`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => store.close());

    test('any works begun together leave what those that do not throw leave one after another', async () => {
      const property = fc.asyncProperty(waves, async (given) => {
        const [together, alone] = [await open(), await open()];
        const throws = (steps: readonly Step[]) => steps.some((one) => one.do === 'throw');
        let count = 0;
        for (const wave of given) {
          const first = count;
          const results = await Promise.allSettled(
            wave.map((steps) => {
              const number = count++;
              return together.store.withTransaction((tx) => perform(tx, steps, number));
            }),
          );
          for (const [at, steps] of wave.entries()) {
            if (throws(steps)) expect(results[at]).toEqual({ status: 'rejected', reason: failure(first + at) });
            else {
              const value = await alone.store.withTransaction((tx) => perform(tx, steps, 0));
              expect(results[at]).toEqual({ status: 'fulfilled', value });
            }
          }
        }
        const end = durable ? await together.reopen() : together.store;
        expect(await left(end)).toEqual(await left(alone.store));
        await Promise.all([end.close(), alone.store.close()]);
      });
      await fc.assert(property, { numRuns: 40 });
    });

    test('one that throws takes back its own writes alone, of every kind, and what it replaced is as it was', async () => {
      await store.withTransaction((tx) => tx.hospital.putRecord(record('o1')));
      const results = await Promise.allSettled([
        store.withTransaction((tx) => tx.hospital.putRecord(record('o2', { person: 'p2' }))),
        store.withTransaction(async (tx) => {
          await tx.hospital.putRecord(record('o1', { person: 'p3' }));
          await tx.hospital.putRecord(record('o2', { person: 'p3' }));
          await tx.study.takeNumber('Normal', 's1', 't');
          throw new Error('stop');
        }),
        store.withTransaction((tx) => tx.study.takeNumber('Normal', 's2', 't')),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[2]).toMatchObject({ value: 1 });
      const rows = await store.withTransaction((tx) => tx.hospital.recordsOf('ya', ['p1', 'p2', 'p3']));
      expect(rows).toStrictEqual([record('o1'), record('o2', { person: 'p2' })]);
    });

    test('the object of one is of no use to the next, also when both are committed together', async () => {
      const ended: Transaction[] = [];
      const late: Promise<unknown>[] = [];
      await Promise.all([
        store.withTransaction(async (tx) => void ended.push(tx)),
        store.withTransaction(async (tx) => {
          late.push(expect(ended[0]!.putSetting('a', 'late')).rejects.toThrow('has ended'));
          await tx.putSetting('b', '1');
        }),
      ]);
      await Promise.all(late);
      expect(late).toHaveLength(1);
      expect(await store.withTransaction((tx) => tx.setting('a'))).toBeNull();
    });

    test('one begun inside any of several throws instead of waiting for ever', async () => {
      const inside = async () => {
        await expect(store.withTransaction(async () => 1)).rejects.toThrow('inside');
      };
      await Promise.all([store.withTransaction(inside), store.withTransaction(inside), store.withTransaction(inside)]);
    });

    test('each runs in the context of its caller', async () => {
      const who = new AsyncLocalStorage<string>();
      const seen = (caller: string) => who.run(caller, () => store.withTransaction(async () => who.getStore()));
      expect(await Promise.all(['a', 'b', 'c'].map(seen))).toEqual(['a', 'b', 'c']);
    });

    test('closing waits for all that were begun', async () => {
      const begun = ['a', 'b', 'c'].map((one) =>
        store.withTransaction(async (tx) => {
          await setImmediate();
          await tx.putSetting(one, one);
          return tx.setting(one);
        }),
      );
      await store.close();
      expect(await Promise.all(begun)).toEqual(['a', 'b', 'c']);
    });

    if (durable) {
      test('many at once, some of which throw: those that resolved are there after reopening, the others are not', async () => {
        const numbers = Array.from({ length: 200 }, (_, number) => number);
        const results = await Promise.allSettled(
          numbers.map((number) =>
            store.withTransaction(async (tx) => {
              await tx.putSetting(`k${number}`, 'here');
              if (number % 7 === 3) throw failure(number);
            }),
          ),
        );
        store = await opened.reopen();
        const found = await store.withTransaction((tx) => Promise.all(numbers.map((one) => tx.setting(`k${one}`))));
        expect(found).toEqual(results.map(({ status }) => (status === 'fulfilled' ? 'here' : null)));
        expect(found.filter((one) => one === null)).toHaveLength(29);
      });
    }
  });
}
