import type { FhirResource } from '../../src/fhir/resource.ts';
import { referenceTo } from '../feed/builders.ts';
import type { Told } from '../feed/people.ts';
import { SITES, type SiteId } from '../feed/sites.ts';
import { ndjson } from './gateway.ts';

/** One thing that a hospital sends: a version of a resource, or its deletion. */
export type Parcel = { resource: FhirResource } | { site: SiteId; deleted: string };

/** After every version that the stories and their stale redeliveries hold. */
const DELETED_AT = '2025-05-30T05:30:00.000+08:00';

/** What a story sends, in its own order. */
export function parcelsOf({ story, person, resources }: Told): Parcel[] {
  return [
    ...resources.map((resource) => ({ resource })),
    ...(story.deleted?.(resources) ?? []).map((deleted) => ({ site: person.site, deleted })),
    ...(story.redelivered?.(resources) ?? []).map((resource) => ({ resource })),
  ];
}

const isDeletion = (parcel: Parcel): parcel is Extract<Parcel, { deleted: string }> => 'deleted' in parcel;

function entryOf(parcel: Parcel): object {
  if (isDeletion(parcel)) {
    return {
      fullUrl: `${SITES[parcel.site].fhirBase}/${parcel.deleted}`,
      request: { method: 'DELETE', url: parcel.deleted },
      response: { status: '204', etag: 'W/"2"', lastModified: DELETED_AT },
    };
  }
  const { resource } = parcel;
  return {
    fullUrl: `${resource.meta!.source}/${referenceTo(resource)}`,
    resource,
    request: { method: 'PUT', url: referenceTo(resource) },
    response: { status: '200', lastModified: resource.meta!.lastUpdated },
  };
}

/** Parcels as one file; deletions need a Bundle. */
export function fileOf(parcels: readonly Parcel[], bundled: boolean): string {
  if (!bundled && !parcels.some(isDeletion)) {
    return ndjson(parcels.map((parcel) => (parcel as { resource: FhirResource }).resource));
  }
  return `${JSON.stringify({ resourceType: 'Bundle', type: 'history', entry: parcels.map(entryOf) })}\n`;
}

/** The element of a type whose change turns the meaning of a resource over. */
const TURNED: Readonly<Record<string, (resource: FhirResource) => object>> = {
  Condition: (resource) => ({
    verificationStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
          code: JSON.stringify(resource.verificationStatus ?? '').includes('refuted') ? 'confirmed' : 'refuted',
        },
      ],
    },
  }),
  Observation: () => ({ status: 'registered' }),
  ServiceRequest: (resource) => ({ status: resource.status === 'active' ? 'revoked' : 'active' }),
  Procedure: () => ({ status: 'preparation' }),
  Consent: (resource) => ({ status: resource.status === 'active' ? 'rejected' : 'active' }),
  Patient: () => ({ birthDate: '1950-01-01' }),
  Encounter: () => ({ status: 'planned' }),
};

/** An older version of a resource that said something else: what a late redelivery brings. */
export function stale(resource: FhirResource): FhirResource {
  const lastUpdated = '2025-04-01T00:00:00.000+08:00';
  return {
    ...resource,
    ...TURNED[resource.resourceType]?.(resource),
    meta: { ...resource.meta, versionId: '0', lastUpdated },
  };
}
