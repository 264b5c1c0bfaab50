import type { Agreement } from '../release/agreement.ts';
import type { Verified } from '../release/verify.ts';
import { isReleaseRefusal, prospectOf, RELEASE_REFUSALS, type ReleaseDesk } from './release.ts';

/** Why a release is not posted; stable codes. */
export const UNPUSHABLE = {
  'not-in-force': RELEASE_REFUSALS['not-in-force'],
  'no-endpoint': 'The agreement names no endpoint: hand the release over as was agreed.',
  'not-recorded': 'This store did not make the release: post it from where it was made.',
  'not-the-last': 'There is a newer release for this registry: post that one.',
  'agreement-changed': 'The agreement has changed since: make a new release.',
  'withdrawn-since': 'Somebody in it has withdrawn consent since: make a new release.',
} as const;

/** Whether a verified release may be posted now; null when it may. */
export async function unpushable(
  desk: ReleaseDesk,
  agreement: Agreement,
  { manifest, manifestText }: Verified,
  now: number,
): Promise<keyof typeof UNPUSHABLE | null> {
  if (agreement.endpoint === null) return 'no-endpoint';
  const prospect = await prospectOf(desk, agreement, now);
  if (isReleaseRefusal(prospect)) return 'not-in-force';
  const all = await desk.store.read(({ study }) => study.releases(agreement.registry));
  const row = all.find(({ number }) => number === manifest?.number);
  if (row?.manifest !== manifestText) return 'not-recorded';
  if (row.number !== all.at(-1)!.number) return 'not-the-last';
  if (row.agreementHash !== agreement.hash) return 'agreement-changed';
  return prospect.diff.some(({ causes }) => causes.includes('withdrawn')) ? 'withdrawn-since' : null;
}

/** Notes that all of a release was posted, with an audit row. */
export async function recordPush(
  { store, clock, actor }: ReleaseDesk,
  { registry, number, release }: { registry: string; number: number; release: string },
): Promise<void> {
  const at = new Date(clock()).toISOString();
  await store.withTransaction(async (tx) => {
    await tx.study.addPushed({ registry, number, at });
    await tx.addAudit({ at, actor, action: 'release-pushed', object: release, detail: null });
  });
}
