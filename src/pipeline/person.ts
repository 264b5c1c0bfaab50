import { createHash } from 'node:crypto';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { Cluster, Clusters } from '../identity/merge.ts';
import { open } from '../identity/vault.ts';
import type { PersonRecord } from '../screening/view.ts';
import type { HospitalTables, RecordRow } from '../store/store.ts';
import type { Decision } from '../study/decision.ts';

/** A person as the store knows it: the merged Patients and all rows that lead to one of them. */
export interface Person {
  site: string;
  cluster: Cluster;
  rows: RecordRow[];
  /** `?alias` of every identifier that leads to this person alone. */
  aliases: readonly string[];
  decisions: readonly Decision[];
  /** Changes with every version that is added: tells a move by data from one by the clock. */
  fingerprint: string;
}

/** Finds whose row it is: the row's patient, or the one patient its alias leads to; null while that is open. */
export async function clusterOfRow(
  hospital: HospitalTables,
  clusters: Clusters,
  site: string,
  person: string,
): Promise<Cluster | null> {
  if (!person.startsWith('?')) return clusters.of(person);
  const found = new Map((await hospital.patientsOf(site, person.slice(1))).map((id) => [clusters.of(id).survivor, id]));
  // An identifier that two unmerged patients share says nothing about either.
  return found.size === 1 ? clusters.of([...found.values()][0]!) : null;
}

/** Reads everything known of a person. */
export async function readPerson(
  hospital: HospitalTables,
  clusters: Clusters,
  site: string,
  cluster: Cluster,
): Promise<Person> {
  const persons = [...cluster.members];
  for (const member of cluster.members) {
    for (const alias of await hospital.aliasesOf(site, member)) {
      const owner = await clusterOfRow(hospital, clusters, site, `?${alias}`);
      if (owner?.survivor === cluster.survivor) persons.push(`?${alias}`);
    }
  }
  const rows = await hospital.recordsOf(site, [...new Set(persons)]);
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${row.type}/${row.id} ${row.rank.hash} ${row.deleted}\n`);
  const aliases = persons.filter((one) => one.startsWith('?'));
  const decisions = (await hospital.decisionsOf(site, cluster.members)).map(({ body }) => JSON.parse(body) as Decision);
  for (const { id } of decisions) hash.update(`decision ${id}\n`);
  return { site, cluster, rows, aliases, decisions, fingerprint: hash.digest('hex').slice(0, 16) };
}

/** Types that say nothing about a disease, a procedure or a consent. */
const BACKGROUND = /^(Patient|RelatedPerson|Encounter|Appointment|Specimen|AdverseEvent|Medication.*)$/;

/** Whether anything but demographics and medications is known: only then can a rule speak of more than absence. */
export function hasEvidence(person: Person): boolean {
  return person.rows.some((row) => !row.deleted && !BACKGROUND.test(row.type));
}

/** The record as screening sees it. */
export async function recordOf(hospital: HospitalTables, person: Person, keys: SiteKeys): Promise<PersonRecord> {
  const { site, cluster, rows, aliases } = person;
  const resources = rows.flatMap((row) => (row.deleted || row.body === null ? [] : [readBody(row, keys)]));
  return {
    site,
    patient: cluster.survivor,
    selves: new Set([...cluster.members.map((member) => `Patient/${member}`), ...aliases]),
    resources,
    relatedToOthers: await relatedToOthers(hospital, person, resources),
    decisions: person.decisions,
    mergeCycle: cluster.cyclic,
  };
}

/** RelatedPersons that a consent names and that the hospital keeps under another patient. */
async function relatedToOthers(
  hospital: HospitalTables,
  { site, rows }: Person,
  resources: readonly FhirResource[],
): Promise<Set<string>> {
  const own = new Set(rows.flatMap((row) => (row.type === 'RelatedPerson' ? [`RelatedPerson/${row.id}`] : [])));
  const others = new Set<string>();
  for (const reference of resources.flatMap(relatedPersonsIn)) {
    if (own.has(reference)) continue;
    const row = await hospital.record({ site, type: 'RelatedPerson', id: reference.slice('RelatedPerson/'.length) });
    if (row && !row.deleted) others.add(reference);
  }
  return others;
}

/** `RelatedPerson/id` of everybody whom a consent names as having given it. */
export function relatedPersonsIn(resource: FhirResource): string[] {
  if (resource.resourceType !== 'Consent') return [];
  const performers = (resource.performer ?? []) as r4.Reference[];
  return performers.flatMap(({ reference }) => (reference?.startsWith('RelatedPerson/') ? [reference] : []));
}

function readBody(row: RecordRow, keys: SiteKeys): FhirResource {
  const text = row.type === 'Patient' ? open(keys.vault, row.body!, `${row.site}|${row.type}|${row.id}`) : row.body!;
  return JSON.parse(text) as FhirResource;
}
