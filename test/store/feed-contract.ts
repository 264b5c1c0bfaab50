import type { FeedQuery, NoticeRow, ShownFlagRow, ShownSubjectRow } from '../../src/store/feed-rows.ts';
import type { TaskRow } from '../../src/store/research-rows.ts';
import type { HospitalTables, Store } from '../../src/store/store.ts';
import type { Settled, SubscriberRow } from '../../src/store/subscriber-rows.ts';
import type { Opened } from './contract.ts';

const at = (second: number) => `2025-06-01T00:00:${String(second).padStart(2, '0')}.000Z`;

function shown(subject: string, second: number, given: Partial<ShownSubjectRow> = {}): ShownSubjectRow {
  const row = { subject, site: 'ya', version: 1, lastUpdated: at(second), status: 'eligible', reason: null };
  return { ...row, gone: false, ...given };
}

function flag(id: string, given: Partial<ShownFlagRow> = {}): ShownFlagRow {
  const row = { id, site: 'ya', subject: 's1', flag: id, version: 1, lastUpdated: at(1), gone: false };
  return { ...row, ...given };
}

function task(id: string, second: number, kind: string, status: string): TaskRow {
  const body = JSON.stringify({ status, code: { coding: [{ code: kind }] }, focus: { reference: `Specimen/${id}` } });
  const open = status === 'requested';
  return { id, site: 'ya', patient: 'p1', subject: 's1', open, version: 1, lastUpdated: at(second), body };
}

function asked(given: Partial<FeedQuery> = {}): FeedQuery {
  const query = { site: 'ya', from: null, until: null, ids: null, where: {}, falling: false, after: null, limit: 9 };
  return { ...query, ...given };
}

function subscriber(id: string, given: Partial<SubscriberRow> = {}): SubscriberRow {
  return {
    ...{ id, site: 'ya', status: 'requested', reason: 'worklist', type: 'ResearchSubject', statuses: null },
    ...{ endpoint: 'https://his.example/hook', payload: true, secret: 'v1.sealed', error: null, version: 1 },
    ...{ lastUpdated: at(0), gone: false, position: 0, events: 0 },
    ...given,
  } as SubscriberRow;
}

const notice = (site: string, id: string): Omit<NoticeRow, 'number'> => ({
  ...{ site, type: 'ResearchSubject', id, version: 1, status: 'eligible', kind: 'new-candidate', at: at(1) },
});

