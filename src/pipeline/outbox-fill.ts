import { concerns, type Target } from '../delivery/target.ts';
import type { Store, Transaction } from '../store/store.ts';
import { noteChanges } from './outbox.ts';

/** Subjects looked at in one transaction. */
const PAGE = 20;

/**
 * Notes what a target lacks: everything for one that is new, and whatever changed while nobody knew of it. What does
 * not concern it any more, because its file says so now, is noted too, to be taken back.
 * @param clock milliseconds since 1970
 * @returns how many subjects were noted
 */
export async function fillOutbox(store: Store, target: Target, clock: () => number): Promise<number> {
  let noted = 0;
  const sites = new Map(
    (await store.read((tx) => tx.hospital.enrolments())).map(({ subject, site }) => [subject, site] as const),
  );
  const subjects = new Set([...sites.keys(), ...(await subjectsIn(store, target))]);
  const all = [...subjects].sort();
  for (let from = 0; from < all.length; from += PAGE) {
    const page = all.slice(from, from + PAGE);
    const lacking = await store.read(async (tx) => {
      const found: string[] = [];
      for (const subject of page) if ((await lackingOf(tx, target, subject, sites)).length > 0) found.push(subject);
      return found;
    });
    for (const subject of lacking) {
      const at = new Date(clock()).toISOString();
      await store.withTransaction(async (tx) => {
        for (const one of await lackingOf(tx, target, subject, sites)) {
          const site = sites.get(subject);
          if (site !== undefined && concerns(target, site, one.type))
            await noteChanges(tx, [target], { site, subject, at, resources: [one] });
          else await tx.study.noteDelivery({ target: target.id, subject, at, ...one });
        }
      });
      noted++;
    }
  }
  return noted;
}

interface Lacking {
  type: string;
  id: string;
  version: number;
}

/** Resources of which the outbox does not know the newest version. */
async function lackingOf(
  tx: Transaction,
  target: Target,
  subject: string,
  sites: ReadonlyMap<string, string>,
): Promise<Lacking[]> {
  const rows = new Map((await tx.study.deliveriesOf(target.id, subject)).map((row) => [`${row.type}/${row.id}`, row]));
  const site = sites.get(subject);
  const own = await tx.study.subject(subject);
  const research = await tx.study.researchOf(subject);
  const open = research.some(({ deleted }) => !deleted);
  const all = [
    ...research,
    ...(own && (open || target.side === 'hospital' || rows.has(`ResearchSubject/${subject}`))
      ? [{ ...own, type: 'ResearchSubject' }]
      : []),
  ];
  return all.flatMap(({ type, id, version, deleted }) => {
    const row = rows.get(`${type}/${id}`);
    const wanted = site !== undefined && concerns(target, site, type);
    const lacks = wanted
      ? row?.version !== version && (row !== undefined || !deleted)
      : row != null && row.remote !== null;
    return lacks ? [{ type, id, version }] : [];
  });
}

async function subjectsIn(store: Store, target: Target): Promise<string[]> {
  const found: string[] = [];
  for (let after = ''; ; after = found.at(-1)!) {
    const page = await store.read((tx) => tx.study.deliverySubjects(target.id, after, 1000));
    found.push(...page);
    if (page.length < 1000) return found;
  }
}
