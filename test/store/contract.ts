import fc from 'fast-check';
import type { Store, Transaction } from '../../src/store/store.ts';
import { decision, held, lineage, research, tombstone } from './research-rows.ts';
import { dropped, move, rank, record, subject, unmapped } from './rows.ts';

export interface Opened {
  store: Store;
  /** Closes the store and opens what is left of it. */
  reopen: () => Promise<Store>;
}

/** Everything a transaction can read about the site, so that two stores can be compared whole. */
async function everything(tx: Transaction): Promise<unknown> {
  return {
    records: await tx.hospital.recordsOf('ya', ['p1', 'p2', '?a']),
    persons: await tx.hospital.personsAfter('', '', 100),
    aliases: [await tx.hospital.aliasesOf('ya', 'p1'), await tx.hospital.aliasesOf('ya', 'p2')],
    links: await tx.hospital.links('ya'),
    dropped: await tx.hospital.dropped('ya', 'Condition', 'h'),
    unmapped: await tx.hospital.unmappedCounts(),
    pseudonyms: await tx.hospital.pseudonyms('ya', ['p1', 'p2']),
    enrolments: await tx.hospital.enrolments(),
    moves: await tx.hospital.moves('s1'),
    decisions: await tx.hospital.decisionsOf('ya', ['p1', 'p2']),
    lineage: await tx.hospital.lineageOf('s1'),
    held: await tx.hospital.held(),
    tombstones: await tx.hospital.tombstones('ya'),
    numbers: await tx.study.numbers(),
    research: await tx.study.researchOf('s1'),
    subjects: await tx.study.subjects(),
    history: await tx.study.history('s1'),
    audit: await tx.audit(),
    setting: await tx.setting('a'),
  };
}

async function writeOneOfEach(tx: Transaction): Promise<void> {
  await tx.hospital.putRecord(record('o1'));
  await tx.hospital.putAliases('ya', 'p1', ['a1']);
  await tx.hospital.putLinks('ya', 'p1', [{ from: 'p1', to: 'p2' }]);
  await tx.hospital.putDropped('ya', 'Condition', 'h', dropped(rank(1)));
  await tx.hospital.putUnmapped({ site: 'ya', type: 'Condition', id: 'c1' }, [unmapped('c1')]);
  await tx.hospital.addPseudonym({ site: 'ya', patient: 'p1', pseudonym: 'aaaa', keyId: 'k' });
  await tx.hospital.putEnrolment({ subject: 's1', site: 'ya', patient: 'p1', state: '{}' });
  await tx.hospital.addMove(move('s1', 'eligible', { evidence: ['Condition/c1/_history/1'] }));
  await tx.hospital.addDecision(decision('d1'));
  await tx.hospital.putLineage(lineage('Condition/a'));
  await tx.hospital.putHeld('s1', [held('Condition/c1')]);
  await tx.hospital.addTombstone(tombstone('t'));
  await tx.study.takeNumber('Normal', 's1', '2024-02-01T00:00:00Z');
  await tx.study.putResearch(research('a', 1));
  await tx.study.putSubject(subject('s1', 1));
  await tx.addAudit({ at: '2024-01-01T00:00:00Z', actor: 'screen', action: 'put', object: 's1', detail: null });
  await tx.putSetting('a', '1');
}

const EMPTY = {
  records: [],
  persons: [],
  aliases: [[], []],
  links: [],
  dropped: null,
  unmapped: [],
  pseudonyms: [],
  enrolments: [],
  moves: [],
  decisions: [],
  lineage: [],
  held: [],
  tombstones: [],
  numbers: [],
  research: [],
  subjects: [],
  history: [],
  audit: [],
  setting: null,
};

/**
 * What every store keeps to.
 * @param durable false for a store that is gone once it is closed
 */
