import { type Clusters, createClusters, type ReplacedBy } from '../identity/merge.ts';
import type { HospitalTables } from '../store/store.ts';

/** More holders of one identifier than these are no merged records; then all links of the site are read at once. */
const MOST_HOLDERS = 32;

/** The merges of a site; a link that names the other record by an identifier is followed where it leads to one Patient. */
export async function clustersAt(hospital: HospitalTables, site: string): Promise<Clusters> {
  return createClusters(await resolved(hospital, site, await hospital.links(site)));
}

/**
 * The merges around one person, or around everybody who holds an identifier: of them they say the same as `clustersAt`.
 * Costs the same however many are merged at the site. An identifier of theirs that somebody else holds says nothing
 * about either, whoever that one was merged with, so the walk ends there.
 * @param person a Patient id, or `?` and an alias
 */
export async function clustersAround(hospital: HospitalTables, site: string, person: string): Promise<Clusters> {
  const named = person.startsWith('?') ? await hospital.patientsOf(site, person.slice(1)) : [person];
  if (named.length > MOST_HOLDERS) return clustersAt(hospital, site);
  const links: ReplacedBy[] = [];
  // A Set gives what is added while it is walked.
  const patients = new Set(named);
  for (const patient of patients) {
    const aliases = await hospital.aliasesOf(site, patient);
    const naming = await hospital.linksNaming(site, [patient, ...aliases.map((alias) => `?${alias}`)]);
    for (const link of await resolved(hospital, site, naming)) {
      links.push(link);
      patients.add(link.from).add(link.to);
    }
  }
  return createClusters(links);
}

async function resolved(
  hospital: HospitalTables,
  site: string,
  links: readonly { from: string; to: string }[],
): Promise<ReplacedBy[]> {
  const idOf = async (end: string) => {
    if (!end.startsWith('?')) return end;
    const found = await hospital.patientsOf(site, end.slice(1));
    return found.length === 1 ? found[0]! : null;
  };
  const followed: ReplacedBy[] = [];
  for (const link of links) {
    const [from, to] = [await idOf(link.from), await idOf(link.to)];
    if (from && to) followed.push({ from, to });
  }
  return followed;
}
