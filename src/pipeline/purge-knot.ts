import type { FhirResource } from '../fhir/resource.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { Cluster, Clusters } from '../identity/merge.ts';
import { pseudonymFor } from '../identity/pseudonym.ts';
import type { MoveRow, RecordRow, Transaction } from '../store/store.ts';
import { type Person, readPerson, recordOf } from './person.ts';

/** Somebody in a knot, with what the decision on a purge asks beside the record. */
export interface Knotted {
  person: Person;
  resources: readonly FhirResource[];
  /** Every subject the person ever had, also those merged away. */
  subjects: readonly string[];
  moves: readonly MoveRow[];
}

/**
 * People who can only be purged together: unmerged Patients with an identifier in common under which something stands.
 * With one of them gone it would count as the other's. Usually one person; none for an identifier that leads nowhere.
 */
export interface Knot {
  site: string;
  people: Knotted[];
  /** What stands under the identifiers they share; whose it is cannot be told. */
  open: { rows: readonly RecordRow[]; resources: readonly FhirResource[] };
  /** All Patient ids. */
  patients: string[];
  /** All `?alias` under which rows of theirs stand. */
  aliases: string[];
}

/** @param start a Patient id, or an `?alias` as rows have it */
export async function knotOf(
  tx: Transaction,
  clusters: Clusters,
  keys: SiteKeys,
  site: string,
  start: string,
): Promise<Knot> {
  const { hospital } = tx;
  const found = new Map<string, Cluster>();
  const open = new Map<string, RecordRow[]>();
  const add = (patient: string) => found.set(clusters.of(patient).survivor, clusters.of(patient));
  const share = async (alias: string) => {
    const owners = await hospital.patientsOf(site, alias);
    const survivors = new Set(owners.map((patient) => clusters.of(patient).survivor));
    if (survivors.size === 1 || open.has(`?${alias}`)) return survivors.size === 1 && owners.forEach(add);
    const rows = await hospital.recordsOf(site, [`?${alias}`]);
    if (rows.length === 0) return;
    open.set(`?${alias}`, rows);
    owners.forEach(add);
  };
  if (start.startsWith('?')) await share(start.slice(1));
  else add(start);
  // A Map gives what is added while it is walked.
  for (const cluster of found.values()) {
    for (const member of cluster.members)
      for (const alias of await hospital.aliasesOf(site, member)) await share(alias);
  }
  const people: Knotted[] = [];
  for (const cluster of found.values()) {
    people.push(await knotted(tx, keys, await readPerson(hospital, clusters, site, cluster)));
  }
  const rows = [...open.values()].flat();
  const resources = rows.flatMap(({ body }) => (body === null ? [] : [JSON.parse(body) as FhirResource]));
  return {
    site,
    people,
    open: { rows, resources },
    patients: people.flatMap(({ person }) => person.cluster.members),
    aliases: [...open.keys(), ...people.flatMap(({ person }) => person.aliases)],
  };
}

async function knotted(tx: Transaction, keys: SiteKeys, person: Person): Promise<Knotted> {
  const known = await tx.hospital.pseudonyms(person.site, person.cluster.members);
  const subjects = known.map(({ patient }) => pseudonymFor(keys.pseudonym, 'subject', patient));
  const moves: MoveRow[] = [];
  for (const subject of subjects) moves.push(...(await tx.hospital.moves(subject)));
  const { resources } = await recordOf(tx.hospital, person, keys);
  return { person, resources, subjects, moves };
}
