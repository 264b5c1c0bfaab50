import { keyedHash } from '../identity/keyed-hash.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { NoticeRow } from '../store/feed-rows.ts';
import type { TaskRow } from '../store/research-rows.ts';
import type { Transaction } from '../store/store.ts';

/** A version of a ResearchSubject as the hospital is shown it. */
export interface Shown {
  site: string;
  subject: string;
  version: number;
  lastUpdated: string;
  status: string;
  /** As lists may show it. */
  reason: string | null;
  flags: readonly string[];
}

/** Statuses in which somebody may still be enrolled. */
const CANDIDATE: ReadonlySet<string> = new Set(['potential-candidate', 'screening', 'eligible']);

/**
 * Tells the hospital's side of the newest version of a subject, in the transaction that wrote it: what is shown of it,
 * its flags, and a notice when the version is new. Told of the same version again it changes nothing.
 */
export async function showSubject({ hospital }: Transaction, keys: SiteKeys, shown: Shown): Promise<void> {
  const { site, subject, version, lastUpdated, status, reason } = shown;
  const before = await hospital.shownSubject(subject);
  const isNew = before?.version !== version || before.gone;
  if (isNew) {
    await hospital.putShownSubject({ subject, site, version, lastUpdated, status, reason, gone: false });
    const kind = kindOf(before && !before.gone ? before.status : null, status);
    await hospital.addNotice({ site, type: 'ResearchSubject', id: subject, version, status, kind, at: lastUpdated });
  }
  await showFlags(hospital, keys, shown, isNew);
}

function kindOf(before: string | null, status: string): NoticeRow['kind'] {
  if (CANDIDATE.has(status) && (before === null || !CANDIDATE.has(before))) return 'new-candidate';
  return before === null ? 'new' : 'changed';
}

/** Standing flags go with each version of the subject: whom they are of may have changed with it (a merge). */
async function showFlags(
  hospital: Transaction['hospital'],
  keys: SiteKeys,
  { site, subject, version, lastUpdated, flags }: Shown,
  isNew: boolean,
): Promise<void> {
  const known = await hospital.shownFlagsOf(subject);
  const raised = new Set(flags);
  for (const row of known) {
    if (!row.gone && !raised.has(row.flag)) await hospital.putShownFlag({ ...row, version, lastUpdated, gone: true });
  }
  for (const flag of raised) {
    const before = known.find((row) => row.flag === flag);
    if (before && !before.gone && !isNew) continue;
    const id = keyedHash(keys.pseudonym, 'flag', subject, flag);
    await hospital.putShownFlag({ id, site, subject, flag, version, lastUpdated, gone: false });
  }
}

/** Tells that a subject is no more: nothing of it is shown. */
export async function hideSubject(
  { hospital }: Transaction,
  { site, subject, version, at }: { site: string; subject: string; version: number; at: string },
): Promise<void> {
  const before = await hospital.shownSubject(subject);
  const { status, reason } = before ?? { status: '', reason: null };
  await hospital.putShownSubject({ subject, site, version, lastUpdated: at, status, reason, gone: true });
  for (const row of await hospital.shownFlagsOf(subject)) {
    if (!row.gone) await hospital.putShownFlag({ ...row, version, lastUpdated: at, gone: true });
  }
  await hospital.addNotice({ site, type: 'ResearchSubject', id: subject, version, status: null, kind: 'gone', at });
}

/** Tells of a new version of a Task, in the transaction that wrote it. */
export async function showTask({ hospital }: Transaction, task: TaskRow, status: string): Promise<void> {
  const { site, id, version, lastUpdated: at } = task;
  await hospital.addNotice({ site, type: 'Task', id, version, status, kind: version === 1 ? 'new' : 'changed', at });
}

/** Tells that the Tasks of a subject are deleted. */
export async function hideTasks({ hospital }: Transaction, subject: string, at: string): Promise<void> {
  for (const { site, id, version } of await hospital.tasksOf(subject)) {
    await hospital.addNotice({ site, type: 'Task', id, version: version + 1, status: null, kind: 'gone', at });
  }
}
