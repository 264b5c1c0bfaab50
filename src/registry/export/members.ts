import type { RegistryDesk } from '../desk.ts';
import { groupsOf, membersAt } from '../group.ts';
import type { Viewer } from '../viewer.ts';
import type { ExportPlan } from './plan.ts';

/** Of whom an export tells: our ids of the ResearchSubjects, at the moment it shows and at the one it goes on from. */
export interface Members {
  now(subject: string): boolean;
  before(subject: string): boolean;
  /** Who came into the group between the two. */
  joined: readonly string[];
}

export async function membersOf(
  desk: RegistryDesk,
  { lens }: Pick<Viewer, 'lens'>,
  plan: ExportPlan,
): Promise<Members> {
  const { group, patients, at, since } = plan;
  const named = patients && new Set(await subjectsOf(desk, lens, patients, at));
  const found = groupsOf(desk).find(({ id }) => id === group);
  if (!found) return { now: isIn(named), before: isIn(named), joined: [] };
  const now = await membersAt(desk, found, at);
  const before = since === null ? now : await membersAt(desk, found, since);
  const joined = before && now ? [...now].filter((one) => !before.has(one) && isIn(named)(one)) : [];
  return {
    now: (subject) => isIn(now)(subject) && isIn(named)(subject),
    before: (subject) => isIn(before)(subject) && isIn(named)(subject),
    joined,
  };
}

const isIn =
  (set: ReadonlySet<string> | null) =>
  (one: string): boolean =>
    set === null || set.has(one);

/** The subjects of patients that stand then, by the registry's ids; those that do not are left out. */
export async function subjectsOf(
  desk: Pick<RegistryDesk, 'store'>,
  lens: Viewer['lens'],
  patients: readonly string[],
  at: string,
): Promise<string[]> {
  return desk.store.read(async ({ study }) => {
    const subjects: string[] = [];
    for (const patient of patients) {
      const id = lens.ownId('Patient', patient);
      const row = id === null ? null : await study.standing('Patient', id, at);
      if (row && !row.deleted && !row.gone) subjects.push(row.subject);
    }
    return subjects;
  });
}
