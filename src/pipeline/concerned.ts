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
    for (const one of await joinedWith(hospital, site, id, turned)) concerned.add(one);
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
  // A Set gives what is added while it is walked.
  for (const end of ends) {
    const names = [end];
    if (end.startsWith('?')) for (const holder of await hospital.patientsOf(site, end.slice(1))) ends.add(holder);
    else for (const alias of await hospital.aliasesOf(site, end)) names.push(`?${alias}`);
    for (const { from, to } of await hospital.linksNaming(site, names)) ends.add(from).add(to);
  }
  return [...ends].filter((end) => !end.startsWith('?'));
}
