import { KIT } from '../fhir/kit.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';

export type IdentifierKind = 'name' | 'contact' | 'address' | 'birth-date' | 'record-number' | 'resource-id';

/** Something that says who somebody is, or leads back to it. */
export interface Identifier {
  kind: IdentifierKind;
  value: string;
}

/** Types that are about no patient: their ids and names may stand anywhere. */
const IMPERSONAL =
  /^(Organization|Location|Practitioner|PractitionerRole|HealthcareService|Medication|Substance|Device|Endpoint|ValueSet|CodeSystem|ConceptMap|Questionnaire|PlanDefinition|ActivityDefinition|ResearchStudy|Bundle|OperationOutcome)$/;
const PERSONS = /^(Patient|RelatedPerson|Person)$/;
/** Elements that refer to a person, whose identifier and display are that person's. */
const TO_PERSON = new Set(['subject', 'patient', 'individual', 'beneficiary', 'actor', 'other', 'for']);
const LOCAL = /^(?:\S*\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/\S*)?$/;

/**
 * Every identifier that a resource of a hospital holds, contained resources and references included; may repeat. Of a
 * resource that is not in shape whatever is a text.
 */
export function* identifiersOf(resource: FhirResource): Generator<Identifier> {
  for (const one of found(resource)) if (typeof one.value === 'string' && one.value !== '') yield one;
}

function* found(resource: FhirResource, contained = false): Generator<Identifier> {
  if (!IMPERSONAL.test(resource.resourceType)) {
    // The id of a contained resource means nothing outside of it.
    if (resource.id && !contained) yield { kind: 'resource-id', value: resource.id };
    for (const value of numbersOf(resource)) yield { kind: 'record-number', value };
    if (PERSONS.test(resource.resourceType)) yield* personal(resource as unknown as r4.Patient);
    yield* within(resource);
  }
  for (const inner of listOf<FhirResource>(resource.contained)) yield* found(inner, true);
}

function* personal(person: r4.Patient): Generator<Identifier> {
  if (typeof person.birthDate === 'string' && person.birthDate.length === 'YYYY-MM-DD'.length) {
    yield { kind: 'birth-date', value: person.birthDate };
  }
  for (const one of [person, ...listOf<r4.PatientContact>(person.contact)]) {
    // A Patient has several names and addresses, a contact one of each.
    for (const name of listOf<r4.HumanName>(one.name)) {
      for (const value of namesOf(name)) yield { kind: 'name', value };
    }
    for (const { value } of listOf<r4.ContactPoint>(one.telecom)) if (value) yield { kind: 'contact', value };
    for (const { text, line } of listOf<r4.Address>(one.address)) {
      for (const value of [text, ...listOf<string>(line)]) if (value) yield { kind: 'address', value };
    }
  }
}

/** A name as one text, and as family and given name in either order, with a space and without. */
function namesOf(name: r4.HumanName | string): string[] {
  const { text, family, given }: r4.HumanName = typeof name === 'string' ? { text: name } : name;
  const first = listOf<string>(given).join(' ');
  const whole = family && first ? [`${family} ${first}`, `${first} ${family}`] : [];
  return [text, ...whole].flatMap((one) => (one ? [one, String(one).replaceAll(/\s/g, '')] : []));
}

function numbersOf(resource: FhirResource): string[] {
  const own = [resource.identifier, resource.accessionIdentifier].flatMap((one) => listOf<r4.Identifier>(one));
  // Kits are the study's: their ids are made to cross.
  return own.flatMap(({ system, value }) => (system === KIT ? [] : (value ?? [])));
}

/** What references say: ids of other resources, and who is meant. */
function* within(value: unknown, name = ''): Generator<Identifier> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* within(item, name);
    return;
  }
  const { reference, identifier, display } = value as r4.Reference;
  const target = typeof reference === 'string' ? LOCAL.exec(reference) : null;
  if (target && !IMPERSONAL.test(target[1]!)) yield { kind: 'resource-id', value: target[2]! };
  const person = target ? PERSONS.test(target[1]!) : TO_PERSON.has(name);
  if (person && typeof display === 'string') yield { kind: 'name', value: display };
  if (person && typeof identifier?.value === 'string') yield { kind: 'record-number', value: identifier.value };
  for (const [key, inner] of Object.entries(value)) if (key !== 'contained') yield* within(inner, key);
}

function listOf<T>(value: unknown): T[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item) => item !== undefined && item !== null) as T[];
}
