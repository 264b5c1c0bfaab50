import type * as r4 from 'fhir/r4.js';

export type { r4 };

/** Any FHIR R4 resource as parsed JSON; `resourceType` is a string, nothing else is promised. */
export interface FhirResource {
  resourceType: string;
  id?: string;
  meta?: r4.Meta;
  [element: string]: unknown;
}

/** Identity of a resource at one hospital: the same id at two hospitals is two resources. */
export interface ResourceKey {
  site: string;
  type: string;
  id: string;
}
