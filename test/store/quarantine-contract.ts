import type { NewQuarantineRow } from '../../src/store/quarantine-rows.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

function refused(id: string, given: Partial<NewQuarantineRow> = {}): NewQuarantineRow {
  return {
    id,
    site: 'ya',
    at: '2025-06-01T00:00:00.000Z',
    file: 'feed.ndjson',
    line: 3,
    entry: null,
    reason: 'shape',
    expression: 'Condition.code',
    message: 'Not so.',
    content: 'v1.sealed',
    withheld: null,
    persons: ['p1'],
    ...given,
  };
}

function kept({ persons: _, ...row }: NewQuarantineRow, attempts = 1) {
  return { ...row, state: 'open', resolvedAt: null, attempts };
}

function listed(row: NewQuarantineRow, attempts = 1) {
  const { content: _, ...rest } = kept(row, attempts);
  return rest;
}

/** What every store keeps to about what was set aside. */
export function quarantineContract(name: string, open: () => Promise<Opened>): void {
  describe(`quarantine contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('a row is given back as it was put, with and without content', async () => {
      const bare = refused('b', { site: null, line: null, entry: 7, expression: null, content: null, persons: [] });
      const rows = [refused('a', { message: '乙\u0000"' }), { ...bare, withheld: 'site-unknown' as const }];
      await store.withTransaction(async ({ hospital }) => {
        for (const row of rows) await hospital.putQuarantined(row);
        for (const row of rows) expect(await hospital.quarantined(row.id)).toStrictEqual(kept(row));
        expect(await hospital.quarantined('c')).toBeNull();
      });
    });

    test('one that arrives again is one row: the newest refusal, place and content, and the attempts counted', async () => {
      const again = refused('a', {
        at: '2025-06-02T00:00:00.000Z',
        file: 'other',
        line: 1,
        entry: 0,
        reason: 'subject-foreign',
        expression: null,
        message: 'Still not.',
        content: 'v1.other',
        persons: ['p2'],
      });
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putQuarantined(refused('a'));
        await hospital.putQuarantined(again);
        expect(await hospital.quarantined('a')).toStrictEqual(kept(again, 2));
        expect(await hospital.purgePeople('ya', ['p1'], [])).toMatchObject({ quarantined: 0 });
        expect(await hospital.purgePeople('ya', ['p2'], [])).toMatchObject({ quarantined: 1 });
      });
    });

    test('open rows are listed by time, then id, of one site or for one reason', async () => {
      const a = refused('a', { at: '2025-06-03T00:00:00.000Z' });
      const c = refused('c', { site: 'nf', reason: 'unknown-type' });
      const d = refused('d', { site: null, content: null, withheld: 'not-readable', persons: [] });
      const b = refused('b');
      await store.withTransaction(async ({ hospital }) => {
        for (const row of [a, d, c, b, refused('e')]) await hospital.putQuarantined(row);
        await hospital.resolveQuarantined('e', '2025-06-04T00:00:00.000Z');
        expect(await hospital.openQuarantine({})).toStrictEqual([b, c, d, a].map((row) => listed(row)));
        expect(await hospital.openQuarantine({ site: 'ya' })).toStrictEqual([b, a].map((row) => listed(row)));
        expect(await hospital.openQuarantine({ reason: 'unknown-type' })).toStrictEqual([listed(c)]);
        expect(await hospital.openQuarantine({ site: 'ya', reason: 'unknown-type' })).toStrictEqual([]);
      });
    });

    test('what is resolved has no content and concerns nobody; it is not resolved or refused twice, and opens again', async () => {
      const first = '2025-06-04T00:00:00.000Z';
      const expected = {
        ...kept(refused('a')),
        content: null,
        withheld: 'resolved',
        state: 'resolved',
        resolvedAt: first,
      };
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putQuarantined(refused('a'));
        await hospital.resolveQuarantined('a', first);
        await hospital.resolveQuarantined('a', '2025-06-05T00:00:00.000Z');
        await hospital.refuseQuarantined('a', { reason: 'other', expression: null, message: 'x' });
        expect(await hospital.quarantined('a')).toStrictEqual(expected);
        expect(await hospital.purgePeople('ya', ['p1'], [])).toMatchObject({ quarantined: 0 });
        await hospital.putQuarantined(refused('a'));
        expect(await hospital.quarantined('a')).toStrictEqual(kept(refused('a'), 2));
      });
    });

    test('a refusal more counts, and leaves place, time and content', async () => {
      const refusal = { reason: 'subject-foreign', expression: 'Condition.subject', message: 'Other.' };
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putQuarantined(refused('a'));
        await hospital.refuseQuarantined('a', refusal);
        await hospital.refuseQuarantined('b', refusal);
        expect(await hospital.quarantined('a')).toStrictEqual({ ...kept(refused('a'), 2), ...refusal });
        expect(await hospital.openQuarantine({})).toHaveLength(1);
      });
    });

    test('content goes after its time, of one site or of all; the row stays and concerns nobody', async () => {
      const instant = '2025-06-10T00:00:00.000Z';
      const old = refused('a');
      const other = refused('b', { site: 'nf' });
      const young = refused('c', { at: instant });
      await store.withTransaction(async ({ hospital }) => {
        for (const row of [old, other, young]) await hospital.putQuarantined(row);
        expect(await hospital.ageQuarantine('ya', instant)).toBe(1);
        expect(await hospital.quarantined('a')).toStrictEqual({ ...kept(old), content: null, withheld: 'aged' });
        expect(await hospital.quarantined('b')).toStrictEqual(kept(other));
        expect(await hospital.ageQuarantine(null, instant)).toBe(1);
        expect(await hospital.quarantined('c')).toStrictEqual(kept(young));
        expect(await hospital.purgePeople('ya', ['p1'], [])).toMatchObject({ quarantined: 1 });
      });
    });

    test('a purge deletes rows that may concern the person, by id or alias, of that site only', async () => {
      const rows = [
        refused('a', { persons: ['p1', 'p9'] }),
        refused('b', { persons: ['?x'] }),
        refused('c', { persons: ['p2', '?y'] }),
        refused('d', { site: 'nf', persons: ['p1'] }),
        refused('e', { persons: [] }),
      ];
      await store.withTransaction(async ({ hospital }) => {
        for (const row of rows) await hospital.putQuarantined(row);
        expect(await hospital.purgePeople('ya', ['p1'], ['?x'])).toMatchObject({ records: 0, quarantined: 2 });
        expect((await hospital.openQuarantine({})).map(({ id }) => id)).toEqual(['c', 'd', 'e']);
      });
    });
  });
}
