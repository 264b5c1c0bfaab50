import { AsyncResource } from 'node:async_hooks';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

/** A caller that is in no transaction. */
const OUTSIDE = new AsyncResource('outside');

/** What every store keeps to about reading beside the writer. */
export function readContract(name: string, open: () => Promise<Opened>, durable: boolean): void {
  describe(`read contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('what is committed is read, also by several at once', async () => {
      await store.withTransaction((tx) => tx.putSetting('a', '1'));
      const read = () => store.read((tx) => tx.setting('a'));
      expect(await Promise.all([read(), read(), read()])).toEqual(['1', '1', '1']);
    });

    if (durable) {
      test('what a transaction has not committed is not seen, and nobody waits for it', async () => {
        await store.withTransaction((tx) => tx.putSetting('a', '1'));
        let seen: string | null = null;
        await store.withTransaction(async (tx) => {
          await tx.putSetting('a', '2');
          seen = await OUTSIDE.runInAsyncScope(() => store.read((reading) => reading.setting('a')));
        });
        expect(seen).toBe('1');
        expect(await store.read((tx) => tx.setting('a'))).toBe('2');
      });

      test('writing there fails, and leaves nothing', async () => {
        await expect(store.read((tx) => tx.putSetting('a', '1'))).rejects.toThrow();
        expect(await store.read((tx) => tx.setting('a'))).toBeNull();
      });
    }

    test('a read inside a transaction is a mistake; so is one after closing', async () => {
      await expect(store.withTransaction(() => store.read(async () => null))).rejects.toThrow();
      await store.close();
      await expect(store.read(async () => null)).rejects.toThrow();
    });
  });
}
