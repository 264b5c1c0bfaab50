import type { Refusal } from '../answer.ts';

/** What an export is to hold, as it is kept until it is made. Ids are the registry's. */
export interface ExportPlan {
  /** URL of the request. */
  request: string;
  /** Id of the group; null for everybody. */
  group: string | null;
  /** Patients it is narrowed down to; null for all. */
  patients: readonly string[] | null;
  types: readonly string[];
  /** Instants (ISO 8601, UTC). `at` is the moment the export shows: what is written later is not in it. */
  at: string;
  since: string | null;
  until: string | null;
  /** Of `_typeFilter`: searches of which any may fit, by type. */
  filters: Readonly<Record<string, readonly string[]>>;
  /** Of `_elements`, as given. */
  elements: string | null;
  /** What was asked for and passed over. */
  ignored: readonly Refusal[];
}

/** How far an export has come. */
export interface ExportMark {
  /** Index of the type in the plan. */
  type: number;
  /** The last row that was looked at. */
  after: { lastUpdated: string; id: string } | null;
  /** Number of the last file. */
  file: number;
}

export const BEGINNING: ExportMark = { type: 0, after: null, file: 0 };
