import type { r4 } from '../fhir/resource.ts';
import type { ResearchRow } from '../store/research-rows.ts';
import type { Transaction } from '../store/store.ts';
import { type Answer, DELETED, found, NOT_FOUND, type Refusal, refused } from './answer.ts';
import { instant, type RegistryDesk } from './desk.ts';
import { groupResource, groupsOf } from './group.ts';
import { type Part, partOf } from './part.ts';
import { createShower, type Shown } from './shown.ts';
import { typeRefusal, type Viewer } from './viewer.ts';

/** Reads a resource as it stands (R4, http.html#read): 404 where the registry may not see it, 410 where it could. */
export async function read(desk: RegistryDesk, viewer: Viewer, type: string, id: string, part: Part): Promise<Answer> {
  const refusal = typeRefusal(viewer, type, 'r');
  if (refusal) return refused(refusal);
  if (type === 'Group') {
    const group = groupsOf(desk).find((one) => one.id === id);
    return group ? found(partOf(part, groupResource(group))) : refused(NOT_FOUND);
  }
  return desk.store.read(async ({ study }) => {
    const shown = await standingNow(study, desk, viewer, type, id);
    return 'status' in shown ? refused(shown) : found(partOf(part, shown.resource), versionOf(shown));
  });
}

/** Reads one version (R4, http.html#vread). Of a resource that is gone no version is shown any more. */
export async function readVersion(
  desk: RegistryDesk,
  viewer: Viewer,
  type: string,
  id: string,
  version: string,
): Promise<Answer> {
  const refusal = typeRefusal(viewer, type, 'r');
  if (refusal) return refused(refusal);
  if (type === 'Group') return refused(NO_HISTORY);
  return desk.store.read(async ({ study }) => {
    const current = await standingNow(study, desk, viewer, type, id);
    if ('status' in current) return refused(current);
    const row = (await versionsOf(study, type, current.ownId, desk.clock())).find(
      (one) => String(one.version) === version,
    );
    if (row?.deleted) return refused(DELETED);
    const shown = row ? await createShower(viewer.lens).show(study, row) : null;
    return shown ? found(shown.resource, versionOf(shown)) : refused(NOT_FOUND);
  });
}

/** The versions of a resource, the newest first (R4, http.html#history); of one that is gone only that it is. */
export async function history(
  desk: RegistryDesk,
  viewer: Viewer,
  type: string,
  id: string,
  options: { since: string | null; count: number | null },
): Promise<Answer> {
  const refusal = typeRefusal(viewer, type, 'r');
  if (refusal) return refused(refusal);
  if (type === 'Group') return refused(NO_HISTORY);
  return desk.store.read(async ({ study }) => {
    const current = await standingNow(study, desk, viewer, type, id);
    if ('status' in current && current.status !== 410) return refused(current);
    const ownId = viewer.lens.ownId(type, id)!;
    const versions = (await versionsOf(study, type, ownId, desk.clock())).reverse();
    const shower = createShower(viewer.lens);
    const entry: r4.BundleEntry[] = [];
    for (const row of 'status' in current ? versions.slice(0, 1) : versions) {
      if (options.since !== null && row.lastUpdated < options.since) continue;
      const isGone = row.deleted || 'status' in current;
      const shown = isGone ? null : await shower.show(study, row);
      if (isGone || shown) entry.push(historyEntry(desk.base, { type, id }, row, shown));
    }
    const total = entry.length;
    return found({
      resourceType: 'Bundle',
      type: 'history',
      total,
      link: [{ relation: 'self', url: `${desk.base}/${type}/${id}/_history` }],
      entry: entry.slice(0, options.count ?? total),
    } satisfies r4.Bundle);
  });
}

function historyEntry(
  base: string,
  { type, id }: { type: string; id: string },
  { version, lastUpdated }: ResearchRow,
  shown: Shown | null,
): r4.BundleEntry {
  const [method, status] =
    shown === null ? ['DELETE' as const, '204'] : ['PUT' as const, version === 1 ? '201' : '200'];
  return {
    fullUrl: `${base}/${type}/${id}`,
    ...(shown ? { resource: shown.resource as r4.FhirResource } : {}),
    request: { method, url: `${type}/${id}` },
    response: { status, etag: `W/"${version}"`, lastModified: lastUpdated },
  };
}

/** What stands now under a registry's id, or why it is refused. */
export async function standingNow(
  study: Transaction['study'],
  desk: RegistryDesk,
  { lens }: Viewer,
  type: string,
  id: string,
): Promise<Shown | Refusal> {
  const ownId = lens.ownId(type, id);
  const row = ownId === null ? null : await study.standing(type, ownId, instant(desk.clock()));
  // What was never to be seen is not told to be gone either.
  if (!row || (type === 'ResearchSubject' && !(await study.anyOf(row.id, 'Provenance')))) return NOT_FOUND;
  const shower = createShower(lens);
  const shown = row.deleted || row.gone ? null : await shower.show(study, row);
  return shown ?? ((await shower.wasShown(study, row)) ? DELETED : NOT_FOUND);
}

/** Every version that stood, in their order; those of a ResearchSubject while nothing of it stood are left out. */
async function versionsOf(
  study: Transaction['study'],
  type: string,
  ownId: string,
  now: number,
): Promise<ResearchRow[]> {
  if (type !== 'ResearchSubject') return study.researchHistory(type, ownId);
  const versions = (await study.history(ownId)).map((row): ResearchRow => ({ ...row, type, subject: ownId }));
  const stood: ResearchRow[] = [];
  for (const [index, row] of versions.entries()) {
    const until = versions[index + 1]?.lastUpdated;
    const last = await study.standing(type, ownId, instant(until === undefined ? now : Date.parse(until) - 1));
    const isLast = index === versions.length - 1;
    if (isLast || (last?.version === row.version && !last.deleted)) stood.push(row);
  }
  return stood;
}

const versionOf = ({ version, lastUpdated }: Shown) => ({ number: version, lastUpdated });

const NO_HISTORY: Refusal = {
  status: 400,
  code: 'no-history',
  issue: 'not-supported',
  message: 'Resources of this type have no versions here. Read them without one.',
};
