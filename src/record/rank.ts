import { contentHash } from '../fhir/canonical.ts';
import type { FhirResource } from '../fhir/resource.ts';
import { sortableInstant } from '../fhir/time.ts';

/**
 * The rank of a version: newest `meta.lastUpdated`, then integer versionId, then content. A versionId is opaque in FHIR,
 * so one that is no integer does not order anything.
 */
export function rankOf(
  resource: FhirResource,
  zone: string,
): { at: string | null; number: number | null; hash: string } {
  const { lastUpdated, versionId } = resource.meta ?? {};
  return {
    at: lastUpdated ? sortableInstant(lastUpdated, zone) : null,
    number: versionNumber(versionId),
    hash: contentHash(resource),
  };
}

export function versionNumber(versionId: string | null | undefined): number | null {
  return versionId && /^\d{1,15}$/.test(versionId) ? Number(versionId) : null;
}
