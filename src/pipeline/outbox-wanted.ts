import type { Wanted } from '../delivery/render.ts';
import type { Standing } from '../delivery/step.ts';
import { concerns, type Target } from '../delivery/target.ts';
import type { DeliveryRow } from '../store/outbox-rows.ts';
import type { SubjectRow, Transaction } from '../store/store.ts';

/** What of a subject decides on every resource of it. */
interface About {
  subject: SubjectRow | null;
  /** Something of the research record stands: consent lets data pass. */
  open: boolean;
}

/**
 * Everything a target has or should have of the subjects of some rows, as it should be now. A study-side target gets
 * the ResearchSubject of consenting people only; what ends with consent goes or is marked, as agreed; a single
 * resource that was corrected away, and a subject that was merged or purged, always goes.
 * @param due rows to be dealt with
 */
export async function standingsOf(tx: Transaction, target: Target, due: readonly DeliveryRow[]): Promise<Standing[]> {
  const standings: Standing[] = [];
  const names = new Set(due.map(({ type, id }) => `${type}/${id}`));
  for (const id of new Set(due.map(({ subject }) => subject))) {
    const research = await tx.study.researchOf(id);
    const about = { subject: await tx.study.subject(id), open: research.some(({ deleted }) => !deleted) };
    for (const row of await tx.study.deliveriesOf(target.id, id)) {
      const { type, remote, hash, loose, releasedAt } = row;
      standings.push({
        type,
        id: row.id,
        wanted: await wantedOf(tx, target, row, about),
        remote,
        hash,
        loose,
        released: releasedAt !== null,
        due: names.has(`${type}/${row.id}`),
      });
    }
  }
  return standings;
}

async function wantedOf(
  tx: Transaction,
  target: Target,
  { type, id, site, releasedAt }: DeliveryRow,
  { subject, open }: About,
): Promise<Wanted> {
  if (!concerns(target, site, type) || !subject || subject.deleted) return null;
  const row = type === 'ResearchSubject' ? subject : await tx.study.research(type, id);
  if (!row) return null;
  const stands = type === 'ResearchSubject' ? open || target.side === 'hospital' : !row.deleted;
  const stays = !open && target.withdrawal === 'mark' && releasedAt !== null;
  return stands || stays ? { resource: JSON.parse(row.body), withdrawn: !stands } : null;
}
