import type { PurgeCounts } from '../../src/store/research-rows.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { decision, held, lineage, research, task, tombstone } from './research-rows.ts';
import { dropped, move, rank, record, subject, unmapped } from './rows.ts';

const NOTHING: PurgeCounts = {
  records: 0,
  aliases: 0,
  links: 0,
  unmapped: 0,
  pseudonyms: 0,
  enrolments: 0,
  moves: 0,
  decisions: 0,
  lineage: 0,
  held: 0,
  tasks: 0,
  quarantined: 0,
};

/** All that names somebody of these two sites on the hospital side. */
async function everybody({ hospital }: Transaction): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = { enrolments: await hospital.enrolments(), held: await hospital.held() };
  all.tasks = await hospital.openTasks();
  all.identified = await hospital.idsWithIdentifier('ya', 'Observation', 'same');
  for (const site of ['ya', 'nf']) {
    const patients = ['p1', 'p2', 'p3', 'p4'];
    all[site] = {
      records: await hospital.recordsOf(site, [...patients, '?a', '?b']),
      deletedPatient: await hospital.record({ site, type: 'Patient', id: 'p2' }),
      aliases: await Promise.all(patients.map((patient) => hospital.aliasesOf(site, patient))),
      links: await hospital.links(site),
      pseudonyms: await hospital.pseudonyms(site, patients),
      decisions: await hospital.decisionsOf(site, patients),
    };
  }
  all.unmapped = await hospital.unmappedCounts();
  all.moves = await Promise.all(['s1', 's2', 's3', 's4', 's5'].map((id) => hospital.moves(id)));
  all.lineage = await Promise.all(['s1', 's2', 's3', 's4', 's5'].map((id) => hospital.lineageOf(id)));
  return all;
}

function person(site: string, patient: string, alias: string, id: string) {
  return async ({ hospital }: Transaction) => {
    await hospital.putRecord(record(patient, { site, type: 'Patient', person: patient }));
    await hospital.putRecord(record(`o-${patient}`, { site, person: patient }));
    await hospital.putRecord(record(`o-${alias}`, { site, person: `?${alias}` }));
    await hospital.putAliases(site, patient, [alias, 'shared']);
    const code = { site, type: 'Condition', id: `c-${patient}` };
    await hospital.putUnmapped(code, [
      unmapped(code.id, { site, person: patient }),
      unmapped(code.id, { site, person: patient, code: 'D2' }),
    ]);
    await hospital.addPseudonym({ site, patient, pseudonym: `x${site}${patient}`, keyId: 'k' });
    await hospital.putEnrolment({ subject: id, site, patient, state: '{}' });
    await hospital.addMove(move(id, 'screening', { evidence: [`Condition/c-${patient}/_history/1`] }));
    await hospital.addDecision(decision(`d-${id}`, { site, patient }));
    await hospital.putLineage(lineage(`Condition/${id}`, { subject: id, site, source: `Condition/c-${patient}` }));
    await hospital.putIdentifiers({ site, type: 'Observation', id: `o-${patient}` }, ['same']);
    await hospital.putTask(task(`t-${id}`, { site, patient, subject: id }));
    await hospital.putHeld(id, [held('Observation/o', { subject: id }), held('Observation/o2', { subject: id })]);
  };
}

