import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { decision, held, lineage, research, task, tombstone } from './research-rows.ts';

/** What every store keeps to about decisions, the research record and what leads back from it. */
export function researchContract(name: string, open: () => Promise<Opened>): void {
  describe(`research contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    describe('decisions', () => {
      test('are given back as added, for several patients together, in the order they were added', async () => {
        const later = decision('d9', { at: '2024-03-01T00:00:00.5Z', patient: 'p2', body: '{"why":"𠮷\\u0000"}' });
        const earlier = decision('d1', { at: '2024-01-01T00:00:00Z', kind: 'enrol' });
        const other = decision('d5', { site: 'nf' });
        await store.withTransaction(async ({ hospital }) => {
          for (const row of [later, other, earlier, decision('d3', { patient: 'p3' })]) await hospital.addDecision(row);
          expect(await hospital.decisionsOf('ya', ['p1', 'p2', 'p1', 'p9'])).toStrictEqual([later, earlier]);
          expect(await hospital.decisionsOf('nf', ['p1', 'p2'])).toStrictEqual([other]);
          expect(await hospital.decisionsOf('ya', [])).toStrictEqual([]);
          expect(await hospital.decision('d9')).toStrictEqual(later);
          expect(await hospital.decision('d2')).toBeNull();
        });
      });

      test('one whose id exists throws, also at another site, and the first stays', async () => {
        await store.withTransaction(async ({ hospital }) => {
          await hospital.addDecision(decision('d1'));
          await expect(hospital.addDecision(decision('d1'))).rejects.toThrow();
          await expect(hospital.addDecision(decision('d1', { site: 'nf', body: '{}' }))).rejects.toThrow();
          expect(await hospital.decision('d1')).toStrictEqual(decision('d1'));
          expect(await hospital.decisionsOf('nf', ['p1'])).toStrictEqual([]);
        });
      });
    });

    test('lineage is put, replaced, listed by subject and removed', async () => {
      const b = lineage('Condition/b', { versionId: null });
      const a = lineage('Observation/a', { source: 'Observation/o1' });
      const other = lineage('Condition/a', { subject: 's2', site: 'nf' });
      const newer = lineage('Condition/b', {
        subject: 's3',
        site: 'zn',
        source: 'Condition/c2',
        versionId: '乙"2',
        hash: 'bb',
        map: 'https://ncct.example.cn/StructureMap/other',
        studyVersion: '1.1',
        at: '2024-03-01T00:00:00Z',
      });
      await store.withTransaction(async ({ hospital }) => {
        for (const row of [a, b, other]) await hospital.putLineage(row);
        expect(await hospital.lineageOf('s1')).toStrictEqual([b, a]);
        expect(await hospital.lineage('Condition/a')).toStrictEqual(other);
        expect(await hospital.lineage('Condition/none')).toBeNull();
        await hospital.putLineage(newer);
        expect(await hospital.lineage('Condition/b')).toStrictEqual(newer);
        expect(await hospital.lineageOf('s1')).toStrictEqual([a]);
        await hospital.removeLineage('Condition/b');
        await hospital.removeLineage('Condition/none');
        expect(await hospital.lineageOf('s3')).toStrictEqual([]);
        expect(await hospital.lineageOf('s1')).toStrictEqual([a]);
      });
    });

    test('tasks are put, replaced by their newer version, listed by subject and, while open, of all', async () => {
      const [b, a] = [task('b'), task('a', { subject: 's2', site: 'nf', patient: 'p2' })];
      const done = task('b', { open: false, version: 2, lastUpdated: '2024-02-02T00:00:00Z', body: '{}' });
      await store.withTransaction(async ({ hospital }) => {
        expect(await hospital.openTasks()).toStrictEqual([]);
        for (const row of [b, a]) await hospital.putTask(row);
        expect(await hospital.openTasks()).toStrictEqual([a, b]);
        expect(await hospital.tasksOf('s1')).toStrictEqual([b]);
        await hospital.putTask(done);
        expect(await hospital.openTasks()).toStrictEqual([a]);
        expect(await hospital.tasksOf('s1')).toStrictEqual([done]);
      });
    });

    test('what is held of a subject is replaced as a whole; all is listed in one order', async () => {
      const none = held('Condition/c1', { expression: null, message: 'No map.', reason: 'map-missing' });
      const first = held('Condition/c1', { expression: 'Condition.code' });
      const second = held('Condition/c1');
      const other = held('Condition/c0', { subject: 's0' });
      await store.withTransaction(async ({ hospital }) => {
        expect(await hospital.held()).toStrictEqual([]);
        await hospital.putHeld('s1', [second, none, first]);
        await hospital.putHeld('s0', [other]);
        expect(await hospital.held()).toStrictEqual([other, none, first, second]);
        await hospital.putHeld('s1', [first, held('Condition/c9', { subject: 's0' })]);
        expect(await hospital.held()).toStrictEqual([other, first, held('Condition/c9')]);
        await hospital.putHeld('s1', []);
        expect(await hospital.held()).toStrictEqual([other]);
      });
    });

    test('the first tombstone of a hash stays, each site has its own', async () => {
      const early = tombstone('b', { at: '2024-07-01T00:00:00Z', reason: 'withdrawn' });
      await store.withTransaction(async ({ hospital }) => {
        expect(await hospital.isTombstoned('ya', 'a')).toBe(false);
        for (const row of [tombstone('c'), tombstone('a'), early]) await hospital.addTombstone(row);
        await hospital.addTombstone(tombstone('a', { at: '2025-01-01T00:00:00Z', reason: 'again' }));
        expect(await hospital.tombstones('ya')).toStrictEqual([early, tombstone('a'), tombstone('c')]);
        expect(await hospital.isTombstoned('ya', 'a')).toBe(true);
        expect(await hospital.isTombstoned('nf', 'a')).toBe(false);
        expect(await hospital.tombstones('nf')).toStrictEqual([]);
      });
    });

    test('research resources keep all versions; the highest counts, a deletion too; a version is written once', async () => {
      const gone = research('b', 3, { deleted: true });
      const patient = research('z', 1, { type: 'AdverseEvent' });
      await store.withTransaction(async ({ study }) => {
        for (const row of [research('b', 1), research('b', 2), research('a', 1), patient]) await study.putResearch(row);
        await study.putResearch(research('b', 1, { type: 'Procedure', subject: 's2' }));
        expect(await study.research('Condition', 'b')).toStrictEqual(research('b', 2));
        expect(await study.research('Condition', 'none')).toBeNull();
        expect(await study.researchOf('s1')).toStrictEqual([patient, research('a', 1), research('b', 2)]);
        await study.putResearch(gone);
        expect(await study.research('Condition', 'b')).toStrictEqual(gone);
        expect(await study.researchOf('s1')).toStrictEqual([patient, research('a', 1), gone]);
        expect(await study.researchHistory('Condition', 'b')).toStrictEqual([research('b', 1), research('b', 2), gone]);
        expect(await study.researchHistory('Procedure', 'a')).toStrictEqual([]);
        await expect(study.putResearch(research('b', 2, { body: '{}' }))).rejects.toThrow();
        const ten = research('b', 10, { lastUpdated: '2024-02-10T00:00:00Z' });
        await study.putResearch(ten);
        expect(await study.research('Condition', 'b')).toStrictEqual(ten);
      });
    });

    test('a resource is of the subject that its newest version names', async () => {
      const moved = research('a', 2, { subject: 's2' });
      await store.withTransaction(async ({ study }) => {
        await study.putResearch(research('a', 1));
        await study.putResearch(moved);
        expect(await study.researchOf('s1')).toStrictEqual([]);
        expect(await study.researchOf('s2')).toStrictEqual([moved]);
      });
    });
  });
}
