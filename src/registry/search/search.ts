import type { r4 } from '../../fhir/resource.ts';
import { type Answer, found, type Refusal, refused, warnings } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import { groupResource, groupsOf } from '../group.ts';
import { partOf } from '../part.ts';
import type { Shown } from '../shown.ts';
import { servedType } from '../types.ts';
import { typeRefusal, type Viewer } from '../viewer.ts';
import { alongOf } from './along.ts';
import { type Query, readQuery } from './query.ts';
import { countAll, readCursor, walkOf, writeCursor } from './walk.ts';

/** Rows that one request looks at: a page may hold fewer matches than asked for, or none, and lead on to the next. */
const LOOKS = 5_000;
/** Resources that come along with the matches of a page; the page ends early where there are more. */
const MOST_ALONG = 1_000;

/** Searches a type (R4, http.html#search), as it stands when the first page is asked for. */
export async function search(
  desk: RegistryDesk,
  viewer: Viewer,
  type: string,
  given: URLSearchParams,
  strict: boolean,
): Promise<Answer> {
  const refusal = typeRefusal(viewer, type, 's');
  if (refusal) return refused(refusal);
  const query = readQuery(servedType(type)!, given, strict, { zone: desk.study.timezone, base: desk.base });
  if ('status' in query) return refused(query);
  if (type === 'Group') return groups(desk, query);
  const now = desk.clock();
  const begun = query.cursor === null ? { at: instant(now), after: '' } : readCursor(viewer, type, query.cursor, now);
  if (!begun) return refused(CURSOR);
  const { at, after } = begun;
  if (query.countOnly) return found(bundleOf(desk, query, [], [], await countAll(desk, viewer, query, at), null));
  const page = await pageOf(desk, viewer, query, at, after);
  const isWhole = query.cursor === null && page.last === null;
  const total = isWhole ? page.matches.length : query.total ? await countAll(desk, viewer, query, at) : null;
  const next = page.last === null ? null : writeCursor(viewer, type, at, page.last);
  return found(bundleOf(desk, query, page.matches, page.along, total, next));
}

/** `last`: our id of the last row looked at; null when there is nothing behind it. */
async function pageOf(desk: RegistryDesk, viewer: Viewer, query: Query, at: string, after: string) {
  const walk = walkOf(desk, viewer, query, at, after);
  const found: Shown[] = [];
  let [looked, last] = [0, after];
  let step = await walk.next();
  // One more than asked for tells that there is more.
  for (; step && found.length <= query.count && looked < LOOKS; step = await walk.next()) {
    found.push(...step.matches);
    looked += step.looked;
    last = step.last;
  }
  const matches = found.slice(0, query.count);
  const along = new Map<string, Shown>();
  for (const [index, match] of matches.entries()) {
    if (index > 0 && along.size > MOST_ALONG) {
      matches.length = index;
      break;
    }
    for (const one of await desk.store.read(({ study }) => alongOf(study, viewer, query, match, at)))
      along.set(`${one.type}/${one.id}`, one);
  }
  for (const { type, id } of matches) along.delete(`${type}/${id}`);
  const cut = matches.length < found.length;
  return { matches, along: [...along.values()], last: cut ? matches.at(-1)!.ownId : step ? last : null };
}

function bundleOf(
  { base }: RegistryDesk,
  query: Query,
  matches: readonly Shown[],
  along: readonly Shown[],
  total: number | null,
  next: string | null,
): r4.Bundle {
  const url = (more: [string, string][]) => {
    const text = new URLSearchParams([...query.used, ...more].map(([name, value]): [string, string] => [name, value]));
    return `${base}/${query.served.type}${text.size > 0 ? `?${text}` : ''}`;
  };
  const entry = (mode: 'match' | 'include') => (one: Shown) => ({
    fullUrl: `${base}/${one.type}/${one.id}`,
    resource: partOf(mode === 'match' ? query.part : { kind: 'all' }, one.resource) as r4.FhirResource,
    search: { mode },
  });
  const self: [string, string][] = query.cursor === null ? [] : [['_cursor', query.cursor]];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === null ? {} : { total }),
    link: [
      { relation: 'self', url: url(self) },
      ...(next === null ? [] : [{ relation: 'next', url: url([['_cursor', next]]) }]),
    ],
    entry: [
      ...matches.map(entry('match')),
      ...along.map(entry('include')),
      // What was passed over (R4, search.html#mode).
      ...(query.ignored.length > 0
        ? [{ resource: warnings(query.ignored), search: { mode: 'outcome' as const } }]
        : []),
    ],
  };
}

/** There are few groups: one page holds them. */
function groups(desk: RegistryDesk, query: Query): Answer {
  const shown = groupsOf(desk)
    .map((group): Shown => {
      const resource = groupResource(group);
      return { type: 'Group', id: group.id, ownId: group.id, subject: '', version: 1, lastUpdated: '', resource };
    })
    .filter(({ resource }) => query.clauses.every((clause) => clause.fits(resource)));
  return found(bundleOf(desk, query, query.countOnly ? [] : shown, [], shown.length, null));
}

const CURSOR: Refusal = {
  status: 400,
  code: 'cursor',
  issue: 'invalid',
  message: 'The page asked for is none of this search. Follow the links of its pages, or begin again.',
};
