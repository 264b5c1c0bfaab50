import { AsyncResource } from 'node:async_hooks';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { research } from './research-rows.ts';
import { subject } from './rows.ts';

/** A caller that is in no transaction. */
const OUTSIDE = new AsyncResource('outside');
const day = (number: number) => `2024-02-0${number}T00:00:00.000Z`;
const row = (id: string, version: number, given: Parameters<typeof research>[2] = {}) =>
  research(id, version, { lastUpdated: day(version), ...given });

/** What every store keeps to about the study side as it stood at an instant. */
export function standingContract(name: string, open: () => Promise<Opened>): void {
  describe(`standing contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('a resource as it stood at an instant, and whether it is gone by now', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.putResearch(row('a', 1));
        await study.putResearch(row('a', 2));
        await study.putResearch(row('a', 3, { deleted: true }));
        expect(await study.standing('Condition', 'a', '2024-01-31T23:59:59.999Z')).toBeNull();
        expect(await study.standing('Condition', 'a', day(1))).toStrictEqual({ ...row('a', 1), gone: true });
        expect(await study.standing('Condition', 'a', '2024-02-02T23:59:59.999Z')).toStrictEqual({
          ...row('a', 2),
          gone: true,
        });
        expect(await study.standing('Condition', 'a', day(3))).toStrictEqual({
          ...row('a', 3, { deleted: true }),
          gone: true,
        });
        expect(await study.standing('Procedure', 'a', day(3))).toBeNull();
      });
    });

    test('those of a type, page by page, without what was deleted then', async () => {
      await store.withTransaction(async ({ study }) => {
        for (const id of ['c', 'a', 'b', 'd']) await study.putResearch(row(id, 1));
        await study.putResearch(row('b', 2, { deleted: true }));
        await study.putResearch(row('c', 2));
        await study.putResearch(row('e', 3));
        await study.putResearch(row('x', 1, { type: 'Procedure' }));
        const page = async (at: number, after: string, limit: number) =>
          (await study.standingAfter('Condition', day(at), after, limit)).map((one) => [one.id, one.version, one.gone]);
        expect(await page(1, '', 9)).toEqual([
          ['a', 1, false],
          ['b', 1, true],
          ['c', 1, false],
          ['d', 1, false],
        ]);
        expect(await page(2, '', 2)).toEqual([
          ['a', 1, false],
          ['c', 2, false],
        ]);
        expect(await page(3, 'c', 2)).toEqual([
          ['d', 1, false],
          ['e', 3, false],
        ]);
      });
    });

    test('those of a subject that were of it then', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.putResearch(row('b', 1));
        await study.putResearch(row('a', 1, { type: 'Procedure' }));
        await study.putResearch(row('b', 2, { subject: 's2' }));
        const of = async (who: string, at: number) =>
          (await study.standingOf(who, day(at))).map((one) => `${one.type}/${one.id}`);
        expect(await of('s1', 1)).toEqual(['Condition/b', 'Procedure/a']);
        expect(await of('s1', 2)).toEqual(['Procedure/a']);
        expect(await of('s2', 2)).toEqual(['Condition/b']);
      });
    });

    test('what changed in a span, deletions too, in the order of its times; each once, as it stood at the end', async () => {
      await store.withTransaction(async ({ study }) => {
        for (const id of ['a', 'b', 'c']) await study.putResearch(row(id, 1));
        await study.putResearch(row('c', 2));
        await study.putResearch(row('a', 3));
        await study.putResearch(row('c', 3, { deleted: true }));
        await study.putResearch(row('b', 4));
        const page = async (since: number, until: number, mark: { lastUpdated: string; id: string } | null = null) =>
          (await study.changedAfter('Condition', { since: day(since), until: day(until) }, mark, 2)).map((one) => [
            one.id,
            one.version,
            one.deleted,
          ]);
        expect(await page(1, 1)).toEqual([]);
        expect(await page(1, 3)).toEqual([
          ['a', 3, false],
          ['c', 3, true],
        ]);
        expect(await page(1, 2)).toEqual([['c', 2, false]]);
        expect(await page(1, 4, { lastUpdated: day(3), id: 'a' })).toEqual([
          ['c', 3, true],
          ['b', 4, false],
        ]);
      });
    });

    test('a ResearchSubject stands while something else of it does', async () => {
      await store.withTransaction(async ({ study }) => {
        const at = (version: number, given = {}) => subject('s1', version, { lastUpdated: day(version), ...given });
        await study.putSubject(at(1));
        await study.putSubject(subject('s2', 1, { lastUpdated: day(1) }));
        await study.putResearch(row('a', 2));
        await study.putSubject(at(3));
        await study.putResearch(row('a', 4, { deleted: true }));
        const seen = async (on: number) => {
          const one = await study.standing('ResearchSubject', 's1', day(on));
          return one && [one.subject, one.version, one.deleted, one.gone];
        };
        expect(await seen(1)).toEqual(['s1', 1, true, true]);
        expect(await seen(2)).toEqual(['s1', 1, false, true]);
        expect(await seen(3)).toEqual(['s1', 3, false, true]);
        expect(await seen(4)).toEqual(['s1', 3, true, true]);
        const ids = async (on: number) =>
          (await study.standingAfter('ResearchSubject', day(on), '', 9)).map(({ id }) => id);
        expect([await ids(1), await ids(3), await ids(4)]).toEqual([[], ['s1'], []]);
        const all = await study.changedAfter('ResearchSubject', { since: day(3), until: day(4) }, null, 9);
        expect(all.map(({ id, deleted }) => [id, deleted])).toEqual([
          ['s1', true],
          ['s2', true],
        ]);
        const rest = await study.changedAfter(
          'ResearchSubject',
          { since: day(3), until: day(4) },
          { lastUpdated: day(3), id: 's1' },
          9,
        );
        expect(rest.map(({ id }) => id)).toEqual(['s2']);
      });
    });

    test('any resource of a type of a subject, deleted ones too', async () => {
      await store.withTransaction(async ({ study }) => {
        await study.putResearch(row('a', 1, { deleted: true }));
        expect(await study.anyOf('s1', 'Condition')).toMatchObject({ id: 'a', deleted: true });
        expect(await study.anyOf('s1', 'Provenance')).toBeNull();
        expect(await study.anyOf('s2', 'Condition')).toBeNull();
      });
    });

    const standing = async (moment: number) =>
      (await store.read((tx) => tx.study.standingAfter('Condition', new Date(moment).toISOString(), '', 1_000))).map(
        ({ id }) => id,
      );

    test('a settled moment lies below a transaction that is open', async () => {
      let now = Date.parse(day(1));
      const clock = () => ++now;
      let seen: Promise<{ moment: number; ids: string[] }> | null = null;
      await store.withTransaction(async ({ study }) => {
        const lastUpdated = new Date(clock()).toISOString();
        seen = OUTSIDE.runInAsyncScope(async () => {
          const moment = await store.settled(clock);
          return { moment, ids: await standing(moment) };
        });
        for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
        await study.putResearch(row('a', 1, { lastUpdated }));
      });
      const { moment, ids } = (await seen)!;
      expect(await standing(moment)).toEqual(ids);
      expect(ids).toEqual(['a']);
    });

    test.each([
      ['a clock that runs', () => Date.now()],
      ['a clock that stands', () => Date.parse(day(1))],
    ])('what is written after a settled moment is later: %s', async (_, clock) => {
      const seen: { moment: number; ids: string[] }[] = [];
      const write = (id: string) =>
        store.withTransaction(async ({ study }) => {
          await study.putResearch(row(id, 1, { lastUpdated: new Date(clock()).toISOString() }));
        });
      await Promise.all(
        Array.from({ length: 60 }, async (_none, n) => {
          await write(`o${n}`);
          if (n % 5 !== 0) return;
          const moment = await store.settled(clock);
          seen.push({ moment, ids: await standing(moment) });
        }),
      );
      await write('last');
      expect(seen).toHaveLength(12);
      for (const { moment, ids } of seen) expect(await standing(moment)).toEqual(ids);
      expect(await standing(await store.settled(() => clock() + 5))).toHaveLength(61);
    });
  });
}
