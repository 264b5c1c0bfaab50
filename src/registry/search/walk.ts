import type { StandingRow } from '../../store/standing-rows.ts';
import type { Transaction } from '../../store/store.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import { createShower, type Shown } from '../shown.ts';
import type { Viewer } from '../viewer.ts';
import type { Query } from './query.ts';

/** Rows of one read; others read in between. */
const PAGE = 200;

/** Walks through the resources of a type, as they stood at an instant and still stand, in the order of our ids. */
export interface Walk {
  /** The next rows that were looked at and the matches among them; null at the end. */
  next(): Promise<{ matches: Shown[]; looked: number; last: string } | null>;
}

/**
 * Matches are looked for in what the registry may see, never in what is hidden from it. Parameters that name resources
 * or patients narrow the walk down.
 * @param after our id to begin behind
 */
export function walkOf(desk: RegistryDesk, viewer: Viewer, query: Query, at: string, after: string): Walk {
  const { type } = query.served;
  const shower = createShower(viewer.lens);
  const named = namedBy(viewer, query);
  let from: string | null = after;
  return {
    async next() {
      if (from === null) return null;
      const behind: string = from;
      const { rows, full, matches } = await desk.store.read(async ({ study }) => {
        const found = named
          ? await namedRows(study, type, named, at, behind)
          : await study.standingAfter(type, at, behind, PAGE);
        const seen: Shown[] = [];
        await shower.meet(study, found);
        for (const row of found) {
          if (row.gone) continue;
          const shown = shower.showMet(row);
          if (shown && query.clauses.every((clause) => clause.fits(shown.resource))) seen.push(shown);
        }
        return { rows: found, full: !named && found.length === PAGE, matches: seen };
      });
      const last = rows.at(-1)?.id ?? behind;
      from = full ? last : null;
      return { matches, looked: rows.length, last };
    },
  };
}

/** Our ids that a query names, of the resources themselves or of their patients; null when it names none. */
function namedBy({ lens }: Viewer, { served, clauses }: Query): { ids: string[] } | { patients: string[] } | null {
  const own = (type: string, values: readonly string[]) =>
    values.flatMap((value) => lens.ownId(type, value.slice(value.lastIndexOf('/') + 1)) ?? []);
  const ids = clauses.find(({ parameter, values }) => parameter.name === '_id' && values.length > 0);
  if (ids) return { ids: own(served.type, ids.values) };
  const patient = clauses.find(({ parameter, values }) => parameter.targets.join() === 'Patient' && values.length > 0);
  return patient ? { patients: own('Patient', patient.values) } : null;
}

async function namedRows(
  study: Transaction['study'],
  type: string,
  named: { ids: string[] } | { patients: string[] },
  at: string,
  behind: string,
): Promise<StandingRow[]> {
  const rows: StandingRow[] = [];
  const add = (row: StandingRow | null) => {
    if (row && !row.deleted && row.id > behind) rows.push(row);
  };
  if ('ids' in named) for (const id of new Set(named.ids)) add(await study.standing(type, id, at));
  else
    for (const id of new Set(named.patients)) {
      const patient = await study.standing('Patient', id, at);
      if (!patient) continue;
      if (type === 'ResearchSubject') add(await study.standing(type, patient.subject, at));
      else for (const row of await study.standingOf(patient.subject, at)) if (row.type === type) add(row);
    }
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many match in all. */
export async function countAll(desk: RegistryDesk, viewer: Viewer, query: Query, at: string): Promise<number> {
  const walk = walkOf(desk, viewer, query, at, '');
  let count = 0;
  for (let step = await walk.next(); step; step = await walk.next()) count += step.matches.length;
  return count;
}

/** A place in a search to go on from: when it began, and the registry's id of the last resource looked at. */
export function writeCursor(viewer: Viewer, type: string, at: string, last: string): string {
  return `${Date.parse(at)}.${viewer.lens.registryId(type, last)}`;
}

/** Null when it is none of ours. */
export function readCursor(
  viewer: Viewer,
  type: string,
  text: string,
  now: number,
): { at: string; after: string } | null {
  const [, at, id] = /^(\d{1,15})\.([A-Za-z0-9.-]{1,64})$/.exec(text) ?? [];
  const after = id === undefined ? null : viewer.lens.ownId(type, id);
  if (after === null || Number(at) > now) return null;
  return { at: instant(Number(at)), after };
}
