import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const RANK = { at: null, number: 1, hash: 'aa' };

/** What every store keeps to about what a scan knows. */
export function scanContract(name: string, open: () => Promise<Opened>): void {
  describe(`scan contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    const put = (rows: readonly [site: string, type: string, id: string, person: string | null][]) =>
      store.withTransaction(async ({ hospital }) => {
        for (const [site, type, id, person] of rows) {
          const rest = { rank: RANK, versionId: '1', deleted: false, body: '{}', revision: 1 };
          await hospital.putRecord({ site, type, id, person, ...rest });
        }
      });

    test('Patients come in pages, those whom nothing names left out', async () => {
      await put([
        ['ya', 'Patient', 'p2', 'p2'],
        ['nf', 'Patient', 'p1', 'p1'],
        ['nf', 'Patient', 'gone', null],
        ['nf', 'Procedure', 'x', 'p1'],
        ['ya', 'Condition', 'c', 'p3'],
      ]);
      const page = (site: string, id: string, limit: number) =>
        store.read(({ hospital }) => hospital.patientsAfter(site, id, limit));
      expect(await page('', '', 10)).toEqual([
        { site: 'nf', id: 'p1' },
        { site: 'ya', id: 'p2' },
      ]);
      expect(await page('', '', 1)).toEqual([{ site: 'nf', id: 'p1' }]);
      expect(await page('nf', 'p1', 10)).toEqual([{ site: 'ya', id: 'p2' }]);
      expect(await page('ya', 'p2', 10)).toEqual([]);
    });

    test('what is held: records but those kept of everybody, and resources with unmapped codes; each once', async () => {
      await put([
        ['ya', 'Patient', 'p1', 'p1'],
        ['ya', 'RelatedPerson', 'r', 'p1'],
        ['ya', 'Appointment', 'a', 'p1'],
        ['ya', 'Observation', 'o1', 'p1'],
        ['nf', 'Condition', 'c1', '?alias'],
      ]);
      const code = { person: 'p9', system: 's', code: 'x', text: null, alsoCoded: false };
      await store.withTransaction(async ({ hospital }) => {
        for (const id of ['o1', 'o2']) {
          const key = { site: 'ya', type: 'Observation', id };
          await hospital.putUnmapped(key, [
            { ...key, ...code },
            { ...key, ...code, code: 'y' },
          ]);
        }
      });
      const held = [
        { site: 'nf', type: 'Condition', id: 'c1', person: '?alias' },
        { site: 'ya', type: 'Observation', id: 'o1', person: 'p1' },
        { site: 'ya', type: 'Observation', id: 'o2', person: null },
      ];
      const heldFrom = (site: string, type: string, id: string, limit: number) =>
        store.read(({ hospital }) => hospital.heldAfter({ site, type, id }, limit));
      expect(await heldFrom('', '', '', 10)).toEqual(held);
      expect(await heldFrom('', '', '', 2)).toEqual(held.slice(0, 2));
      expect(await heldFrom('ya', 'Observation', 'o1', 2)).toEqual(held.slice(2));
    });

    test('what was passed over is replaced, none is no row, and it goes with its person', async () => {
      const row = (site: string, patient: string, ...resources: number[]) => ({
        site,
        patient,
        resources: Uint32Array.from(resources),
      });
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putUnread(row('ya', 'p2', 1, 4_294_967_295));
        await hospital.putUnread(row('ya', 'p1', 3));
        await hospital.putUnread(row('nf', 'p1', 5, 6));
        await hospital.putUnread(row('ya', 'p1', 7, 8));
      });
      const all = () => store.read(({ hospital }) => hospital.unreadAfter('', '', 10));
      expect(await all()).toEqual([row('nf', 'p1', 5, 6), row('ya', 'p1', 7, 8), row('ya', 'p2', 1, 4_294_967_295)]);
      expect(await store.read(({ hospital }) => hospital.unreadAfter('nf', 'p1', 1))).toEqual([row('ya', 'p1', 7, 8)]);
      expect(await store.read(({ hospital }) => hospital.unreadOf('ya', ['p2', 'p3']))).toEqual([
        row('ya', 'p2', 1, 4_294_967_295),
      ]);
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putUnread(row('nf', 'p1'));
        await hospital.purgePeople('ya', ['p1'], []);
      });
      expect(await all()).toEqual([row('ya', 'p2', 1, 4_294_967_295)]);
    });
  });
}
