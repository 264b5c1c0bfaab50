import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { dropped, rank, record } from './rows.ts';

/**
 * What every store keeps to about who is to be screened, whom a change concerns, and revisions.
 * @param durable false for a store that is gone once it is closed
 */
export function pendingContract(name: string, open: () => Promise<Opened>, durable: boolean): void {
  describe(`pending contract: ${name}`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => store.close());

    const mark = (site: string, ...persons: string[]) =>
      store.withTransaction((tx) => tx.hospital.markPending(site, persons));
    const take = (limit = 100) => store.withTransaction((tx) => tx.hospital.takePending(limit));
    const clear = (site: string, person: string, upTo: number) =>
      store.withTransaction((tx) => tx.hospital.clearPending(site, person, upTo));
    const persons = async () => (await take()).map((row) => `${row.site} ${row.person}`);

    test('those marked first are taken first, each once, as often as one asks', async () => {
      await mark('ya', 'p9', '?a');
      await mark('nf', 'p9');
      await mark('ya', 'p1', 'p9');
      await mark('ya');
      expect(await persons()).toEqual(['ya ?a', 'ya p9', 'nf p9', 'ya p1']);
      expect((await take(2)).map(({ person }) => person)).toEqual(['?a', 'p9']);
      expect(await take(0)).toEqual([]);
      expect(await take(Number.MAX_SAFE_INTEGER)).toHaveLength(4);
    });

    test('what is cleared is gone, of this person at this site alone', async () => {
      await mark('ya', 'p1', 'p2');
      await mark('nf', 'p1');
      const [first] = await take();
      await clear('ya', 'p1', first!.upTo);
      expect(await persons()).toEqual(['ya p2', 'nf p1']);
      await clear('ya', 'p7', first!.upTo);
      expect(await persons()).toEqual(['ya p2', 'nf p1']);
    });

    test('a mark made after the taking survives the clearing, and waits from then on', async () => {
      await mark('ya', 'p1');
      await mark('ya', 'p2');
      const [taken] = await take();
      await mark('ya', 'p1');
      expect(await persons()).toEqual(['ya p1', 'ya p2']);
      await clear('ya', 'p1', taken!.upTo);
      expect(await persons()).toEqual(['ya p2', 'ya p1']);
      const again = (await take()).at(-1)!;
      expect(again.upTo).toBeGreaterThan(taken!.upTo);
      await clear('ya', 'p1', again.upTo);
      expect(await persons()).toEqual(['ya p2']);
    });

    test('no clearing twice takes away a later mark, also when none was left between', async () => {
      await mark('ya', 'p1');
      const [taken] = await take();
      await clear('ya', 'p1', taken!.upTo);
      expect(await take()).toEqual([]);
      await mark('ya', 'p1');
      await clear('ya', 'p1', taken!.upTo);
      expect(await persons()).toEqual(['ya p1']);
    });

    test('a mark is rolled back with the work that made it', async () => {
      await mark('ya', 'p1');
      const before = await take();
      const failing = store.withTransaction(async ({ hospital }) => {
        await hospital.markPending('ya', ['p1', 'p2']);
        await hospital.clearPending('ya', 'p1', before[0]!.upTo);
        throw new Error('stop');
      });
      await expect(failing).rejects.toThrow('stop');
      expect(await take()).toStrictEqual(before);
    });

    test('a purge takes the marks of the people, and of the aliases that are given', async () => {
      await mark('ya', 'p1', 'p2', '?a', '?b');
      await mark('nf', 'p1', '?a');
      await store.withTransaction((tx) => tx.hospital.purgePeople('ya', ['p1'], ['p1', '?a']));
      expect(await persons()).toEqual(['ya ?b', 'ya p2', 'nf ?a', 'nf p1']);
    });

    test('links are found by either end, whoever declared them, each once', async () => {
      const links = [
        { from: 'p1', to: 'p2' },
        { from: 'p3', to: '?a' },
        { from: 'p4', to: 'p1' },
      ];
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putLinks('ya', 'p1', links);
        await hospital.putLinks('ya', 'p2', [links[0]!]);
        await hospital.putLinks('nf', 'p1', [{ from: 'p1', to: 'p9' }]);
        expect(await hospital.linksNaming('ya', ['p1'])).toStrictEqual([links[0], links[2]]);
        expect(await hospital.linksNaming('ya', ['?a', 'p2', 'p9'])).toStrictEqual([links[0], links[1]]);
        expect(await hospital.linksNaming('ya', [])).toStrictEqual([]);
      });
    });

    test('who names a resource: replaced with the resource that names it, gone with a purge', async () => {
      const consent = (id: string, person: string | null, site = 'ya') => record(id, { site, type: 'Consent', person });
      await store.withTransaction(async ({ hospital }) => {
        const rows = [consent('c1', 'p2'), consent('c2', '?a'), consent('c3', 'p2'), consent('c4', null)];
        for (const row of [...rows, consent('c1', 'p9', 'nf')]) {
          await hospital.putRecord(row);
          await hospital.putMentions(row, ['RelatedPerson/r1', 'RelatedPerson/r2', 'RelatedPerson/r1']);
        }
        expect(await hospital.mentioning('ya', 'RelatedPerson/r1')).toStrictEqual(['?a', 'p2']);
        await hospital.putMentions(rows[1]!, ['RelatedPerson/r2']);
        expect(await hospital.mentioning('ya', 'RelatedPerson/r1')).toStrictEqual(['p2']);
        await hospital.purgePeople('ya', ['p2'], ['p2']);
        for (const row of rows) await hospital.putRecord(row);
        expect(await hospital.mentioning('ya', 'RelatedPerson/r1')).toStrictEqual([]);
        expect(await hospital.mentioning('ya', 'RelatedPerson/r2')).toStrictEqual(['?a']);
        expect(await hospital.mentioning('nf', 'RelatedPerson/r1')).toStrictEqual(['p9']);
      });
    });

    test('a revision is kept with the version, of what was dropped only with one of a higher rank', async () => {
      await store.withTransaction(async ({ hospital }) => {
        for (const revision of [7, 9]) {
          const row = record('o1', { revision });
          await hospital.putRecord(row);
          expect(await hospital.record(row)).toStrictEqual(row);
        }
        await hospital.putDropped('ya', 'Claim', 'h', dropped(rank(2), 4));
        for (const same of [1, 2]) await hospital.putDropped('ya', 'Claim', 'h', dropped(rank(same), 5));
        expect(await hospital.dropped('ya', 'Claim', 'h')).toStrictEqual(dropped(rank(2), 4));
        await hospital.putDropped('ya', 'Claim', 'h', dropped(rank(3), 5));
        expect(await hospital.dropped('ya', 'Claim', 'h')).toStrictEqual(dropped(rank(3), 5));
      });
    });

    if (durable) {
      test('marks are there after reopening, and their sequence goes on', async () => {
        await mark('ya', 'p1');
        await mark('ya', 'p2');
        const [first, second] = await take();
        await clear('ya', 'p2', second!.upTo);
        store = await opened.reopen();
        expect(await take()).toStrictEqual([first]);
        await mark('ya', 'p2');
        expect((await take())[1]!.upTo).toBeGreaterThan(second!.upTo);
      });
    }
  });
}
