import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { Change } from '../record/change.ts';
import { personHash, resourceHash } from '../scan/hash.ts';
import { HashSet } from '../scan/hash-set.ts';
import type { Meaning } from '../scan/meaning.ts';
import type { HospitalTables } from '../store/store.ts';
import { clustersAt } from './clusters.ts';
import type { Gateway } from './gateway.ts';
import type { Prepared } from './prepare.ts';

/** Rows read from the store at a time. */
const PAGE = 5000;

/** Whose data, and which resources, a scan must read; all as hashes. */
export class Candidates {
  /** People of whom something of the study is known, or was found in the feed. */
  readonly people = new HashSet();
  /** People of whom there is a Patient: of nobody else anything may be passed over. */
  readonly patients = new HashSet();
  /** Resources of which a version is held, or will be: another version may take back what it says. */
  readonly held = new HashSet();
  /** Resources of which a version was read in this run. */
  readonly read = new HashSet();
  #aliases = new Set<string>();
  #meaning: Meaning;

  constructor(meaning: Meaning) {
    this.#meaning = meaning;
  }

  /** Whether lines about a person are read: a candidate's, and those of somebody of whom there is no Patient. */
  names(person: number): boolean {
    return this.people.has(person) || !this.patients.has(person);
  }

  /** Whether a line that waited is read: for its person, or because the resource is held. */
  takes(person: number, resource: number): boolean {
    return this.names(person) || this.held.has(resource);
  }

  /** Whom and what the store holds already. */
  async begin({ store }: Gateway): Promise<void> {
    let last = { site: '', type: '', id: '' };
    for (;;) {
      const after = last;
      const rows = await store.read(({ hospital }) => hospital.heldAfter(after, PAGE));
      for (const { site, type, id, person } of rows) {
        this.held.add(resourceHash(type, id));
        if (person !== null) this.#person(site, person);
      }
      if (rows.length < PAGE) break;
      last = rows.at(-1)!;
    }
    for (const { site, patient } of await store.read(({ hospital }) => hospital.enrolments()))
      this.people.add(personHash(site, patient));
  }

  /** Hears of everything that is read. */
  note(gateway: Gateway, arrival: Arrival | SetAside, prepared: Prepared): void {
    if (prepared.kind === 'decision') this.people.add(personHash(prepared.site.id, prepared.patient));
    const changes = prepared.kind === 'change' ? [prepared] : prepared.kind === 'form' ? prepared.changes : [];
    for (const { change } of changes) {
      const { site, type, id } = change.key;
      this.held.add(resourceHash(type, id));
      this.read.add(resourceHash(type, id));
      const speaks = prepared.kind === 'form' || this.#speaks(gateway, change, arrival);
      if (speaks && change.person !== null) this.#person(site, change.person);
    }
  }

  /** A consent for the study speaks of it too. */
  #speaks({ sites }: Gateway, { key, need }: Change, arrival: Arrival | SetAside): boolean {
    if (key.type === 'Consent') return need.needed;
    return arrival.kind === 'resource' && this.#meaning.isEvidence(arrival.resource, sites.get(key.site)!);
  }

  #person(site: string, person: string): void {
    if (person.startsWith('?')) this.#aliases.add(`${site}|${person.slice(1)}`);
    else this.people.add(personHash(site, person));
  }

  /** Now that all Patients are in the store: who the candidates are by other names. */
  async close({ store, sites }: Gateway): Promise<void> {
    for (const alias of this.#aliases) {
      const [site, name] = [alias.slice(0, alias.indexOf('|')), alias.slice(alias.indexOf('|') + 1)];
      const named = await store.read(({ hospital }) => hospital.patientsOf(site, name));
      for (const patient of named) this.people.add(personHash(site, patient));
    }
    for (const site of sites.keys()) await store.read(({ hospital }) => this.#merged(hospital, site));
    await eachPatient(store, (site, id) => this.patients.add(personHash(site, id)));
  }

  /** Of merged people all are candidates when one is. */
  async #merged(hospital: HospitalTables, site: string): Promise<void> {
    const links = await hospital.links(site);
    if (links.length === 0) return;
    const clusters = await clustersAt(hospital, site);
    for (const end of links.flatMap(({ from, to }) => [from, to])) {
      const named = end.startsWith('?') ? await hospital.patientsOf(site, end.slice(1)) : [end];
      for (const { members } of named.map((patient) => clusters.of(patient))) {
        const hashes = members.map((member) => personHash(site, member));
        if (hashes.some((hash) => this.people.has(hash))) for (const hash of hashes) this.people.add(hash);
      }
    }
  }
}

/** Whose lines any of several studies reads; to hold more, a resource is added to `held` here too. */
export function anyOf(candidates: readonly Candidates[]): Pick<Candidates, 'names' | 'takes' | 'held'> {
  const [first, ...others] = candidates;
  if (others.length === 0) return first!;
  const [people, patients, held] = [new HashSet(), new HashSet(), new HashSet()];
  for (const one of candidates) {
    for (const person of one.people) people.add(person);
    for (const resource of one.held) held.add(resource);
  }
  // Of whom one study knows no Patient, all are read.
  for (const person of first!.patients) if (others.every((one) => one.patients.has(person))) patients.add(person);
  const names = (person: number) => people.has(person) || !patients.has(person);
  return { held, names, takes: (person, resource) => names(person) || held.has(resource) };
}

/** Walks all Patients that the store knows. */
export async function eachPatient(
  store: Gateway['store'],
  found: (site: string, id: string) => void | Promise<void>,
): Promise<void> {
  let [site, id] = ['', ''];
  for (;;) {
    const rows = await store.read(({ hospital }) => hospital.patientsAfter(site, id, PAGE));
    for (const row of rows) await found(row.site, row.id);
    if (rows.length < PAGE) return;
    ({ site, id } = rows.at(-1)!);
  }
}