export function storeContract(name: string, open: () => Promise<Opened>, durable: boolean): void {
  describe(`store contract: ${name}`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => store.close());

    describe('record', () => {
      test('gives back each column as it was put, and replaces', async () => {
        const rows = [
          record('o1'),
          record('o2', { person: null, rank: rank(null), versionId: null, deleted: true, body: null }),
          record('o3', { rank: rank(Number.MAX_SAFE_INTEGER), versionId: '甲"', body: '{"a":"𠮷\\u0000"}' }),
          record('o4', { rank: rank(2e25) }),
          record('o1', { site: 'nf' }),
          record('o1', { type: 'Condition' }),
        ];
        await store.withTransaction(async (tx) => {
          for (const row of rows) await tx.hospital.putRecord(row);
          for (const row of rows) expect(await tx.hospital.record(row)).toStrictEqual(row);
          expect(await tx.hospital.record({ site: 'ya', type: 'Observation', id: 'none' })).toBeNull();
          const newer = record('o1', {
            person: 'p2',
            rank: rank(2, null, 'bb'),
            versionId: '2',
            deleted: true,
            body: null,
          });
          await tx.hospital.putRecord(newer);
          expect(await tx.hospital.record(newer)).toStrictEqual(newer);
          expect(await tx.hospital.record({ ...newer, site: 'nf' })).toStrictEqual(rows[4]);
        });
      });

      test('recordsOf: all of these persons of this site, deletions too, by type and id', async () => {
        const o10 = record('o10', { person: '?a' });
        const o2 = record('o2', { deleted: true, body: null });
        const c9 = record('c9', { type: 'Condition' });
        await store.withTransaction(async (tx) => {
          for (const row of [o2, o10, c9, record('x', { person: 'p2' }), record('y', { site: 'nf' })]) {
            await tx.hospital.putRecord(row);
          }
          expect(await tx.hospital.recordsOf('ya', ['?a', 'p1', 'p1', 'p3'])).toStrictEqual([c9, o10, o2]);
          expect(await tx.hospital.recordsOf('ya', [])).toStrictEqual([]);
        });
      });

      test('personsAfter: distinct persons with their site, in pages', async () => {
        await store.withTransaction(async (tx) => {
          const put = [
            ['ya', 'p2'],
            ['nf', 'p3'],
            ['ya', 'p1'],
            ['ya', null],
            ['nf', 'p1'],
            ['ya', '?a'],
            ['ya', 'p2'],
          ] as const;
          for (const [index, [site, person]] of put.entries()) {
            await tx.hospital.putRecord(record(`o${index}`, { site, person }));
          }
          const all = [
            { site: 'nf', person: 'p1' },
            { site: 'nf', person: 'p3' },
            { site: 'ya', person: '?a' },
            { site: 'ya', person: 'p1' },
            { site: 'ya', person: 'p2' },
          ];
          expect(await tx.hospital.personsAfter('', '', 100)).toStrictEqual(all);
          for (const limit of [1, 2, 3, 5]) {
            const seen: unknown[] = [];
            let after = { site: '', person: '' };
            for (;;) {
              const page = await tx.hospital.personsAfter(after.site, after.person, limit);
              expect(page.length).toBeLessThanOrEqual(limit);
              if (page.length === 0) break;
              seen.push(...page);
              after = page.at(-1)!;
            }
            expect(seen).toStrictEqual(all);
          }
        });
      });
    });

    describe('dropped', () => {
      test('keeps the highest rank, whatever the order', async () => {
        const ladder = [rank(null), rank(9), rank(10), rank(null, '2024-01-01T00:00:00.000000000Z')];
        await store.withTransaction(async (tx) => {
          expect(await tx.hospital.dropped('ya', 'Claim', 'h')).toBeNull();
          for (const index of [1, 0, 2, 1, 3, 2])
            await tx.hospital.putDropped('ya', 'Claim', 'h', dropped(ladder[index]!));
          expect(await tx.hospital.dropped('ya', 'Claim', 'h')).toStrictEqual(dropped(ladder[3]!));
          expect(await tx.hospital.dropped('nf', 'Claim', 'h')).toBeNull();
          await tx.hospital.putDropped('ya', 'Claim', 'h2', dropped(ladder[2]!));
          await tx.hospital.putDropped('ya', 'Claim', 'h2', dropped(ladder[1]!));
          expect(await tx.hospital.dropped('ya', 'Claim', 'h2')).toStrictEqual(dropped(ladder[2]!));
        });
      });
    });

    describe('persons', () => {
      test('aliases of a patient are replaced; a shared alias names all patients', async () => {
        await store.withTransaction(async (tx) => {
          await tx.hospital.putAliases('ya', 'p2', ['a2', 'a1', 'a1']);
          await tx.hospital.putAliases('ya', 'p1', ['a1', 'a3']);
          await tx.hospital.putAliases('nf', 'p9', ['a1']);
          expect(await tx.hospital.aliasesOf('ya', 'p2')).toStrictEqual(['a1', 'a2']);
          expect(await tx.hospital.patientsOf('ya', 'a1')).toStrictEqual(['p1', 'p2']);
          await tx.hospital.putAliases('ya', 'p1', ['a4']);
          expect(await tx.hospital.aliasesOf('ya', 'p1')).toStrictEqual(['a4']);
          expect(await tx.hospital.patientsOf('ya', 'a1')).toStrictEqual(['p2']);
          expect(await tx.hospital.patientsOf('ya', 'a3')).toStrictEqual([]);
          expect(await tx.hospital.patientsOf('nf', 'a1')).toStrictEqual(['p9']);
        });
      });

      test('links of a patient are replaced', async () => {
        await store.withTransaction(async (tx) => {
          await tx.hospital.putLinks('ya', 'p2', [
            { from: 'p2', to: 'p1' },
            { from: 'p2', to: 'p1' },
          ]);
          await tx.hospital.putLinks('ya', 'p1', [
            { from: 'p1', to: 'p4' },
            { from: 'p1', to: 'p3' },
          ]);
          await tx.hospital.putLinks('nf', 'p1', [{ from: 'p1', to: 'p9' }]);
          expect(await tx.hospital.links('ya')).toStrictEqual([
            { from: 'p1', to: 'p3' },
            { from: 'p1', to: 'p4' },
            { from: 'p2', to: 'p1' },
          ]);
          await tx.hospital.putLinks('ya', 'p1', []);
          expect(await tx.hospital.links('ya')).toStrictEqual([{ from: 'p2', to: 'p1' }]);
        });
      });

      test('pseudonyms carry a rising sequence; a patient has one', async () => {
        const row = (patient: string) => ({ site: 'ya', patient, pseudonym: `x${patient}`, keyId: 'k' });
        await store.withTransaction(async (tx) => {
          for (const patient of ['p2', 'p1', 'p3']) await tx.hospital.addPseudonym(row(patient));
          await tx.hospital.addPseudonym({ site: 'nf', patient: 'p1', pseudonym: 'other', keyId: 'k2' });
          const found = await tx.hospital.pseudonyms('ya', ['p1', 'p2', 'p4']);
          expect(found.map(({ sequence: _, ...rest }) => rest)).toStrictEqual([row('p2'), row('p1')]);
          expect(found[0]!.sequence).toBeLessThan(found[1]!.sequence);
          await expect(tx.hospital.addPseudonym({ ...row('p1'), pseudonym: 'second' })).rejects.toThrow();
          await expect(tx.hospital.addPseudonym({ ...row('p9'), pseudonym: 'xp1' })).rejects.toThrow();
        });
      });
    });

    test('unmapped codes are replaced by resource and counted by code', async () => {
      const key = (id: string) => ({ site: 'ya', type: 'Condition', id });
      const system = 'https://ya.example.cn/cs/dx';
      await store.withTransaction(async (tx) => {
        await tx.hospital.putUnmapped(key('c1'), [unmapped('c1', { text: '乙' }), unmapped('c1', { code: 'D2' })]);
        await tx.hospital.putUnmapped(key('c2'), [unmapped('c2', { text: '丙', alsoCoded: true })]);
        await tx.hospital.putUnmapped(key('c3'), [unmapped('c3', { person: 'p2' }), unmapped('c3', { person: 'p2' })]);
        await tx.hospital.putUnmapped(key('c4'), [unmapped('c4', { code: 'D2', person: null, text: null })]);
        await tx.hospital.putUnmapped(key('c5'), [unmapped('c5', { code: 'D0', text: null })]);
        const counted = { site: 'ya', type: 'Condition', system, alsoCoded: 0 };
        expect(await tx.hospital.unmappedCounts()).toStrictEqual([
          { ...counted, code: 'D1', text: '丙', resources: 3, people: 2, alsoCoded: 1 },
          { ...counted, code: 'D0', text: null, resources: 1, people: 1 },
          { ...counted, code: 'D2', text: '脂肪肝', resources: 2, people: 1 },
        ]);
        await tx.hospital.putUnmapped(key('c1'), []);
        await tx.hospital.putUnmapped(key('c2'), [unmapped('c2')]);
        expect(await tx.hospital.unmappedCounts()).toStrictEqual([
          { ...counted, code: 'D1', text: '脂肪肝', resources: 2, people: 2 },
          { ...counted, code: 'D0', text: null, resources: 1, people: 1 },
          { ...counted, code: 'D2', text: null, resources: 1, people: 0 },
        ]);
      });
    });

    test('enrolments are put, replaced and removed; moves stay in their order', async () => {
      const row = { subject: 's2', site: 'ya', patient: 'p1', state: '{"a":1}' };
      const moves = [
        move('s2', 'eligible', { cause: 'criteria', reason: 'r', evidence: ['A/1/_history/1', 'B/2'] }),
        move('s2', 'ineligible', { from: 'eligible', at: '2023-01-01T00:00:00Z', cause: 'merge' }),
      ];
      await store.withTransaction(async (tx) => {
        await tx.hospital.putEnrolment(row);
        await tx.hospital.putEnrolment({ ...row, subject: 's1', patient: 'p2' });
        for (const one of [...moves, move('s1', 'eligible')]) await tx.hospital.addMove(one);
        expect(await tx.hospital.enrolment('s2')).toStrictEqual(row);
        expect((await tx.hospital.enrolments()).map((one) => one.subject)).toStrictEqual(['s1', 's2']);
        const moved = { ...row, site: 'nf', patient: 'p3', state: '{}' };
        await tx.hospital.putEnrolment(moved);
        expect(await tx.hospital.enrolment('s2')).toStrictEqual(moved);
        await tx.hospital.removeEnrolment('s2');
        expect(await tx.hospital.enrolment('s2')).toBeNull();
        expect(await tx.hospital.moves('s2')).toStrictEqual(moves);
        expect(await tx.hospital.moves('none')).toStrictEqual([]);
      });
    });

    test('history keeps all versions; the highest one counts; deleted subjects are not live', async () => {
      const gone = subject('s1', 3, { deleted: true });
      await store.withTransaction(async (tx) => {
        await tx.study.putSubject(subject('s2', 1));
        await tx.study.putSubject(subject('s1', 1));
        await tx.study.putSubject(subject('s1', 2));
        expect(await tx.study.subjects()).toStrictEqual([subject('s1', 2), subject('s2', 1)]);
        expect(await tx.study.subjectsAfter('', 1)).toStrictEqual([subject('s1', 2)]);
        expect(await tx.study.subjectsAfter('s1', 9)).toStrictEqual([subject('s2', 1)]);
        expect(await tx.study.subjectsAfter('s2', 9)).toStrictEqual([]);
        await tx.study.putSubject(gone);
        expect(await tx.study.subject('s1')).toStrictEqual(gone);
        expect(await tx.study.subject('none')).toBeNull();
        expect(await tx.study.subjects()).toStrictEqual([subject('s2', 1)]);
        expect(await tx.study.subjectsAfter('', 9)).toStrictEqual([subject('s2', 1)]);
        expect(await tx.study.history('s1')).toStrictEqual([subject('s1', 1), subject('s1', 2), gone]);
        await expect(tx.study.putSubject(subject('s1', 2, { body: '{}' }))).rejects.toThrow();
        await tx.study.putSubject(subject('s1', 4));
        expect(await tx.study.subjects()).toStrictEqual([subject('s1', 4), subject('s2', 1)]);
      });
    });

    test('audit rows stay in their order; settings are replaced', async () => {
      const row = { at: '2024-01-02T00:00:00Z', actor: 'screen', action: 'put', object: 's1', detail: 'x' };
      const earlier = { ...row, at: '2024-01-01T00:00:00Z', object: null, detail: null };
      await store.withTransaction(async (tx) => {
        await tx.addAudit(row);
        await tx.addAudit(earlier);
        expect(await tx.audit()).toStrictEqual([row, earlier]);
        expect(await tx.setting('a')).toBeNull();
        await tx.putSetting('a', '1');
        await tx.putSetting('a', '');
        expect(await tx.setting('a')).toBe('');
      });
    });

    describe('transaction', () => {
      test('a throw leaves nothing behind, and is passed on', async () => {
        const failure = new Error('stop');
        const failing = store.withTransaction(async (tx) => {
          await writeOneOfEach(tx);
          throw failure;
        });
        await expect(failing).rejects.toBe(failure);
        expect(await store.withTransaction(everything)).toStrictEqual(EMPTY);
      });

      test('what was there before a rolled back transaction is as it was', async () => {
        await store.withTransaction(writeOneOfEach);
        const before = await store.withTransaction(everything);
        const failing = store.withTransaction(async (tx) => {
          await tx.hospital.putRecord(record('o1', { person: 'p2' }));
          await tx.hospital.putAliases('ya', 'p1', []);
          await tx.hospital.removeEnrolment('s1');
          await tx.hospital.removeLineage('Condition/a');
          await tx.hospital.putHeld('s1', []);
          await tx.study.voidNumber('Normal', 1, 'enrolled-in-error', '2024-02-02T00:00:00Z');
          await tx.study.putResearch(research('a', 2));
          await tx.study.putSubject(subject('s1', 2));
          await tx.putSetting('a', '2');
          throw new Error('stop');
        });
        await expect(failing).rejects.toThrow('stop');
        expect(await store.withTransaction(everything)).toStrictEqual(before);
      });

      test('gives the result of the work', async () => {
        expect(await store.withTransaction(async () => 7)).toBe(7);
      });

      test('calls that overlap run one after another, in order, also after one that fails', async () => {
        const steps: string[] = [];
        const run = (label: string, fails: boolean) =>
          store.withTransaction(async (tx) => {
            steps.push(`${label}+`);
            const count = Number((await tx.setting('count')) ?? '0');
            await new Promise((resolve) => setImmediate(resolve));
            await tx.putSetting('count', String(count + 1));
            steps.push(`${label}-`);
            if (fails) throw new Error('stop');
          });
        const results = await Promise.allSettled([run('a', false), run('b', true), run('c', false), run('d', false)]);
        expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
        expect(steps).toEqual(['a+', 'a-', 'b+', 'b-', 'c+', 'c-', 'd+', 'd-']);
        expect(await store.withTransaction((tx) => tx.setting('count'))).toBe('3');
      });

      test('its object is of no use once it has ended', async () => {
        const ended: Transaction[] = [];
        await store.withTransaction(async (tx) => void ended.push(tx));
        await expect(
          store.withTransaction(async (tx) => {
            ended.push(tx);
            throw new Error('stop');
          }),
        ).rejects.toThrow('stop');
        await store.withTransaction(async () => {
          for (const tx of ended) {
            await expect(tx.putSetting('a', '1')).rejects.toThrow('has ended');
            await expect(tx.hospital.putRecord(record('o1'))).rejects.toThrow('has ended');
            await expect(tx.study.subjects()).rejects.toThrow('has ended');
          }
        });
        expect(await store.withTransaction(everything)).toStrictEqual(EMPTY);
      });

      test('one begun inside another throws instead of waiting for ever', async () => {
        await store.withTransaction(async (tx) => {
          await tx.putSetting('a', '1');
          await expect(store.withTransaction(async () => 1)).rejects.toThrow('inside');
          await expect(store.close()).rejects.toThrow('inside');
        });
        expect(await store.withTransaction((tx) => tx.setting('a'))).toBe('1');
      });
    });

    test('closing waits for the running transaction; afterwards nothing runs', async () => {
      const running = store.withTransaction(async (tx) => {
        await new Promise((resolve) => setImmediate(resolve));
        await tx.putSetting('a', '1');
        return tx.setting('a');
      });
      await store.close();
      expect(await running).toBe('1');
      await store.close();
      await expect(store.withTransaction(async () => 1)).rejects.toThrow('closed');
    });

    test('the same rows put in any order give the same store', async () => {
      const puts: ((tx: Transaction) => Promise<void>)[] = [
        ...[1, 2, 3].map((n) => (tx: Transaction) => tx.hospital.putRecord(record(`o${n}`, { person: `p${n % 2}` }))),
        ...[3, 1, 2].map((n) => (tx: Transaction) => tx.hospital.putDropped('ya', 'Condition', 'h', dropped(rank(n)))),
        (tx) => tx.hospital.putAliases('ya', 'p1', ['a1', 'a2']),
        (tx) => tx.hospital.putAliases('ya', 'p2', ['a2']),
        (tx) =>
          tx.hospital.putLinks('ya', 'p1', [
            { from: 'p1', to: 'p2' },
            { from: 'p1', to: 'p3' },
          ]),
        (tx) => tx.hospital.putLinks('ya', 'p2', [{ from: 'p2', to: 'p1' }]),
        ...['甲', '乙', null].map(
          (text, n) => (tx: Transaction) =>
            tx.hospital.putUnmapped({ site: 'ya', type: 'Condition', id: `c${n}` }, [unmapped(`c${n}`, { text })]),
        ),
        (tx) => tx.hospital.putEnrolment({ subject: 's1', site: 'ya', patient: 'p1', state: '{}' }),
        (tx) => tx.hospital.putEnrolment({ subject: 's2', site: 'ya', patient: 'p2', state: '{}' }),
        (tx) => tx.hospital.putLineage(lineage('Condition/a')),
        (tx) => tx.hospital.putLineage(lineage('Condition/b')),
        (tx) => tx.hospital.putHeld('s1', [held('Condition/c1')]),
        (tx) => tx.hospital.putHeld('s2', [held('Condition/c2')]),
        ...['t', 'u'].map((hash) => (tx: Transaction) => tx.hospital.addTombstone(tombstone(hash))),
        ...[1, 2].map((n) => (tx: Transaction) => tx.study.putResearch(research('a', n))),
        ...[1, 2].map((n) => (tx: Transaction) => tx.study.putSubject(subject('s1', n))),
        (tx) => tx.study.putSubject(subject('s2', 1)),
      ];
      const order = fc.shuffledSubarray(puts, { minLength: puts.length });
      const storedBy = async (list: typeof puts) => {
        const other = (await open()).store;
        try {
          return await other.withTransaction(async (tx) => {
            for (const put of list) await put(tx);
            return everything(tx);
          });
        } finally {
          await other.close();
        }
      };
      const expected = await storedBy(puts);
      const property = fc.asyncProperty(order, async (list) => {
        expect(await storedBy(list)).toStrictEqual(expected);
      });
      await fc.assert(property, { numRuns: 15 });
    });

    if (durable) {
      test('what was committed is there after reopening, and sequences go on', async () => {
        await store.withTransaction(writeOneOfEach);
        const before = await store.withTransaction(everything);
        store = await opened.reopen();
        expect(await store.withTransaction(everything)).toStrictEqual(before);
        expect(before).not.toStrictEqual(EMPTY);
        await store.withTransaction(async (tx) => {
          await tx.hospital.addPseudonym({ site: 'ya', patient: 'p0', pseudonym: 'bbbb', keyId: 'k' });
          const both = await tx.hospital.pseudonyms('ya', ['p0', 'p1']);
          expect(both.map((row) => row.patient)).toEqual(['p1', 'p0']);
          await tx.hospital.addDecision(decision('d0'));
          expect((await tx.hospital.decisionsOf('ya', ['p1'])).map((row) => row.id)).toEqual(['d1', 'd0']);
          expect(await tx.study.takeNumber('Normal', 's2', '2024-02-02T00:00:00Z')).toBe(2);
        });
      });
    }
  });
}
