import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';

/** What every builder accepts: another id, version or time than the next one in line. */
export interface Stamped {
  id?: string;
  versionId?: string;
  /** An instant with a zone. */
  lastUpdated?: string;
}

/** Id and meta of a resource: given, or the next in line of the person; `meta.source` is the site's FHIR base. */
export function stamped(ctx: FeedContext, kind: string, given: Stamped): { id: string; meta: r4.Meta } {
  return {
    id: given.id ?? ctx.id(kind),
    meta: {
      versionId: given.versionId ?? '1',
      lastUpdated: given.lastUpdated ?? ctx.stamp(),
      source: ctx.site.fhirBase,
    },
  };
}

/** A typed R4 resource as the plain JSON that intake sees. */
export function plain(resource: r4.FhirResource): FhirResource {
  return resource as unknown as FhirResource;
}

export function subjectOf(ctx: FeedContext): r4.Reference {
  return { reference: `Patient/${ctx.patientId}` };
}

/** `Type/id` of a built resource. */
export function referenceTo(resource: FhirResource): string {
  return `${resource.resourceType}/${resource.id}`;
}
