import { keyedHash } from '../identity/keyed-hash.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { HospitalTables, Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import { hideSubject, hideTasks } from './notice.ts';
import { noteChanges } from './outbox.ts';
import { type PurgeDecision, purgeDue } from './purge-due.ts';
import type { Knot, Knotted } from './purge-knot.ts';
import { stateOf } from './state.ts';

/** Rows deleted, by what they were; `subjects` are ResearchSubjects marked as deleted. */
export type Erased = Awaited<ReturnType<HospitalTables['purgePeople']>> & { subjects: number; tombstones: number };

/** The decision on each person of a knot; all are due, or nobody is. One decision for an identifier that leads nowhere. */
export async function judge(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  knot: Knot,
  numbered: ReadonlySet<string>,
  now: number,
): Promise<PurgeDecision[]> {
  if (knot.people.length === 0) {
    const alone = await weigh(gateway, tx, site, knot, null, numbered, now);
    return [alone.due ? { due: true, reason: 'unresolved' } : alone];
  }
  const decisions: PurgeDecision[] = [];
  for (const one of knot.people) decisions.push(await weigh(gateway, tx, site, knot, one, numbered, now));
  return decisions.every(({ due }) => due) ? decisions : decisions.map(keptIfDue('tied-to-another'));
}

/** Turns a decision to purge into one to keep. */
export function keptIfDue(kept: Extract<PurgeDecision, { due: false }>['kept']) {
  return (decision: PurgeDecision): PurgeDecision => (decision.due ? { due: false, kept } : decision);
}

async function weigh(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  { open }: Knot,
  one: Knotted | null,
  numbered: ReadonlySet<string>,
  now: number,
): Promise<PurgeDecision> {
  const at = {
    rows: [...(one?.person.rows ?? []), ...open.rows],
    resources: [...(one?.resources ?? []), ...open.resources],
    decisions: one?.person.decisions ?? [],
    moves: one?.moves ?? [],
    screened: null,
    onStudySide: one !== null && (await isOnStudySide(tx, one.subjects, numbered)),
    site,
    study: gateway.loaded.study,
    now,
  };
  const first = purgeDue(at);
  // Most are kept by what is cheap to know; only who would go is screened.
  return first.due && one ? purgeDue({ ...at, screened: await stateOf(gateway, tx, site, one.person, now) }) : first;
}

async function isOnStudySide(
  tx: Transaction,
  subjects: readonly string[],
  numbered: ReadonlySet<string>,
): Promise<boolean> {
  for (const subject of subjects) {
    if (numbered.has(subject) || (await tx.study.researchOf(subject)).length > 0) return true;
  }
  return false;
}

/**
 * Deletes the people of a knot: every row of the hospital side that names them goes, a tombstone for each Patient id
 * stays, their ResearchSubjects are marked as deleted by a version without content. What is left is looked for
 * afterwards; anything found is a fault, and the transaction is undone.
 * @param at instant of the purge (ISO 8601, UTC)
 */
export async function erase(
  { targets }: Pick<Gateway, 'targets'>,
  tx: Transaction,
  keys: SiteKeys,
  knot: Knot,
  decisions: readonly PurgeDecision[],
  at: string,
): Promise<Erased> {
  const { site, people, patients, aliases } = knot;
  let [subjects, tombstones] = [0, 0];
  for (const id of people.flatMap((one) => one.subjects)) {
    const stored = await tx.study.subject(id);
    if (!stored || stored.deleted) continue;
    const version = stored.version + 1;
    const meta = { versionId: String(version), lastUpdated: at };
    const body = JSON.stringify({ resourceType: 'ResearchSubject', id, meta });
    await tx.study.putSubject({ id, version, lastUpdated: at, deleted: true, body });
    await hideTasks(tx, id, at);
    await hideSubject(tx, { site, subject: id, version, at });
    const resources = [{ type: 'ResearchSubject', id, version }];
    await noteChanges(tx, targets, { site, subject: id, at, resources });
    subjects++;
  }
  const reasons = people.flatMap(({ person }, index) => {
    const decision = decisions[index];
    return person.cluster.members.map((patient) => ({ who: patient, reason: decision?.due ? decision.reason : '' }));
  });
  const marks = people.length > 0 ? reasons : aliases.map((who) => ({ who, reason: 'unresolved' }));
  for (const { who, reason } of marks) {
    const hash = tombstoneHash(keys, site, who);
    if (!(await tx.hospital.isTombstoned(site, hash))) tombstones++;
    await tx.hospital.addTombstone({ site, hash, at, reason });
  }
  const counts = await tx.hospital.purgePeople(site, patients, aliases);
  await expectNothingLeft(tx, knot);
  return { ...counts, subjects, tombstones };
}

/**
 * What stays of somebody purged, to know the same person again: 26 characters of [a-z2-7], nothing without the key.
 * @param who Patient id, or the `?alias` of an identifier that led to nobody
 */
export function tombstoneHash(keys: SiteKeys, site: string, who: string): string {
  return keyedHash(keys.identifierHash, 'tombstone', site, who);
}

async function expectNothingLeft({ hospital }: Transaction, { site, people, patients, aliases }: Knot): Promise<void> {
  const left: unknown[] = [
    ...(await hospital.recordsOf(site, [...patients, ...aliases])),
    ...(await hospital.pseudonyms(site, patients)),
    ...(await hospital.decisionsOf(site, patients)),
  ];
  for (const patient of patients) left.push(...(await hospital.aliasesOf(site, patient)));
  for (const subject of people.flatMap((one) => one.subjects)) left.push(...(await hospital.lineageOf(subject)));
  if (left.length > 0) throw new Error('A purge left rows behind.');
}
