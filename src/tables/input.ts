import type { FhirResource } from '../fhir/resource.ts';
import type { TableDefinitions } from './load.ts';

/** What is known of a subject beside its resources; a registry gets what its agreement names. */
export interface SubjectFact {
  /** Id of the ResearchSubject. */
  subject: string;
  /** Id of the hospital; null where it may not be told. */
  site: string | null;
}

/** How a criterion came out for one subject. Sensitive ones are masked here, whoever hands them over. */
export interface VerdictFact {
  /** Id of the ResearchSubject. */
  subject: string;
  criterion: string;
  exclude: boolean;
  sensitive: boolean;
  verdict: string;
  reason: string | null;
  /** The criterion in English. */
  text: string;
  /** The day, or the year, since which it is so; null where that is not told. */
  since: string | null;
}

/** The kinds of tables: `csv` and `ndjson` by the views, CDISC Dataset-JSON, sheets of HCA and of CELLxGENE. */
export const TABLE_FORMATS = ['csv', 'ndjson', 'dataset-json', 'hca'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** What tables are made from; nothing else goes into them. */
export interface TablesInput {
  definitions: TableDefinitions;
  /** Pseudonymous research resources in any order; elements may be missing, and years may stand for dates. */
  resources: AsyncIterable<FhirResource> | Iterable<FhirResource>;
  subjects: readonly SubjectFact[];
  verdicts: readonly VerdictFact[];
  formats: readonly TableFormat[];
  /** Instant that Dataset-JSON names as that of its making (ISO 8601). */
  createdAt: string;
  /** Version of the study, for Dataset-JSON. */
  studyVersion: string;
}

/** A value that a table could not give, or that its standard does not allow. */
export interface Gap {
  /** `laboratory`: left empty for whoever sequences; `unknown`: not known here; `rule`: against the published rules. */
  kind: 'laboratory' | 'unknown' | 'rule';
  column: string;
  /** Stable code of the rule. */
  rule: string;
  rows: number;
}

export interface TableFile {
  name: string;
  content: string;
  /** Without the heading. */
  rows: number;
  /** What is missing or wrong, by column; empty for views. */
  gaps: readonly Gap[];
}
