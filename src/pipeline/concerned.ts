import type { Change } from '../record/change.ts';
import type { HospitalTables, RecordRow } from '../store/store.ts';

/** A version that takes the place of what is known of its resource. */
export interface Replacing {
  change: Change;
  known: RecordRow | null;
  /** Whose it is from now on. */
  person: string | null;
}

/**
 * Carries out a change and tells whose screening may come out differently by it: the person it is about, and about
 * whom it was before; of a Patient everybody who is or was merged with them, and who shares an identifier that came or
 * went; of a RelatedPerson everybody whose consent names them.
 * @param put writes the change
 * @returns persons as in `RecordRow.person`
 */
export async function concernedBy(
  hospital: HospitalTables,
  { change, known, person }: Replacing,
  put: () => Promise<void>,
): Promise<Set<string>> {
  const { site, type, id } = change.key;
  const concerned = new Set([person, known?.person ?? null].filter((one) => one !== null));
  if (type === 'Patient') {
    const held = await hospital.aliasesOf(site, id);
    const turned = [...held, ...change.aliases].filter((one) => !held.includes(one) || !change.aliases.includes(one));
    // Whoever comes for the first time is joined, and parts nobody.
    if (known) for (const one of await joinedWith(hospital, site, id, turned)) concerned.add(one);
    await put();
    for (const one of await joinedWith(hospital, site, id, turned)) concerned.add(one);
    return concerned;
  }
  await put();
  const was = known !== null && !known.deleted;
  if (type === 'RelatedPerson' && was === change.deleted) {
    for (const one of await hospital.mentioning(site, `RelatedPerson/${id}`)) concerned.add(one);
  }
  return concerned;
}

/** The Patient, those who hold one of the aliases, and everybody to whom merge links lead from any of them. */
async function joinedWith(
  hospital: HospitalTables,
  site: string,
  patient: string,
  aliases: readonly string[],
): Promise<string[]> {
  const ends = new Set([patient, ...aliases.map((alias) => `?${alias}`)]);
  // Ring by ring: most people have one, and the links of a whole ring are asked for at once.
  for (let ring = [...ends]; ring.length > 0; ) {
    const next = new Set<string>();
    const names = new Set(ring);
    for (const end of ring) {
      if (end.startsWith('?')) for (const holder of await hospital.patientsOf(site, end.slice(1))) next.add(holder);
      else for (const alias of await hospital.aliasesOf(site, end)) names.add(`?${alias}`);
    }
    for (const { from, to } of await hospital.linksNaming(site, [...names])) next.add(from).add(to);
    ring = [...next].filter((end) => !ends.has(end));
    for (const end of ring) ends.add(end);
  }
  return [...ends].filter((end) => !end.startsWith('?'));
}
