import type { FhirResource } from '../fhir/resource.ts';

/** `Type/id/_history/version`, or `Type/id` where the hospital sends no version. */
export function evidenceOf(resource: FhirResource): string {
  const version = resource.meta?.versionId;
  return `${resource.resourceType}/${resource.id}${version ? `/_history/${version}` : ''}`;
}

/** The resources in a selection, each once. */
export function resourcesIn(items: readonly unknown[]): FhirResource[] {
  const resources = items.filter(
    (item): item is FhirResource => typeof item === 'object' && item !== null && 'resourceType' in item,
  );
  return [...new Set(resources)];
}
