import { createHash } from 'node:crypto';
import { dayOf, dayText } from '../fhir/time.ts';
import type { Transaction } from '../store/store.ts';
import { type Gateway, keysOf } from './gateway.ts';
import type { KeptReason, PurgeDecision, PurgeReason } from './purge-due.ts';
import { type Erased, erase, keptIfDue } from './purge-one.ts';
import { hasGuardianOfAnother, isAskew, keptOf, lookOf, type Survey, survey } from './purge-survey.ts';
import { ageQuarantine } from './quarantine.ts';

/** What a purge did, or would do; no ids. */
export interface PurgeReport {
  study: string;
  studyVersion: string;
  /** Day of the clock that decided who is due. */
  asOf: string;
  /** Instant at which the run began (ISO 8601, UTC). */
  at: string;
  dryRun: boolean;
  /** Merged Patients count as one; `unresolved` counts identifiers behind which no one Patient is known. */
  purged: { site: string; reason: PurgeReason; count: number }[];
  kept: { site: string; reason: KeptReason; count: number }[];
  /** Rows deleted, by table; ResearchSubjects are marked as deleted. */
  rows: Omit<Erased, 'tombstones'>;
  /** `seenAgain`: people known when the run began who had been purged before. */
  tombstones: { site: string; before: number; after: number; seenAgain: number }[];
  /** SHA-256 (hex) over a line `site hash at reason` for every tombstone, by site, time, hash; null when undone. */
  tombstoneHash: { before: string; after: string | null };
}

/** Knots in one transaction. */
const BATCH = 50;
const NO_ROWS: PurgeReport['rows'] = {
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
  subjects: 0,
};

/**
 * Purges everybody who never consented and whose time is over (`purgeDue`): first everybody known is looked at, then
 * those due are decided on again and deleted, in batches of one transaction and one audit row each. Somebody whose
 * data comes again is taken in and screened as if never seen; the tombstone only lets the next report say so.
 * @param now the clock that decides who is due, in milliseconds
 * @param options `dryRun` does the same and undoes every batch
 */
export async function purge(
  gateway: Gateway,
  now: number,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<PurgeReport> {
  const at = new Date(gateway.clock()).toISOString();
  const before = await tombstonesOf(gateway);
  const found = await survey(gateway, now, before.hashes);
  const kept = found.kept;
  const purged: { site: string; reason: PurgeReason }[] = [];
  const rows = { ...NO_ROWS };
  const added = new Map<string, number>();
  for (let from = 0; from < found.due.length; from += BATCH) {
    const batch = found.due.slice(from, from + BATCH);
    const done = await inTransaction(gateway, dryRun, (tx) => purgeBatch(gateway, tx, batch, found, now, at));
    kept.push(...done.kept);
    purged.push(...done.purged);
    for (const { site, tombstones, ...counts } of done.erased) {
      added.set(site, (added.get(site) ?? 0) + tombstones);
      for (const name of Object.keys(rows) as (keyof typeof rows)[]) rows[name] += counts[name];
    }
  }
  if (!dryRun) await ageQuarantine(gateway);
  const after = dryRun ? null : await tombstonesOf(gateway);
  const { study } = gateway.loaded;
  return {
    study: study.title,
    studyVersion: study.version,
    asOf: dayText(dayOf(now, study.timezone)),
    at,
    dryRun,
    purged: tallied(purged),
    kept: tallied(kept),
    rows,
    tombstones: [...before.hashes].map(([site, { size }]) => ({
      site,
      before: size,
      after: after?.hashes.get(site)?.size ?? size + (added.get(site) ?? 0),
      seenAgain: found.seenAgain.filter((one) => one === site).length,
    })),
    tombstoneHash: { before: before.digest, after: after?.digest ?? null },
  };
}

interface Batch {
  purged: { site: string; reason: PurgeReason }[];
  kept: Survey['kept'];
  erased: (Erased & { site: string })[];
}

/** The record may have changed since the survey: what counts is decided here, where it is deleted. */
async function purgeBatch(
  gateway: Gateway,
  tx: Transaction,
  batch: Survey['due'],
  { guardians }: Survey,
  now: number,
  at: string,
): Promise<Batch> {
  const done: Batch = { purged: [], kept: [], erased: [] };
  const look = await lookOf(gateway, tx);
  const enrolments = await tx.hospital.enrolments();
  for (const { site, start } of batch) {
    const knot = await look.knot(site, start);
    const judged = await look.judge(knot, now);
    const spared = hasGuardianOfAnother(knot, guardians)
      ? 'guardian-of-another'
      : isAskew(knot, enrolments)
        ? 'merge-unscreened'
        : null;
    const decisions = spared ? judged.map(keptIfDue(spared)) : judged;
    done.kept.push(...keptOf(site, decisions));
    const reasons = decisions.flatMap((one: PurgeDecision) => (one.due ? [{ site, reason: one.reason }] : []));
    if (reasons.length === 0) continue;
    done.erased.push({ site, ...(await erase(gateway, tx, await keysOf(gateway, site), knot, decisions, at)) });
    done.purged.push(...reasons);
  }
  const detail = tallied(done.purged).map(({ site, reason, count }) => `${site} ${reason} ${count}`);
  if (detail.length > 0) {
    await tx.addAudit({ at, actor: gateway.actor, action: 'people-purged', object: null, detail: detail.join(', ') });
  }
  return done;
}

/** Commits, or for a dry run gives the result and undoes everything. */
async function inTransaction<T>(gateway: Gateway, undo: boolean, work: (tx: Transaction) => Promise<T>): Promise<T> {
  if (!undo) return gateway.store.withTransaction(work);
  const results: T[] = [];
  const undone = new Error('undone');
  await gateway.store
    .withTransaction(async (tx) => {
      results.push(await work(tx));
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return results[0]!;
}

async function tombstonesOf(gateway: Gateway): Promise<{ hashes: Map<string, Set<string>>; digest: string }> {
  const hashes = new Map<string, Set<string>>();
  const digest = createHash('sha256');
  await gateway.store.withTransaction(async ({ hospital }) => {
    for (const site of [...gateway.sites.keys()].sort()) {
      const rows = await hospital.tombstones(site);
      hashes.set(site, new Set(rows.map(({ hash }) => hash)));
      for (const { hash, at, reason } of rows) digest.update(`${site} ${hash} ${at} ${reason}\n`);
    }
  });
  return { hashes, digest: digest.digest('hex') };
}

function tallied<R extends string>(
  things: readonly { site: string; reason: R }[],
): { site: string; reason: R; count: number }[] {
  const counts = new Map<string, { site: string; reason: R; count: number }>();
  for (const { site, reason } of things) {
    const key = `${site} ${reason}`;
    const known = counts.get(key) ?? { site, reason, count: 0 };
    known.count++;
    counts.set(key, known);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
