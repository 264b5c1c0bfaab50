import type { ResourceKey } from '../fhir/resource.ts';

/** Resources of a Patient that a scan passed over: of a person in whose data there was nothing of the study. */
export interface UnreadRow {
  site: string;
  patient: string;
  /** A hash (32 bits) of type and id of each, rising. */
  resources: Uint32Array;
}

/** What a scan of a feed must know of the people and resources that are known. */
export interface ScanTables {
  /** Patients of whom a version is known, deleted ones too; ordered by site, id; at most `limit` after the given pair. */
  patientsAfter(site: string, id: string, limit: number): Promise<{ site: string; id: string }[]>;
  /**
   * Resources that are kept or have a code that no map knows, but those every run keeps of everybody (Patient,
   * RelatedPerson, Appointment); ordered by site, type, id; at most `limit` after the given key. `person` is that of
   * the record, null where only the code is known.
   */
  heldAfter(key: ResourceKey, limit: number): Promise<(ResourceKey & { person: string | null })[]>;
  /** Ordered by site, patient; at most `limit` after the given pair. */
  unreadAfter(site: string, patient: string, limit: number): Promise<UnreadRow[]>;
  /** Of these Patients, in their order of id. */
  unreadOf(site: string, patients: readonly string[]): Promise<UnreadRow[]>;
  /** Replaces the row of a Patient; none is left when there are no resources. */
  putUnread(row: UnreadRow): Promise<void>;
}
