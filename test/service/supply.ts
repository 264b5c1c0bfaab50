import type { FhirResource } from '../../src/fhir/resource.ts';
import { plain } from '../feed/builders.ts';
import { type Told, tell } from '../feed/people.ts';
import type { Random } from '../feed/random.ts';
import { SITES, type SiteId } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { type Parcel, parcelsOf, stale } from '../pipeline/delivery.ts';
import { lookInto } from './kept.ts';
import type { Load } from './load.ts';
import { nameOf, PACKAGINGS, type Package, packed } from './packages.ts';

export const HOSPITALS: readonly SiteId[] = ['ya', 'bf'];
const TOLD_THERE = STORIES.filter(({ site }) => site === undefined || HOSPITALS.includes(site));

/** People that two hospitals tell of, one after another, and what they send of them. */
export interface Supply {
  /** Everybody so far. */
  told: Told[];
  /** The packages of so many more people, in any order. */
  more(people: number): Package[];
}

export function supplyOf(random: Random, seed: string): Supply {
  const told: Told[] = [];
  const shuffled = <T>(items: readonly T[]): T[] => {
    const keyed = items.map((item) => ({ item, key: random.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  return {
    told,
    more(people) {
      const packages: Package[] = [];
      for (let left = people; left > 0; left--) {
        const story = random.pick(TOLD_THERE);
        const one = tell(story, story.site ?? random.pick(HOSPITALS), told.length + 1, seed);
        told.push(one);
        const parcels = shuffled(parcelsOf(one));
        // Where a resource comes in several versions, whether a transaction is there cannot be told from outside.
        const single = new Set(parcels.map(nameOf)).size === parcels.length;
        const ways = PACKAGINGS.filter((way) => single || way !== 'transaction');
        const { site } = one.person;
        packages.push(...packed(site, parcels, random.pick(ways)));
        const older = parcels.flatMap((parcel): Parcel[] =>
          'resource' in parcel && random.int(1, 8) === 1 ? [{ resource: stale(parcel.resource) }] : [],
        );
        packages.push(...packed(site, older, random.pick(['update', 'stream'])));
      }
      return shuffled(packages).filter((one) => one.parcels.length > 0);
    },
  };
}

/**
 * Enrolments of one or two people who are eligible and of whom nothing is under way any more, each on what is seen.
 * @param file the store
 */
export async function enrolments(
  file: string,
  { told }: Supply,
  { waiting, known }: Pick<Load, 'waiting' | 'known'>,
  random: Random,
): Promise<Package[]> {
  const store = lookInto(file);
  const shown = await store.read(async ({ hospital, study }) => {
    const rows = await hospital.enrolments();
    return Promise.all(rows.map(async (row) => ({ ...row, seen: await study.subject(row.subject) })));
  });
  await store.close();
  const underWay = new Set(waiting.flatMap(({ parcels }) => parcels.map((parcel) => personIn(nameOf(parcel)))));
  const merged = new Set(told.flatMap(({ person }) => (person.aliases.length > 0 ? [person.patient] : [])));
  const chosen = shown.filter(({ patient, seen }) => {
    const busy = underWay.has(personIn(patient)) || merged.has(`Patient/${patient}`);
    const enrolled = [...known.decisions, ...waiting.map(({ decision }) => decision)].some((id) =>
      id?.startsWith(`${patient}-enrol-`),
    );
    return !busy && !enrolled && JSON.parse(seen!.body).status === 'eligible';
  });
  return chosen
    .slice(0, random.int(1, 2))
    .map(({ site, patient, seen }) =>
      enrolment(site as SiteId, patient, `${patient}-enrol-${seen!.version}`, seen!.version),
    );
}

/** Number of the person that stands in every id. */
const personIn = (name: string): string => /-(\d{6})/.exec(name)?.[1] ?? '';

/** The Task of an investigator who enrols a patient on what the gateway shows, and attests all that can be asked. */
function enrolment(site: SiteId, patient: string, id: string, seen: number): Package {
  const inputs = [
    ['role', 'investigator'],
    ['meaning', 'enrol'],
    ['attests', 'E3'],
    ['attests', 'E4'],
    ['attests', 'malignancy'],
  ];
  const task: FhirResource = plain({
    resourceType: 'Task',
    id,
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: 'https://study-gateway.example/CodeSystem/decision', code: 'enrol' }] },
    for: { reference: `Patient/${patient}` },
    focus: { reference: `ResearchSubject/as-shown/_history/${seen}` },
    authoredOn: '2025-06-01T15:00:00+08:00',
    requester: { identifier: { system: `${SITES[site].fhirBase.replace(/fhir$/, 'sid')}/staff`, value: 'dr-1' } },
    input: inputs.map(([code, valueString]) => ({ type: { coding: [{ code: code! }] }, valueString: valueString! })),
  });
  const path = `/ehr/${site}/fhir/Task`;
  const type = 'application/fhir+json';
  return { site, method: 'POST', path, type, body: JSON.stringify(task), parcels: [], atomic: false, decision: id };
}
