import type { ResourceKey } from '../fhir/resource.ts';

/** Identifiers of kept resources: keyed hashes, never the identifiers. */
export interface IdentifierTables {
  /** Replaces the identifiers of one resource. */
  putIdentifiers(key: ResourceKey, aliases: readonly string[]): Promise<void>;
  /** Ids of the resources of a type that carry an identifier, in their order. */
  idsWithIdentifier(site: string, type: string, alias: string): Promise<string[]>;
}
