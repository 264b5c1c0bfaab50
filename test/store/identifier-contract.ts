import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

/** What every store keeps to about identifiers of resources. */
export function identifierContract(name: string, open: () => Promise<Opened>): void {
  describe(`identifier contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('those of a resource are replaced as a whole; they lead to all that carry them, at their site and of their type', async () => {
      const key = (id: string, more: object = {}) => ({ site: 'ya', type: 'Condition', id, ...more });
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putIdentifiers(key('c2'), ['a', 'b', 'a']);
        await hospital.putIdentifiers(key('c1'), ['a']);
        await hospital.putIdentifiers(key('c3', { site: 'nf' }), ['a']);
        await hospital.putIdentifiers(key('o1', { type: 'Observation' }), ['a']);
        expect(await hospital.idsWithIdentifier('ya', 'Condition', 'a')).toStrictEqual(['c1', 'c2']);
        await hospital.putIdentifiers(key('c2'), ['c']);
        expect(await hospital.idsWithIdentifier('ya', 'Condition', 'a')).toStrictEqual(['c1']);
        expect(await hospital.idsWithIdentifier('ya', 'Condition', 'b')).toStrictEqual([]);
        expect(await hospital.idsWithIdentifier('ya', 'Condition', 'c')).toStrictEqual(['c2']);
      });
    });
  });
}
