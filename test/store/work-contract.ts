import type { Store } from '../../src/store/store.ts';
import type { SubscriptionRow, WorkRow } from '../../src/store/work-rows.ts';
import type { Opened } from './contract.ts';
import { record } from './rows.ts';

const at = (minute: number) => `2025-06-02T00:${String(minute).padStart(2, '0')}:00.000Z`;

type Added = Pick<WorkRow, 'site' | 'kind' | 'target' | 'since' | 'createdAt'>;
const read = (target: string, given: Partial<Added> = {}): Added => ({
  site: 'ya',
  kind: 'read',
  target,
  since: null,
  createdAt: at(1),
  ...given,
});
const search = (target: string, since: string | null, given: Partial<Added> = {}): Added =>
  read(target, { kind: 'search', since, ...given });

/** What every store keeps to about the queue of what is to be read again, and about subscriptions. */
export function workContract(name: string, open: () => Promise<Opened>): void {
  describe(`work contract: ${name}`, () => {
    let store: Store;
    let reopen: () => Promise<Store>;
    beforeEach(async () => ({ store, reopen } = await open()));
    afterEach(async () => store.close());

    const add = (...rows: Added[]) =>
      store.withTransaction(async ({ hospital }) => {
        for (const row of rows) await hospital.addWork(row);
      });
    const claim = (site = 'ya', now = at(30)) => store.withTransaction((tx) => tx.hospital.claimWork(site, now));
    const inState = (state: WorkRow['state']) => store.withTransaction((tx) => tx.hospital.workIn(state));
    const brief = async (state: WorkRow['state']) =>
      (await inState(state)).map((row) => [row.site, row.target, row.since, row.attempts, row.notBefore]);

    test('is claimed in the order it came, each site for itself, once, and not before its time', async () => {
      await add(read('Patient/a'), read('Condition/b', { createdAt: at(2) }), read('Patient/a', { site: 'nf' }));
      expect(await claim('ya', at(0))).toBeNull();
      expect(await claim('ya', at(1))).toStrictEqual({
        id: 1,
        site: 'ya',
        kind: 'read',
        target: 'Patient/a',
        since: null,
        state: 'claimed',
        attempts: 1,
        notBefore: at(1),
        lastErrorCode: null,
        createdAt: at(1),
        endedAt: null,
      });
      expect(await claim('ya', at(1))).toBeNull();
      expect((await claim())?.target).toBe('Condition/b');
      expect(await claim()).toBeNull();
      expect((await claim('nf'))?.site).toBe('nf');
      expect(await claim('zn')).toBeNull();
    });

    test('the same read waits once; of the same search the moment that goes back further counts', async () => {
      await add(read('Patient/a'), read('Patient/a', { createdAt: at(3) }));
      await add(search('Patient', at(9)), search('Patient', at(5)), search('Patient', at(7)));
      await add(search('Condition', at(9)), search('Condition', null), search('Condition', at(7)));
      expect(await brief('waiting')).toStrictEqual([
        ['ya', 'Patient/a', null, 0, at(1)],
        ['ya', 'Patient', at(5), 0, at(1)],
        ['ya', 'Condition', null, 0, at(1)],
      ]);
    });

    test('what is asked for while the same is claimed waits for itself, and is joined when that waits again', async () => {
      await add(search('Patient', at(9)));
      const first = await claim();
      await add(search('Patient', at(5), { createdAt: at(10) }));
      expect(await brief('waiting')).toStrictEqual([['ya', 'Patient', at(5), 0, at(10)]]);
      await store.withTransaction((tx) => tx.hospital.retryWork(first!.id, at(20), 'answer-500'));
      expect(await brief('waiting')).toStrictEqual([['ya', 'Patient', at(5), 1, at(20)]]);
      expect((await inState('waiting'))[0]).toMatchObject({ id: first!.id, lastErrorCode: 'answer-500' });
      expect(await inState('claimed')).toStrictEqual([]);
      expect(await claim('ya', at(19))).toBeNull();
      expect(await claim('ya', at(20))).toMatchObject({ attempts: 2 });
    });

    test('ends done or failed; neither is claimed, retried or ended again', async () => {
      await add(read('Patient/a'), read('Patient/b'));
      const [a, b] = [await claim(), await claim()];
      await store.withTransaction(async ({ hospital }) => {
        await hospital.finishWork(a!.id, at(4));
        await hospital.failWork(b!.id, 'answer-403', at(5));
        await hospital.retryWork(a!.id, at(6), 'answer-500');
        await hospital.finishWork(b!.id, at(6));
        await hospital.failWork(a!.id, 'answer-403', at(6));
      });
      expect(await inState('done')).toMatchObject([{ target: 'Patient/a', endedAt: at(4), lastErrorCode: null }]);
      expect(await inState('failed')).toMatchObject([
        { target: 'Patient/b', endedAt: at(5), lastErrorCode: 'answer-403' },
      ]);
      expect(await claim()).toBeNull();
    });

    test('what is done takes away what failed before and is covered by it', async () => {
      await add(read('Patient/a'), search('Patient', at(5)), search('Condition', at(5)));
      for (let n = 0; n < 3; n++) {
        const row = await claim();
        await store.withTransaction((tx) => tx.hospital.failWork(row!.id, 'answer-403', at(31)));
      }
      await add(read('Patient/a'), search('Patient', at(4)), search('Condition', at(6)));
      for (let n = 0; n < 3; n++) {
        const row = await claim();
        await store.withTransaction((tx) => tx.hospital.finishWork(row!.id, at(32)));
      }
      expect(await brief('failed')).toStrictEqual([['ya', 'Condition', at(5), 1, at(1)]]);
    });

    test('claimed work of a runner that died waits again after the store is opened again', async () => {
      await add(read('Patient/a'), read('Patient/b'), read('Patient/a', { site: 'nf' }));
      await claim();
      await claim('nf');
      store = await reopen();
      if (name === 'memory') return;
      await add(read('Patient/a', { createdAt: at(40) }));
      expect(await store.withTransaction((tx) => tx.hospital.releaseWork(at(41)))).toBe(2);
      expect(await brief('waiting')).toStrictEqual([
        ['nf', 'Patient/a', null, 1, at(41)],
        ['ya', 'Patient/a', null, 1, at(41)],
        ['ya', 'Patient/b', null, 0, at(1)],
      ]);
      expect(await store.withTransaction((tx) => tx.hospital.releaseWork(at(42)))).toBe(0);
    });

    test('failed work of one site is revived, counted and forgotten', async () => {
      await add(read('Patient/a'), read('Patient/b'), read('Patient/a', { site: 'nf' }));
      for (const site of ['ya', 'ya', 'nf']) {
        const row = await claim(site);
        await store.withTransaction((tx) => tx.hospital.failWork(row!.id, 'answer-403', at(31)));
      }
      await store.withTransaction(async ({ hospital }) => {
        expect(await hospital.workCounts()).toStrictEqual([
          { site: 'nf', state: 'failed', count: 1, oldest: at(1) },
          { site: 'ya', state: 'failed', count: 2, oldest: at(1) },
        ]);
        expect(await hospital.reviveWork('ya', at(33))).toBe(2);
        await hospital.forgetWork(at(59), at(31));
        expect(await hospital.workIn('failed')).toHaveLength(1);
        await hospital.forgetWork(at(0), at(32));
        expect(await hospital.workIn('failed')).toStrictEqual([]);
      });
      expect(await brief('waiting')).toStrictEqual([
        ['ya', 'Patient/a', null, 1, at(33)],
        ['ya', 'Patient/b', null, 1, at(33)],
      ]);
      const done = await claim('ya', at(33));
      await store.withTransaction(async ({ hospital }) => {
        await hospital.finishWork(done!.id, at(34));
        await hospital.forgetWork(at(35), at(0));
        expect(await hospital.workIn('done')).toStrictEqual([]);
      });
    });

    test('a purge takes the work on the records of the person, and no other', async () => {
      await add(read('Observation/o1'), read('Observation/o2'), read('Observation/o1', { site: 'nf' }));
      await add(read('Patient/p1'), search('Observation', null));
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putRecord(record('o1'));
        await hospital.putRecord(record('o2', { person: 'p2' }));
        await hospital.purgePeople('ya', ['p1'], []);
      });
      expect((await brief('waiting')).map(([site, target]) => `${site} ${target}`)).toStrictEqual([
        'nf Observation/o1',
        'ya Observation/o2',
        'ya Observation',
      ]);
    });

    test('subscriptions are put, replaced and listed', async () => {
      const row: SubscriptionRow = {
        site: 'ya',
        subscription: 'Subscription/s',
        status: 'active',
        lastEvent: 2,
        goodAt: at(1),
        gaps: 0,
      };
      const plain = { ...row, subscription: '', status: null, lastEvent: null };
      await store.withTransaction(async ({ hospital }) => {
        expect(await hospital.subscription('ya', 'Subscription/s')).toBeNull();
        for (const each of [row, plain, { ...row, site: 'nf' }]) await hospital.putSubscription(each);
        await hospital.putSubscription({ ...row, lastEvent: 5, gaps: 1, status: 'error', goodAt: at(2) });
        const newer = { ...row, lastEvent: 5, gaps: 1, status: 'error', goodAt: at(2) };
        expect(await hospital.subscription('ya', 'Subscription/s')).toStrictEqual(newer);
        expect(await hospital.subscriptions()).toStrictEqual([{ ...row, site: 'nf' }, plain, newer]);
      });
    });
  });
}
