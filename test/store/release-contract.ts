import type { ReleaseRow } from '../../src/store/release-rows.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const release = (registry: string, number: number): ReleaseRow => ({
  registry,
  number,
  agreement: 'liver',
  agreementHash: 'aa',
  at: `2025-06-0${number}T00:00:00.000Z`,
  contentHash: 'bb',
  manifest: '{"registry":"肝病登记"}\n',
  signature: '{}',
});
const person = (subject: string, participant: string | null = null) => ({ subject, participant, resources: '{}' });

/** What every store keeps to about granted purposes and releases. */
export function releaseContract(name: string, open: () => Promise<Opened>): void {
  describe(`release contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(() => store.close());

    test('what a subject has granted is replaced', async () => {
      await store.withTransaction(async ({ study }) => {
        expect(await study.grantedOf('s1')).toBeNull();
        await study.putGranted({ subject: 's2', purposes: '{}' }, '2025-06-01T00:00:00.000Z');
        await study.putGranted({ subject: 's1', purposes: '{"data":null}' }, '2025-06-02T00:00:00.000Z');
        await study.putGranted(
          { subject: 's2', purposes: '{"data":null,"abroad":"2026-01-01T00:00:00.000Z"}' },
          '2025-06-03T00:00:00.000Z',
        );
        expect(await study.grantedOf('s1')).toStrictEqual({ subject: 's1', purposes: '{"data":null}' });
        expect(await study.granted()).toStrictEqual([
          { subject: 's1', purposes: '{"data":null}' },
          { subject: 's2', purposes: '{"data":null,"abroad":"2026-01-01T00:00:00.000Z"}' },
        ]);
      });
    });

    test('what was granted at an instant, also where it was replaced at once', async () => {
      await store.withTransaction(async ({ study }) => {
        const put = (subject: string, purposes: string, day: number) =>
          study.putGranted({ subject, purposes }, `2025-06-0${day}T00:00:00.000Z`);
        await put('s2', '{"data":null}', 1);
        await put('s1', '{"data":null}', 2);
        await put('s2', '{}', 3);
        await put('s2', '{"data":false}', 3);
        const at = async (instant: string) =>
          (await study.grantedAt(instant)).map(({ subject, purposes }) => `${subject} ${purposes}`);
        expect(await at('2025-05-31T23:59:59.999Z')).toEqual([]);
        expect(await at('2025-06-01T00:00:00.000Z')).toEqual(['s2 {"data":null}']);
        expect(await at('2025-06-02T23:59:59.999Z')).toEqual(['s1 {"data":null}', 's2 {"data":null}']);
        expect(await at('2025-06-03T00:00:00.000Z')).toEqual(['s1 {"data":null}', 's2 {"data":false}']);
      });
    });

    test('verdicts of a subject are replaced', async () => {
      await store.withTransaction(async ({ study }) => {
        expect(await study.verdictsOf('s1')).toBeNull();
        await study.putVerdicts({ subject: 's1', version: 1, verdicts: '{}' });
        await study.putVerdicts({ subject: 's1', version: 2, verdicts: '{"I1":{}}' });
        expect(await study.verdictsOf('s1')).toStrictEqual({ subject: 's1', version: 2, verdicts: '{"I1":{}}' });
        expect(await study.verdictsOf('s2')).toBeNull();
      });
    });

    test('releases are numbered from 1 for each registry, and given back as added', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.addRelease(release('b', 1), []);
        await study.addRelease(release('a', 1), []);
        await study.addRelease(release('a', 2), []);
        await expect(study.addRelease(release('a', 2), [])).rejects.toThrow();
        await expect(study.addRelease(release('a', 4), [])).rejects.toThrow();
        expect(await study.releases()).toStrictEqual([release('a', 1), release('a', 2), release('b', 1)]);
        expect(await study.releases('a')).toStrictEqual([release('a', 1), release('a', 2)]);
        expect(await study.releases('c')).toStrictEqual([]);
      });
    });

    test('says who was in a release, and which releases held somebody', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.addRelease(release('a', 1), [person('s2'), person('s1', 'HBV-1')]);
        await study.addRelease(release('b', 1), [person('s1', 'HBV-1')]);
        const row = (registry: string, subject: string, participant: string | null) => ({
          registry,
          number: 1,
          ...person(subject, participant),
        });
        expect(await study.released('a', 1)).toStrictEqual([row('a', 's1', 'HBV-1'), row('a', 's2', null)]);
        expect(await study.released('a', 2)).toStrictEqual([]);
        const held = [row('a', 's1', 'HBV-1'), row('b', 's1', 'HBV-1')];
        expect(await study.releasesWith('s1')).toStrictEqual(held);
        expect(await study.releasesWith('HBV-1')).toStrictEqual(held);
        expect(await study.releasesWith('HBV-2')).toStrictEqual([]);
      });
    });

    test('nobody is in a release twice, and then there is no release', async () => {
      const twice = store.withTransaction(({ study }) =>
        study.addRelease(release('a', 1), [person('s1'), person('s1')]),
      );
      await expect(twice).rejects.toThrow();
      expect(await store.withTransaction(({ study }) => study.releases())).toStrictEqual([]);
    });

    test('posting is noted each time; only of a release that is there', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.addRelease(release('a', 1), []);
        const rows = ['2025-06-03T00:00:00.000Z', '2025-06-02T00:00:00.000Z'].map((at) => ({
          registry: 'a',
          number: 1,
          at,
        }));
        for (const row of rows) await study.addPushed(row);
        expect(await study.pushed('a', 1)).toStrictEqual(rows);
        await expect(study.addPushed({ registry: 'a', number: 2, at: 't' })).rejects.toThrow();
      });
    });
  });
}
