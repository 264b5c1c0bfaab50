import type { Clusters } from '../identity/merge.ts';
import { personHash } from '../scan/hash.ts';
import type { HashSet } from '../scan/hash-set.ts';
import type { PassedOver } from '../scan/passed-over.ts';
import type { UnreadRow } from '../store/scan-rows.ts';
import type { Store } from '../store/store.ts';
import { eachPatient } from './candidates.ts';
import { clustersAt } from './clusters.ts';
import type { Gateway } from './gateway.ts';

/** Rows in one transaction. */
const PAGE = 500;

/** Of what was passed over before takes away what was read now. Whoever has nothing left is no longer told of. */
export async function clearUnread(store: Store, read: HashSet): Promise<void> {
  await eachUnread(store, async (rows) => {
    const left = rows.map((row) => ({ ...row, resources: row.resources.filter((one) => !read.has(one)) }));
    const changed = left.filter(({ resources }, at) => resources.length < rows[at]!.resources.length);
    if (changed.length > 0) await put(store, changed);
    release(left);
  });
}

/** Remembers what was passed over, so that it can be told should its person become a candidate. */
export async function addUnread(store: Store, passed: PassedOver): Promise<void> {
  let waiting: UnreadRow[] = [];
  await eachPatient(store, async (site, patient) => {
    const resources = passed.of(personHash(site, patient));
    if (resources.length > 0) waiting.push({ site, patient, resources });
    if (waiting.length < PAGE) return;
    await add(store, waiting);
    waiting = [];
  });
  if (waiting.length > 0) await add(store, waiting);
}

async function add(store: Store, rows: readonly UnreadRow[]): Promise<void> {
  const joined = await withKnown(store, rows);
  await put(store, joined);
  release([...rows, ...joined]);
}

/** Gives the room of rows back that nobody needs any more: of everybody it is megabytes, which the collector leaves long. */
function release(rows: readonly UnreadRow[]): void {
  for (const { resources } of rows) (resources.buffer as ArrayBuffer).transfer(0);
}

/**
 * How many people there are of whom something was passed over and not read since, and how many are subjects.
 * @param isSubject of a surviving Patient id
 */
export async function unreadCounts(
  { store }: Gateway,
  isSubject: (site: string, patient: string) => boolean,
): Promise<{ people: number; subjects: number }> {
  const clusters = new Map<string, Clusters>();
  const found = new Set<string>();
  let people = 0;
  await eachUnread(store, async (rows) => {
    people += rows.length;
    for (const row of rows) {
      const known = clusters.get(row.site) ?? (await store.read(({ hospital }) => clustersAt(hospital, row.site)));
      clusters.set(row.site, known);
      const { survivor } = known.of(row.patient);
      if (isSubject(row.site, survivor)) found.add(`${row.site}|${survivor}`);
    }
  });
  return { people, subjects: found.size };
}

async function eachUnread(store: Store, visit: (rows: UnreadRow[]) => Promise<void>): Promise<void> {
  let [site, patient] = ['', ''];
  for (;;) {
    const rows = await store.read(({ hospital }) => hospital.unreadAfter(site, patient, PAGE));
    await visit(rows);
    release(rows);
    if (rows.length < PAGE) return;
    ({ site, patient } = rows.at(-1)!);
  }
}

async function withKnown(store: Store, rows: readonly UnreadRow[]): Promise<UnreadRow[]> {
  return store.read(async ({ hospital }) => {
    const joined: UnreadRow[] = [];
    for (const row of rows) {
      const [known] = await hospital.unreadOf(row.site, [row.patient]);
      const all = known ? Uint32Array.from([...known.resources, ...row.resources]).sort() : row.resources;
      joined.push({ ...row, resources: all.filter((one, at) => at === 0 || one !== all[at - 1]) });
      if (known) release([known]);
    }
    return joined;
  });
}

function put(store: Store, rows: readonly UnreadRow[]): Promise<void> {
  return store.withTransaction(async ({ hospital }) => {
    for (const row of rows) await hospital.putUnread(row);
  });
}
