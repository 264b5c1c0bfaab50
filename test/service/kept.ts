import { DatabaseSync } from 'node:sqlite';
import { sortableInstant } from '../../src/fhir/time.ts';
import { idHash } from '../../src/identity/alias.ts';
import { type Gateway, keysOf } from '../../src/pipeline/gateway.ts';
import { PATIENT_ELEMENT } from '../../src/record/patient-element.ts';
import { transactionalStore } from '../../src/store/sqlite/transaction.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import type { SiteId } from '../feed/sites.ts';
import type { Parcel } from '../pipeline/delivery.ts';
import { type Answered, nameOf, type Package } from './packages.ts';

/** What an EHR was told is taken in. */
export interface Acknowledged {
  /** By site and `Type/id`: the highest revision, and the time of the newest version. */
  resources: Map<string, { revision: number; at: string }>;
  /** Ids of decisions. */
  decisions: Set<string>;
}

export const nothingAcknowledged = (): Acknowledged => ({ resources: new Map(), decisions: new Set() });

/** When a parcel says it is from; a deletion is newer than every version. */
const timeOf = (parcel: Parcel): string =>
  'deleted' in parcel
    ? '2025-05-29T21:00:00.000000000Z'
    : (sortableInstant(parcel.resource.meta!.lastUpdated!, 'Asia/Shanghai') ?? '');

/** Types of which nothing is remembered are not asked for later. */
const isRemembered = (parcel: Parcel): boolean => nameOf(parcel).split('/')[0]! in PATIENT_ELEMENT;

/** Notes what was answered, which must be good. */
export function acknowledge(known: Acknowledged, { site, parcels }: Package, answers: readonly Answered[]): void {
  for (const [at, { status, revision }] of answers.entries()) {
    const parcel = parcels[at]!;
    if (status < 200 || status > 204) throw new Error(`A good ${nameOf(parcel).split('/')[0]} was answered ${status}.`);
    if (!isRemembered(parcel)) continue;
    const name = `${site}|${nameOf(parcel)}`;
    const before = known.resources.get(name) ?? { revision: 0, at: '' };
    const time = timeOf(parcel);
    known.resources.set(name, {
      revision: Math.max(before.revision, revision ?? 0),
      at: time > before.at ? time : before.at,
    });
  }
}

/** Each query must give nothing. */
const NEVER = {
  'a subject made twice': `SELECT object FROM audit WHERE action = 'subject-created' GROUP BY object HAVING count(*) > 1`,
  'two subjects of one person': 'SELECT patient FROM hospital_enrolment GROUP BY site, patient HAVING count(*) > 1',
  'a version of a subject that is missing': 'SELECT id FROM study_subject GROUP BY id HAVING max(version) <> count(*)',
  'a version of a research resource that is missing':
    'SELECT type, id FROM study_research GROUP BY type, id HAVING max(version) <> count(*)',
  'a version of a subject audited not once': `SELECT s.id, s.version FROM study_subject s WHERE NOT deleted AND 1 <>
    (SELECT count(*) FROM audit a WHERE a.object = s.id AND a.action LIKE 'subject-%' AND a.detail LIKE '% v' || s.version)`,
  'a decision audited not once': `SELECT 1 WHERE (SELECT count(*) FROM hospital_decision) <>
    (SELECT count(*) FROM audit WHERE action = 'decision')`,
  'an enrolment without its number': `SELECT 1 WHERE (SELECT count(*) FROM hospital_decision WHERE kind = 'enrol') <>
    (SELECT count(*) FROM study_number)`,
  'a gap in the numbers': 'SELECT group_code FROM study_number GROUP BY group_code HAVING max(number) <> count(*)',
  'a number given twice': 'SELECT subject FROM study_number GROUP BY subject HAVING count(*) > 1',
  'a move that does not begin where the one before ended': `SELECT subject FROM (SELECT subject, from_status,
    lag(to_status) OVER (PARTITION BY subject ORDER BY sequence) AS before FROM hospital_move)
    WHERE before IS NOT from_status AND before IS NOT 'merged'`,
  'something in quarantine': 'SELECT 1 FROM hospital_quarantine',
  'a broken reference': 'PRAGMA foreign_key_check',
};

/** A store to look into beside the process that writes it, also while that stands still in a transaction. */
export function lookInto(file: string): Store {
  const [one, other] = [1, 2].map(() => new DatabaseSync(file, { readOnly: true, timeout: 5_000 }));
  return transactionalStore(one!, other!);
}

/**
 * Holds a store, whose process was killed, against what had been acknowledged: it is there, nothing is doubled, and of
 * each transaction that was not answered there is everything or nothing.
 */
export async function expectKept(
  file: string,
  gateway: Gateway,
  known: Acknowledged,
  unanswered: readonly Package[],
): Promise<void> {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  const found = Object.entries(NEVER).map(([name, sql]) => [name, db.prepare(sql).all()]);
  db.close();
  expect(found).toEqual(Object.keys(NEVER).map((name) => [name, []]));
  const store = lookInto(file);
  try {
    await store.read(async (tx) => {
      const lost: string[] = [];
      for (const [name, { revision, at }] of known.resources) {
        const row = await rowOf(gateway, tx, name);
        if (!row || row.revision < revision || (row.rank.at ?? '') < at) lost.push(name);
      }
      for (const id of known.decisions) if (!(await tx.hospital.decision(id))) lost.push(id);
      expect(lost).toEqual([]);
      for (const { site, parcels, atomic } of unanswered) {
        const there = new Set<boolean>();
        for (const parcel of atomic ? parcels.filter(isRemembered) : []) {
          const row = await rowOf(gateway, tx, `${site}|${nameOf(parcel)}`);
          there.add(row !== null && (row.rank.at ?? '') >= timeOf(parcel));
        }
        expect(there.size).toBeLessThan(2);
      }
    });
  } finally {
    await store.close();
  }
}

async function rowOf(gateway: Gateway, { hospital }: Transaction, name: string) {
  const [site, type, id] = name.split(/[|/]/) as [SiteId, string, string];
  const { identifierHash } = await keysOf(gateway, site);
  return (
    (await hospital.record({ site, type, id })) ??
    (await hospital.dropped(site, type, idHash(identifierHash, type, id)))
  );
}
