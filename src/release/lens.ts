import type { FhirResource } from '../fhir/resource.ts';

/** What one registry may have of the study side (its agreement): default deny. */
export interface Lens {
  registry: string;
  /** Resource types it may have at all. */
  types: ReadonlySet<string>;
  /** A resource as this registry may have it, under ids of its own; null when it may not. Pure. */
  show(resource: FhirResource, subject: { id: string; site: string | null }): FhirResource | null;
  /** The id of ours behind an id of the registry's; null when it is not one. */
  ownId(type: string, registryId: string): string | null;
  /** The registry's id of one of ours. */
  registryId(type: string, id: string): string;
}

/** Null: no agreement is in force. */
export type LensFor = (registry: string) => Lens | null;
