import type { FhirResource, r4 } from '../fhir/resource.ts';
import { EXTENSION_BASE } from '../study/extension.ts';

/** The id a reference leads to when it is of this type; null otherwise. */
export function idOf(reference: r4.Reference | undefined, type: string): string | null {
  const [named, id] = (reference?.reference ?? '').split('/');
  return named === type && id ? id : null;
}

/** The pseudonymous Patient a resource is about; for a Patient its own id. */
export function patientOf(resource: FhirResource): string | null {
  if (resource.resourceType === 'Patient') return resource.id ?? null;
  const about = resource.subject ?? resource.patient ?? resource.individual;
  return idOf(about as r4.Reference | undefined, 'Patient');
}

/** All values of the project's own extensions of one name, in their order. */
export function extensionCodes(resource: { extension?: r4.Extension[] | undefined } | null, name: string): string[] {
  const found = (resource?.extension ?? []).filter(({ url }) => url === EXTENSION_BASE + name);
  return found.flatMap(({ valueCode, valueString }) => valueCode ?? valueString ?? []);
}

/** When something began, as written: of a dateTime, or the start of a Period. */
export function startOf(dateTime: string | undefined, period: r4.Period | undefined): string | null {
  return dateTime ?? period?.start ?? null;
}

/** The codings of concepts, one after another. */
export function codingsOf(...concepts: (r4.CodeableConcept | undefined)[]): r4.Coding[] {
  return concepts.flatMap((concept) => concept?.coding ?? []);
}
