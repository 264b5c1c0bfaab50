import { concerns, type Target } from '../delivery/target.ts';
import type { Transaction } from '../store/store.ts';

/** What has changed of one subject. */
export interface Changed {
  site: string;
  subject: string;
  /** Instant (ISO 8601, UTC). */
  at: string;
  resources: readonly { type: string; id: string; version: number }[];
}

/**
 * Notes for every target whom it concerns that resources have changed; in the transaction that changes them. What is to
 * be sent is decided when it is sent. A ResearchSubject comes to a study-side target with the research record, and
 * concerns it again whenever that changes.
 */
export async function noteChanges(
  tx: Transaction,
  targets: readonly Target[] | undefined,
  { site, subject, at, resources }: Changed,
): Promise<void> {
  if (!targets || resources.length === 0) return;
  const research = resources.filter(({ type }) => type !== 'ResearchSubject');
  for (const target of targets) {
    const of = target.id;
    for (const { type, id, version } of research) {
      if (concerns(target, site, type)) await tx.study.noteDelivery({ target: of, type, id, subject, version, at });
    }
    if (!concerns(target, site, 'ResearchSubject')) continue;
    const key = { target: of, type: 'ResearchSubject', id: subject };
    const itself = resources.length > research.length;
    const touched =
      target.side === 'hospital'
        ? itself
        : research.length > 0 || (itself && ((await tx.study.delivery(key)) !== null || (await isOpen(tx, subject))));
    const row = touched ? await tx.study.subject(subject) : null;
    if (row) await tx.study.noteDelivery({ ...key, subject, version: row.version, at });
  }
}

/** Whether anything of the research record stands: then consent lets data pass. */
async function isOpen(tx: Transaction, subject: string): Promise<boolean> {
  return (await tx.study.researchOf(subject)).some(({ deleted }) => !deleted);
}
