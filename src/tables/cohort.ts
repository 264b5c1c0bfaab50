import { canonicalJson } from '../fhir/canonical.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { idOf, patientOf } from './elements.ts';
import type { SubjectFact, TablesInput } from './input.ts';

/** Everything that was handed over about one person. */
export interface Person {
  /** Pseudonymous Patient id. */
  id: string;
  patient: r4.Patient | null;
  subject: r4.ResearchSubject | null;
  site: string | null;
  /** Participant number; null before enrolment, or where it may not be told. */
  number: string | null;
  of<Type extends FhirResource['resourceType']>(
    type: Type,
  ): readonly Extract<r4.FhirResource, { resourceType: Type }>[];
}

/** The people of the tables ordered by id, and all resources ordered by type and id: no order of arrival is left. */
export interface Cohort {
  people: readonly Person[];
  resources: readonly FhirResource[];
  personOf(resource: FhirResource): Person | null;
}

/** Reads the resources in. Of several versions of one resource the newest counts. */
export async function readCohort({
  resources,
  subjects,
}: Pick<TablesInput, 'resources' | 'subjects'>): Promise<Cohort> {
  const newest = new Map<string, FhirResource>();
  for await (const resource of resources) {
    const name = `${resource.resourceType}/${resource.id}`;
    const before = newest.get(name);
    if (!before || isNewer(resource, before)) newest.set(name, resource);
  }
  const sorted = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
  const byPerson = new Map<string, Map<string, FhirResource[]>>();
  for (const resource of sorted) {
    const id = patientOf(resource);
    if (id === null) continue;
    const types = byPerson.get(id) ?? new Map<string, FhirResource[]>();
    byPerson.set(id, types);
    const same = types.get(resource.resourceType);
    if (same) same.push(resource);
    else types.set(resource.resourceType, [resource]);
  }
  const facts = new Map(subjects.map((fact) => [fact.subject, fact]));
  const people = new Map<string, Person>();
  for (const id of [...byPerson.keys()].sort()) people.set(id, personIn(id, byPerson.get(id)!, facts));
  return {
    people: [...people.values()],
    resources: sorted,
    personOf: (resource) => people.get(patientOf(resource) ?? '') ?? null,
  };
}

function personIn(
  id: string,
  types: ReadonlyMap<string, FhirResource[]>,
  facts: ReadonlyMap<string, SubjectFact>,
): Person {
  const of = ((type: string) => types.get(type) ?? []) as Person['of'];
  const subject = leading(of('ResearchSubject'));
  return {
    id,
    patient: of('Patient')[0] ?? null,
    subject,
    site: facts.get(subject?.id ?? '')?.site ?? null,
    number: subject?.identifier?.[0]?.value ?? null,
    of,
  };
}

/** Of several participations of one person the first: with a number before without, then by its day, then by id. */
function leading(subjects: readonly r4.ResearchSubject[]): r4.ResearchSubject | null {
  const key = ({ identifier, period, id }: r4.ResearchSubject) =>
    `${identifier?.[0]?.value ? 0 : 1} ${period?.start ?? '~'} ${id}`;
  return [...subjects].sort((a, b) => (key(a) < key(b) ? -1 : 1))[0] ?? null;
}

function isNewer(one: FhirResource, other: FhirResource): boolean {
  const [a, b] = [versionOf(one), versionOf(other)];
  return a === b ? canonicalJson(one) > canonicalJson(other) : a > b;
}

function versionOf({ meta }: FhirResource): number {
  return Number(meta?.versionId ?? 0) || 0;
}

/** The ResearchSubject a resource belongs to, as far as it was handed over. */
export function subjectIdOf(person: Person | null): string | null {
  return person?.subject?.id ?? null;
}

/** The specimen a child was made of, by the first parent that was handed over. */
export function parentOf(specimen: r4.Specimen, person: Person): r4.Specimen | null {
  const ids = (specimen.parent ?? []).flatMap((parent) => idOf(parent, 'Specimen') ?? []);
  return person.of('Specimen').find(({ id }) => ids.includes(id!)) ?? null;
}
