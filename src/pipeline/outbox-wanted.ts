import type { Wanted } from '../delivery/render.ts';
import type { Standing } from '../delivery/step.ts';
import { concerns, type Target } from '../delivery/target.ts';
import type { DeliveryRow } from '../store/outbox-rows.ts';
import type { SubjectRow, Transaction } from '../store/store.ts';

/** What of a subject decides on every resource of it. */
interface About {
  subject: SubjectRow | null;
  /** Hospital; null when nobody is behind the subject any more. */
  site: string | null;
  /** Something of the research record stands: consent lets data pass. */
  open: boolean;
  /** Instant at which the record was last changed: by its closing, when it is not open. */
  changedAt: string;
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
    const changedAt = research.reduce((last, { lastUpdated }) => (lastUpdated > last ? lastUpdated : last), '');
    const site = (await tx.hospital.enrolment(id))?.site ?? null;
    const about = {
      subject: await tx.study.subject(id),
      site,
      open: research.some(({ deleted }) => !deleted),
      changedAt,
    };
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
  { type, id, remote }: DeliveryRow,
  { subject, site, open, changedAt }: About,
): Promise<Wanted> {
  if (!subject || subject.deleted || site === null || !concerns(target, site, type)) return null;
  const row = type === 'ResearchSubject' ? subject : await tx.study.research(type, id);
  if (!row) return null;
  const stands = type === 'ResearchSubject' ? open || target.side === 'hospital' : !row.deleted;
  // Only what is known to be there, and what the end of consent took: nothing is sent anew after it.
  const taken = type === 'ResearchSubject' || row.lastUpdated === changedAt;
  const stays = !open && taken && target.withdrawal === 'mark' && remote !== null;
  return stands || stays ? { resource: JSON.parse(row.body), withdrawn: !stands } : null;
}
