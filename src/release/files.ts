import type { FhirResource } from '../fhir/resource.ts';
import type { Agreement } from './agreement.ts';
import type { ShownVerdict } from './verdicts.ts';

/** One file of a release. */
export interface ReleaseFile {
  /** Letters, digits, dots, hyphens; no folder. */
  name: string;
  content: string;
  /** What it has of: resources, or rows without the heading. */
  rows: number;
  /** What a table lacks, or has against its rules, by column: for whoever approves; no part of the release. */
  gaps?: readonly Gap[];
}

/** A value that a table could not give, or that its standard does not allow, in so many rows. */
export interface Gap {
  kind: 'laboratory' | 'unknown' | 'rule';
  column: string;
  /** Stable code of the rule. */
  rule: string;
  rows: number;
}

/** What files are made of. */
export interface ReleaseContent {
  /** As the registry may have them, person by person in the order of its own ids. */
  resources: readonly FhirResource[];
  /** Of the people of these resources, as far as the agreement names criteria. */
  verdicts: readonly ShownVerdict[];
  agreement: Agreement;
  study: { id: string; version: string };
}

/** Makes files of what the registry may have; the same content gives the same bytes. */
export type ReleaseWriter = (content: ReleaseContent) => readonly ReleaseFile[] | Promise<readonly ReleaseFile[]>;

/** FHIR NDJSON, a file for each resource type. */
export const ndjsonWriter: ReleaseWriter = ({ resources }) => {
  const lines = new Map<string, string[]>();
  for (const resource of resources) {
    const known = lines.get(resource.resourceType) ?? [];
    known.push(JSON.stringify(resource));
    lines.set(resource.resourceType, known);
  }
  return [...lines].map(([type, of]) => ({ name: `${type}.ndjson`, content: `${of.join('\n')}\n`, rows: of.length }));
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/;
export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.jws';

/** Runs all writers; files in the order of their names. Throws when a name is unfit or there twice: a fault of a writer. */
export async function filesOf(writers: readonly ReleaseWriter[], content: ReleaseContent): Promise<ReleaseFile[]> {
  const files: ReleaseFile[] = [];
  for (const writer of writers) files.push(...(await writer(content)));
  const names = new Set([MANIFEST, SIGNATURE]);
  for (const { name } of files) {
    if (!NAME.test(name) || names.has(name)) throw new Error('A file of a release has no name of its own.');
    names.add(name);
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
