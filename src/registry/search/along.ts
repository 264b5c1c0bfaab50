import type { Transaction } from '../../store/store.ts';
import { createShower, type Shown } from '../shown.ts';
import { servedType } from '../types.ts';
import { may, type Viewer } from '../viewer.ts';
import type { Query } from './query.ts';
import { referencesOf, valuesAt } from './values.ts';

/** What comes along with one match: what it refers to, and what refers to it. Neither is ever of another person. */
export async function alongOf(
  study: Transaction['study'],
  viewer: Viewer,
  query: Query,
  match: Shown,
  at: string,
): Promise<Shown[]> {
  const shower = createShower(viewer.lens);
  const along: Shown[] = [];
  for (const name of query.includes) {
    for (const reference of referencedBy(match, query.served.type, name)) {
      const [type, id] = reference.split('/') as [string, string | undefined];
      if (id === undefined || !may(viewer, type, 'r')) continue;
      const ownId = viewer.lens.ownId(type, id);
      const row = ownId === null ? null : await study.standing(type, ownId, at);
      if (!row || row.deleted || row.gone) continue;
      const shown = await shower.show(study, row);
      if (shown) along.push(shown);
    }
  }
  for (const { type, name } of query.reverse) {
    if (!may(viewer, type, 's')) continue;
    for (const row of await rowsOf(study, type, match.subject, at)) {
      if (row.gone) continue;
      const shown = await shower.show(study, row);
      if (shown && referencedBy(shown, type, name).includes(`${match.type}/${match.id}`)) along.push(shown);
    }
  }
  return along;
}

async function rowsOf(study: Transaction['study'], type: string, subject: string, at: string) {
  if (type !== 'ResearchSubject') return (await study.standingOf(subject, at)).filter((row) => row.type === type);
  const row = await study.standing(type, subject, at);
  return row && !row.deleted ? [row] : [];
}

function referencedBy({ resource }: Shown, type: string, name: string): string[] {
  const parameter = servedType(type)?.parameters.find((one) => one.name === name);
  return (parameter?.paths ?? []).flatMap((path) => valuesAt(resource, path).flatMap(referencesOf));
}