/** What every store keeps to when people are purged. */
export function purgeContract(name: string, open: () => Promise<Opened>): void {
  describe(`purge contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('everything of the person goes, counted by table, and everybody else stays as they were', async () => {
      await store.withTransaction(person('ya', 'p3', 'b', 's3'));
      // The same ids at another hospital are another person.
      await store.withTransaction(person('nf', 'p1', 'a', 's4'));
      const others = await store.withTransaction(everybody);
      await store.withTransaction(person('ya', 'p1', 'a', 's1'));
      const counts = await store.withTransaction((tx) => tx.hospital.purgePeople('ya', ['p1'], ['p1', '?a']));
      expect(counts).toStrictEqual({
        ...NOTHING,
        records: 3,
        aliases: 2,
        unmapped: 2,
        pseudonyms: 1,
        enrolments: 1,
        moves: 1,
        decisions: 1,
        lineage: 1,
        held: 2,
        tasks: 1,
      });
      expect(await store.withTransaction(everybody)).toStrictEqual(others);
      const again = await store.withTransaction((tx) => tx.hospital.purgePeople('ya', ['p1'], ['p1', '?a']));
      expect(again).toStrictEqual(NOTHING);
    });

    test('the Patients alone name their records; an alias goes only when it is given', async () => {
      await store.withTransaction(async (tx) => {
        await person('ya', 'p1', 'a', 's1')(tx);
        expect((await tx.hospital.purgePeople('ya', ['p1'], [])).records).toBe(2);
        expect(await tx.hospital.recordsOf('ya', ['p1', '?a'])).toStrictEqual([record('o-a', { person: '?a' })]);
        expect(await tx.hospital.purgePeople('ya', [], ['?a'])).toStrictEqual({ ...NOTHING, records: 1 });
        expect(await tx.hospital.purgePeople('ya', [], [])).toStrictEqual(NOTHING);
      });
    });

    test('a deleted Patient whose row names nobody goes too', async () => {
      const gone = record('p2', { type: 'Patient', person: null, deleted: true, body: null });
      const same = record('p2', { type: 'Group', person: null });
      await store.withTransaction(async ({ hospital }) => {
        for (const row of [gone, same]) await hospital.putRecord(row);
        expect(await hospital.purgePeople('ya', ['p2'], ['p2'])).toStrictEqual({ ...NOTHING, records: 1 });
        expect(await hospital.record(gone)).toBeNull();
        expect(await hospital.record(same)).toStrictEqual(same);
      });
    });

    test('merge links that name them go, whoever declared them; other links stay', async () => {
      const kept = { from: 'p3', to: 'p4' };
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putLinks('ya', 'p1', [{ from: 'p3', to: 'p4' }]);
        await hospital.putLinks('ya', 'p3', [kept, { from: 'p3', to: 'p1' }]);
        await hospital.putLinks('ya', 'p4', [{ from: 'p1', to: 'p4' }]);
        await hospital.putLinks('nf', 'p3', [{ from: 'p3', to: 'p1' }]);
        expect(await hospital.purgePeople('ya', ['p1'], ['p1'])).toStrictEqual({ ...NOTHING, links: 3 });
        expect(await hospital.links('ya')).toStrictEqual([kept]);
        expect(await hospital.links('nf')).toStrictEqual([{ from: 'p3', to: 'p1' }]);
      });
    });

    test('subjects merged into theirs go with them, over several merges', async () => {
      const merged = (from: string, into: string) => move(from, 'merged', { cause: 'merge', reason: into });
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putEnrolment({ subject: 's1', site: 'ya', patient: 'p1', state: '{}' });
        await hospital.putEnrolment({ subject: 's5', site: 'ya', patient: 'p4', state: '{}' });
        for (const row of [merged('s2', 's1'), merged('s3', 's2'), merged('s4', 's9')]) await hospital.addMove(row);
        // Parted again since: another person's subject.
        await hospital.addMove(merged('s5', 's1'));
        await hospital.putLineage(lineage('Condition/a', { subject: 's3', source: 'Condition/gone' }));
        await hospital.putHeld('s2', [held('Condition/c1')]);
        await hospital.putHeld('s5', [held('Condition/c1')]);
        const counts = await hospital.purgePeople('ya', ['p1', 'p2', 'p3'], []);
        expect(counts).toStrictEqual({ ...NOTHING, enrolments: 1, moves: 2, lineage: 1, held: 1 });
        expect(await hospital.moves('s4')).toStrictEqual([merged('s4', 's9')]);
        expect(await hospital.moves('s5')).toStrictEqual([merged('s5', 's1')]);
        expect(await hospital.held()).toStrictEqual([held('Condition/c1', { subject: 's5' })]);
      });
    });

    test('lineage and unmapped codes of a purged resource go, whatever subject or person they say', async () => {
      await store.withTransaction(async ({ hospital }) => {
        await hospital.putRecord(record('c1', { type: 'Condition' }));
        await hospital.putLineage(lineage('Condition/a', { subject: 's9' }));
        await hospital.putLineage(lineage('Condition/b', { subject: 's9', site: 'nf' }));
        await hospital.putUnmapped({ site: 'ya', type: 'Condition', id: 'c1' }, [unmapped('c1', { person: null })]);
        const counts = await hospital.purgePeople('ya', ['p1'], []);
        expect(counts).toStrictEqual({ ...NOTHING, records: 1, lineage: 1, unmapped: 1 });
        expect((await hospital.lineageOf('s9')).map((row) => row.research)).toEqual(['Condition/b']);
        expect(await hospital.unmappedCounts()).toStrictEqual([]);
      });
    });

    test('tombstones, dropped ranks, the study side and the audit are left', async () => {
      await store.withTransaction(async (tx) => {
        await person('ya', 'p1', 'a', 's1')(tx);
        await tx.hospital.addTombstone(tombstone('h'));
        await tx.hospital.putDropped('ya', 'Claim', 'h', dropped(rank(1)));
        await tx.study.putSubject(subject('s1', 1));
        await tx.study.putResearch(research('a', 1));
        await tx.study.takeNumber('Normal', 's1', '2024-02-01T00:00:00Z');
        await tx.addAudit({ at: '2024-01-01T00:00:00Z', actor: 'a', action: 'b', object: 's1', detail: null });
        await tx.hospital.purgePeople('ya', ['p1'], ['?a']);
        expect(await tx.hospital.isTombstoned('ya', 'h')).toBe(true);
        expect(await tx.hospital.dropped('ya', 'Claim', 'h')).toStrictEqual(dropped(rank(1)));
        expect(await tx.study.subject('s1')).toStrictEqual(subject('s1', 1));
        expect(await tx.study.researchOf('s1')).toStrictEqual([research('a', 1)]);
        expect(await tx.study.numberOf('s1')).toStrictEqual({ group: 'Normal', number: 1 });
        expect(await tx.audit()).toHaveLength(1);
      });
    });

    test('a purge that is rolled back deletes nothing; sequences do not start again after one', async () => {
      await store.withTransaction(person('ya', 'p1', 'a', 's1'));
      const before = await store.withTransaction(everybody);
      const failing = store.withTransaction(async (tx) => {
        await tx.hospital.purgePeople('ya', ['p1'], ['?a']);
        throw new Error('stop');
      });
      await expect(failing).rejects.toThrow('stop');
      expect(await store.withTransaction(everybody)).toStrictEqual(before);
      await store.withTransaction(async ({ hospital }) => {
        const [first] = await hospital.pseudonyms('ya', ['p1']);
        await hospital.purgePeople('ya', ['p1'], ['?a']);
        await hospital.addPseudonym({ site: 'ya', patient: 'p9', pseudonym: 'later', keyId: 'k' });
        expect((await hospital.pseudonyms('ya', ['p9']))[0]!.sequence).toBeGreaterThan(first!.sequence);
      });
    });
  });
}