/** What every store keeps to about what a hospital reads and is told of. */
export function feedContract(name: string, open: () => Promise<Opened>): void {
  describe(`feed contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());
    const inside = (work: (hospital: HospitalTables) => Promise<void>) =>
      store.withTransaction(({ hospital }) => work(hospital));

    test('rows are given back as they were put, and replaced', () =>
      inside(async (hospital) => {
        const rows = [
          shown('s1', 1),
          shown('s2', 2, { reason: 'declined', gone: true }),
          shown('s3', 3, { site: 'nf' }),
        ];
        for (const row of rows) await hospital.putShownSubject(row);
        for (const row of rows) expect(await hospital.shownSubject(row.subject)).toStrictEqual(row);
        const newer = shown('s1', 5, { version: 2, status: 'ineligible', reason: 'exclusion-criterion' });
        await hospital.putShownSubject(newer);
        expect(await hospital.shownSubjects('ya')).toStrictEqual([newer]);
        expect(await hospital.shownSubject('s9')).toBeNull();

        await hospital.putShownFlag(flag('f2'));
        await hospital.putShownFlag(flag('f1', { gone: true }));
        await hospital.putShownFlag(flag('f2', { version: 2, lastUpdated: at(2) }));
        expect(await hospital.shownFlag('f1')).toStrictEqual(flag('f1', { gone: true }));
        const both = [flag('f1', { gone: true }), flag('f2', { version: 2, lastUpdated: at(2) })];
        expect(await hospital.shownFlagsOf('s1')).toStrictEqual(both);
        expect(await hospital.shownFlag('f3')).toBeNull();
        await hospital.putTask(task('t1', 1, 'draw-blood', 'requested'));
        expect(await hospital.task('t1')).toStrictEqual(task('t1', 1, 'draw-blood', 'requested'));
        expect(await hospital.task('t2')).toBeNull();
      }));

    test('pages follow one another without a gap or a double, either way, whatever shares an instant', () =>
      inside(async (hospital) => {
        // Written in another order than they are read in.
        for (const [id, second] of [
          ['e', 3],
          ['b', 2],
          ['d', 2],
          ['a', 1],
          ['c', 2],
        ] as const)
          await hospital.putShownSubject(shown(id, second));
        await hospital.putShownSubject(shown('x', 2, { gone: true }));
        await hospital.putShownSubject(shown('y', 2, { site: 'nf' }));
        for (const falling of [false, true]) {
          const read: string[] = [];
          for (let after: FeedQuery['after'] = null; ; ) {
            const page: ShownSubjectRow[] = await hospital.feedPage(
              'ResearchSubject',
              asked({ falling, after, limit: 2 }),
            );
            read.push(...page.map(({ subject }) => subject));
            const last = page.at(-1);
            if (!last) break;
            after = { lastUpdated: last.lastUpdated, id: last.subject };
          }
          expect(read.join('')).toBe(falling ? 'edcba' : 'abcde');
        }
        expect(await hospital.feedCount('ResearchSubject', asked({ limit: 1 }))).toBe(5);
      }));

    test('bounds, ids and statuses narrow a search, and its count alike', () =>
      inside(async (hospital) => {
        for (const [id, second, status] of [
          ['a', 1, 'eligible'],
          ['b', 2, 'screening'],
          ['c', 3, 'eligible'],
        ] as const)
          await hospital.putShownSubject(shown(id, second, { status }));
        const found = async (given: Partial<FeedQuery>) => {
          const rows = await hospital.feedPage('ResearchSubject', asked(given));
          expect(await hospital.feedCount('ResearchSubject', asked(given))).toBe(rows.length);
          return rows.map(({ subject }) => subject).join('');
        };
        expect(await found({ from: at(2) })).toBe('bc');
        expect(await found({ until: at(2) })).toBe('a');
        expect(await found({ from: at(2), until: at(3), falling: true })).toBe('b');
        expect(await found({ ids: ['c', 'a', 'zz'] })).toBe('ac');
        expect(await found({ ids: ['c', 'a'], falling: true, from: at(2) })).toBe('c');
        expect(await found({ ids: ['a'], site: 'nf' })).toBe('');
        expect(await found({ where: { status: ['eligible', 'withdrawn'] } })).toBe('ac');
        expect(await found({ where: { status: [] } })).toBe('');
      }));

    test('Tasks are found by status, code and focus, flags by nothing but time', () =>
      inside(async (hospital) => {
        await hospital.putTask(task('t1', 1, 'draw-blood', 'requested'));
        await hospital.putTask(task('t2', 2, 'draw-blood', 'completed'));
        await hospital.putTask(task('t3', 3, 'sae-report', 'requested'));
        const found = async (where: FeedQuery['where']) =>
          (await hospital.feedPage('Task', asked({ where }))).map(({ id }) => id).join(' ');
        expect(await found({})).toBe('t1 t2 t3');
        expect(await found({ code: ['draw-blood'] })).toBe('t1 t2');
        expect(await found({ code: ['draw-blood'], status: ['requested'] })).toBe('t1');
        expect(await found({ focus: ['Specimen/t3'] })).toBe('t3');
        expect(await hospital.feedPage('Task', asked({ limit: 1 }))).toStrictEqual([
          task('t1', 1, 'draw-blood', 'requested'),
        ]);
        await hospital.putShownFlag(flag('f1'));
        await hospital.putShownFlag(flag('f2', { gone: true }));
        expect(await hospital.feedPage('Flag', asked())).toStrictEqual([flag('f1')]);
      }));

    test('notices are numbered by site, without gaps; what is rolled back takes no number', async () => {
      await inside(async (hospital) => {
        expect(await hospital.lastNotice('ya')).toBeNull();
        for (const site of ['ya', 'nf', 'ya']) await hospital.addNotice(notice(site, `of-${site}`));
      });
      const undone = store.withTransaction(async ({ hospital }) => {
        await hospital.addNotice(notice('ya', 'undone'));
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      await inside(async (hospital) => {
        await hospital.addNotice({ ...notice('ya', 'last'), type: 'Task', status: null, kind: 'gone' });
        const numbers = async (site: string, after: number, limit: number) =>
          (await hospital.noticesAfter(site, after, limit)).map(({ number, id }) => `${number} ${id}`);
        expect(await numbers('ya', 0, 9)).toEqual(['1 of-ya', '2 of-ya', '3 last']);
        expect(await numbers('ya', 1, 1)).toEqual(['2 of-ya']);
        expect(await numbers('nf', 0, 9)).toEqual(['1 of-nf']);
        expect(await hospital.lastNotice('ya', 'ResearchSubject')).toStrictEqual({
          ...notice('ya', 'of-ya'),
          number: 2,
        });
        expect((await hospital.lastNotice('ya'))?.number).toBe(3);
      });
    });

    test('subscribers are given back as they were put; gone ones are listed no more', () =>
      inside(async (hospital) => {
        const rows = [subscriber('a', { statuses: ['eligible'], payload: false, error: 'x: y' }), subscriber('b')];
        for (const row of rows) await hospital.putSubscriber(row);
        await hospital.putSubscriber(subscriber('c', { gone: true, status: 'off' }));
        await hospital.putSubscriber(subscriber('d', { site: 'nf' }));
        expect(await hospital.subscribers('ya')).toStrictEqual(rows);
        expect(await hospital.subscriber('c')).toStrictEqual(subscriber('c', { gone: true, status: 'off' }));
        expect(await hospital.subscriber('e')).toBeNull();
      }));

    test('one is claimed when it is to shake hands, or active with notices to weigh, and only once', () =>
      inside(async (hospital) => {
        await hospital.addNotice(notice('ya', 's1'));
        for (const [id, status, position] of [
          ['done', 'active', 1],
          ['error', 'error', 0],
          ['hello', 'requested', 1],
          ['off', 'off', 0],
          ['waits', 'active', 0],
        ] as const)
          await hospital.putSubscriber(subscriber(id, { status, position }));
        await hospital.putSubscriber(subscriber('gone', { gone: true }));
        await hospital.putSubscriber(subscriber('quiet', { site: 'nf', status: 'active' }));
        const claimed = [await hospital.claimSubscriber(at(1)), await hospital.claimSubscriber(at(1))];
        expect(claimed.map((row) => row?.id)).toEqual(['hello', 'waits']);
        expect(claimed[0]).toStrictEqual({ ...subscriber('hello', { position: 1 }), claim: 1, attempts: 0 });
        expect(await hospital.claimSubscriber(at(1))).toBeNull();
        expect(await hospital.releaseSubscribers()).toBe(2);
        expect((await hospital.claimSubscriber(at(1)))?.claim).toBe(2);
      }));

    test('a claim is settled once, and not after the subscriber was replaced or claimed anew', () =>
      inside(async (hospital) => {
        await hospital.putSubscriber(subscriber('a'));
        const settled: Settled = {
          status: 'active',
          error: null,
          version: 2,
          lastUpdated: at(3),
          position: 7,
          events: 4,
          attempts: 1,
          notBefore: at(9),
        };
        const first = (await hospital.claimSubscriber(at(1)))!;
        await hospital.putSubscriber(subscriber('a', { version: 3 }));
        expect(await hospital.settleSubscriber('a', first.claim, settled)).toBe(false);
        const second = (await hospital.claimSubscriber(at(1)))!;
        expect(await hospital.settleSubscriber('a', first.claim, settled)).toBe(false);
        expect(await hospital.settleSubscriber('a', second.claim, settled)).toBe(true);
        expect(await hospital.settleSubscriber('a', second.claim, settled)).toBe(false);
        const { attempts: _, notBefore: __, ...now } = settled;
        expect(await hospital.subscriber('a')).toStrictEqual(subscriber('a', now));
        for (let n = 0; n < 8; n++) await hospital.addNotice(notice('ya', 's1'));
        expect(await hospital.claimSubscriber(at(8))).toBeNull();
        expect(await hospital.claimSubscriber(at(9))).toMatchObject({ id: 'a', attempts: 1, claim: 3 });
      }));

    test('a purge takes away what is shown of a subject; its notices stay', () =>
      inside(async (hospital) => {
        for (const subject of ['s1', 's2']) {
          await hospital.putShownSubject(shown(subject, 1));
          await hospital.putShownFlag(flag(`of-${subject}`, { subject }));
          await hospital.addNotice(notice('ya', subject));
          await hospital.putEnrolment({ subject, site: 'ya', patient: `p-${subject}`, state: '{}' });
        }
        await hospital.purgePeople('ya', ['p-s1'], []);
        expect((await hospital.shownSubjects('ya')).map(({ subject }) => subject)).toEqual(['s2']);
        expect((await hospital.feedPage('Flag', asked())).map(({ id }) => id)).toEqual(['of-s2']);
        expect(await hospital.noticesAfter('ya', 0, 9)).toHaveLength(2);
      }));
  });
}
