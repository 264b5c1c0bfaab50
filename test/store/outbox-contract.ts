import type { NewDelivery, OutboxTables, Settled } from '../../src/store/outbox-rows.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const at = (minute: number) => `2025-06-02T00:${String(minute).padStart(2, '0')}:00.000Z`;
const HOUR = '2025-06-02T01:00:00.000Z';

const note = (type: string, subject: string, given: Partial<NewDelivery> = {}): NewDelivery => ({
  target: 'hub',
  type,
  id: `${type.toLowerCase()}-${subject}`,
  subject,
  version: 1,
  at: at(1),
  ...given,
});
const done = (remote: string | null, given: Partial<Extract<Settled, { state: 'done' }>> = {}): Settled => ({
  state: 'done',
  remote,
  hash: 'h1',
  loose: false,
  ...given,
});

/** What every store keeps to about the outbox of deliveries. */
export function outboxContract(name: string, open: () => Promise<Opened>): void {
  describe(`outbox contract: ${name}`, () => {
    let store: Store;
    let reopen: () => Promise<Store>;
    beforeEach(async () => ({ store, reopen } = await open()));
    afterEach(async () => store.close());

    const write = <T>(work: (outbox: OutboxTables) => Promise<T>) => store.withTransaction((tx) => work(tx.study));
    const add = (...rows: NewDelivery[]) =>
      write(async (outbox) => {
        for (const row of rows) await outbox.noteDelivery(row);
      });
    const claim = (mark: string, now = at(30), until = HOUR) =>
      write((outbox) => outbox.claimDeliveries('hub', mark, now, until));
    const namesOf = (rows: readonly { type: string; subject: string }[]) =>
      rows.map((row) => `${row.type} ${row.subject}`);
    const inState = async (state: 'waiting' | 'claimed' | 'done' | 'failed') =>
      store.withTransaction(async ({ study }) => namesOf(await study.deliveriesIn(state)));

    test('is claimed a person at a time, the longest waiting first, whatever the order of ids', async () => {
      await add(note('Patient', 'z'), note('Patient', 'a', { at: at(2) }), note('Consent', 'z', { at: at(3) }));
      await add(note('Patient', 'other', { target: 'ward' }));
      expect(await claim('c1', at(0))).toEqual([]);
      expect(await claim('c1', at(3))).toStrictEqual(
        ['Consent', 'Patient']
          .map((type) => ({
            ...note(type, 'z'),
            at: undefined,
            state: 'claimed',
            attempts: 0,
            notBefore: HOUR,
            code: null,
            changes: 1,
            claim: 'c1',
            remote: null,
            hash: null,
            loose: false,
            againAt: null,
            releasedAt: null,
          }))
          .map(({ at: _, ...row }) => row),
      );
      expect(namesOf(await claim('c2'))).toEqual(['Patient a']);
      expect(await claim('c3')).toEqual([]);
    });

    test('of a person of whom something is claimed or put off nothing is claimed', async () => {
      await add(note('Patient', 'a'));
      await claim('c1');
      await add(note('Consent', 'a'));
      expect(await claim('c2')).toEqual([]);
      await write((outbox) => outbox.putOffClaim('c1', at(40), 'answer-5xx'));
      expect(await claim('c3', at(39))).toEqual([]);
      expect((await claim('c4', at(40))).map(({ type, attempts, code }) => [type, attempts, code])).toEqual([
        ['Consent', 0, null],
        ['Patient', 1, 'answer-5xx'],
      ]);
    });

    test('what is noted again waits once; while claimed it waits when that is settled', async () => {
      await add(note('Patient', 'a'), note('Patient', 'a', { version: 2, at: at(5) }));
      const [row] = await claim('c1');
      expect([row!.version, row!.changes]).toEqual([2, 2]);
      await add(note('Patient', 'a', { version: 3, subject: 'b', at: at(31) }));
      expect(await inState('claimed')).toEqual(['Patient b']);
      await write((outbox) => outbox.settleDelivery(row!, 'c1', row!.changes, done('r1'), at(32)));
      const after = await store.withTransaction(({ study }) => study.delivery(row!));
      expect(after).toMatchObject({
        state: 'waiting',
        subject: 'b',
        version: 3,
        remote: 'r1',
        notBefore: at(32),
        claim: null,
      });
      const [again] = await claim('c2', at(33));
      await write((outbox) => outbox.settleDelivery(again!, 'c2', again!.changes, done('r1'), at(33)));
      expect(await inState('done')).toEqual(['Patient b']);
    });

    test('a claim that is over settles nothing', async () => {
      await add(note('Patient', 'a'));
      const [row] = await claim('c1', at(1), at(10));
      const [again] = await claim('c2', at(10), at(20));
      expect(again).toMatchObject({ claim: 'c2', id: row!.id });
      await write((outbox) => outbox.settleDelivery(row!, 'c1', 1, done('r1'), at(11)));
      await write((outbox) => outbox.putOffClaim('c1', at(50), 'conflict'));
      expect(await store.withTransaction(({ study }) => study.delivery(row!))).toMatchObject({
        claim: 'c2',
        remote: null,
      });
      expect(await write((outbox) => outbox.renewClaim('c2', at(55)))).toMatchObject([{ notBefore: at(55) }]);
      expect(await claim('c3', at(54))).toEqual([]);
    });

    test('what failed waits again when it is noted, or retried; what was put off too', async () => {
      await add(note('Patient', 'a'), note('Consent', 'b'), note('Consent', 'c'));
      for (const mark of ['c1', 'c2']) {
        const [row] = await claim(mark);
        await write((outbox) => outbox.settleDelivery(row!, mark, 1, { state: 'failed', code: 'refused' }, at(31)));
      }
      await claim('c3');
      await write((outbox) => outbox.putOffClaim('c3', at(50), 'answer-5xx'));
      expect(await claim('c4')).toEqual([]);
      expect(await inState('failed')).toHaveLength(2);
      await add(note('Patient', 'a', { at: at(31) }));
      expect(await inState('failed')).toEqual(['Consent b']);
      expect(await write((outbox) => outbox.retryDeliveries('hub', at(32)))).toBe(2);
      expect(await write((outbox) => outbox.retryDeliveries('hub', at(32)))).toBe(0);
      expect([await inState('failed'), (await inState('waiting')).length]).toEqual([[], 3]);
    });

    test('claims of one that died wait again after the store is opened again; what had left is sent once more later', async () => {
      await add(note('Patient', 'a'), note('Consent', 'a'));
      const rows = await claim('c1');
      await write((outbox) => outbox.markReleased(rows[1]!, at(30)));
      await write((outbox) => outbox.markReleased(rows[1]!, at(31)));
      store = await reopen();
      if (name === 'memory') return;
      expect(await write((outbox) => outbox.releaseClaims('hub', at(32), at(50)))).toBe(2);
      const [consent, patient] = await claim('c2', at(33));
      expect([consent!.againAt, patient!.againAt, patient!.releasedAt]).toEqual([null, at(50), at(30)]);
      for (const row of [consent!, patient!])
        await write((outbox) => outbox.settleDelivery(row, 'c2', 1, done(`r-${row.type}`), at(34)));
      expect(await claim('c3', at(49))).toEqual([]);
      expect((await claim('c3', at(50))).map(({ type, hash, againAt }) => [type, hash, againAt])).toEqual([
        ['Patient', null, null],
      ]);
    });

    test('put off with an attempt left open: what has left is sent once more', async () => {
      await add(note('Patient', 'a'), note('Consent', 'a'));
      const rows = await claim('c1');
      await write((outbox) => outbox.markReleased(rows[0]!, at(30)));
      await write((outbox) => outbox.putOffClaim('c1', at(31), 'cut-off', at(55)));
      expect((await claim('c2', at(31))).map(({ type, againAt }) => [type, againAt])).toEqual([
        ['Consent', at(55)],
        ['Patient', null],
      ]);
    });

    test('what is done waits again for what it names, or because the target has lost it', async () => {
      await add(note('Patient', 'a'), note('Consent', 'a'), note('Condition', 'a'));
      for (const row of await claim('c1')) {
        const settled = done(row.type === 'Condition' ? null : 'r', { loose: row.type === 'Consent' });
        await write((outbox) => outbox.settleDelivery(row, 'c1', 1, settled, at(31)));
      }
      await write((outbox) => outbox.relink('hub', 'a', at(32), 'loose'));
      expect((await claim('c2', at(32))).map(({ type, hash }) => [type, hash])).toEqual([['Consent', 'h1']]);
      await write((outbox) => outbox.putOffClaim('c2', at(33), null));
      await write((outbox) => outbox.relink('hub', 'a', at(33), 'all'));
      expect((await claim('c3', at(33))).map(({ type, hash }) => [type, hash])).toEqual([
        ['Consent', 'h1'],
        ['Patient', null],
      ]);
      await write((outbox) => outbox.putOffClaim('c3', at(34), null));
      await write((outbox) => outbox.resendDelivery({ target: 'hub', type: 'Condition', id: 'condition-a' }, at(34)));
      expect((await claim('c4', at(34))).map(({ type }) => type)).toEqual(['Condition', 'Consent', 'Patient']);
    });

    test('lists: subjects in pages, what has left, counts', async () => {
      await add(
        note('Patient', 'a'),
        note('Patient', 'b'),
        note('Consent', 'b'),
        note('Patient', 'c', { target: 'ward' }),
      );
      const [row] = await claim('c1');
      await write((outbox) => outbox.markReleased(row!, at(30)));
      await store.withTransaction(async ({ study }) => {
        expect(await study.deliverySubjects('hub', '', 1)).toEqual(['a']);
        expect(await study.deliverySubjects('hub', 'a', 5)).toEqual(['b']);
        expect(namesOf(await study.releasedOf('a'))).toEqual(['Patient a']);
        expect(await study.releasedOf('b')).toEqual([]);
        expect(namesOf(await study.deliveriesOf('hub', 'b'))).toEqual(['Consent b', 'Patient b']);
        expect(await study.deliveryCounts()).toStrictEqual([
          { target: 'hub', type: 'Consent', state: 'waiting', count: 1, oldest: at(1) },
          { target: 'hub', type: 'Patient', state: 'claimed', count: 1, oldest: HOUR },
          { target: 'hub', type: 'Patient', state: 'waiting', count: 1, oldest: at(1) },
          { target: 'ward', type: 'Patient', state: 'waiting', count: 1, oldest: at(1) },
        ]);
      });
    });
  });
}
