import { createHash } from 'node:crypto';
import { contentHash } from '../fhir/canonical.ts';
import type { FhirResource } from '../fhir/resource.ts';
import type { Agreement } from './agreement.ts';
import { type Cell, cell, cells } from './cells.ts';
import type { ReleaseFile } from './files.ts';

/** What a release consists of; signed. */
export interface Manifest {
  release: string;
  number: number;
  /** Instant (ISO 8601, UTC). */
  made: string;
  registry: string;
  agreement: {
    id: string;
    hash: string;
    age: string;
    dates: string;
    identifiers: string;
    types: string[];
    tables: string[];
    /** Criteria whose verdicts are told; not there where none is. */
    criteria?: string[];
  };
  approver: string;
  study: { id: string; version: string };
  /** Versions of the maps that made the resources. */
  maps: string[];
  counts: { people: Cell; by: Record<string, Record<string, Cell>> };
  files: { name: string; rows: Cell; bytes: number; sha256: string }[];
  /** SHA-256 (hex) over the canonical JSON of all this but `release`, `number`, `made` and itself. */
  contentHash: string;
}

export interface ManifestParts {
  number: number;
  made: string;
  agreement: Agreement;
  approver: string;
  study: { id: string; version: string };
  maps: readonly string[];
  /** How many people are in it. */
  people: number;
  resources: readonly FhirResource[];
  files: readonly ReleaseFile[];
}

/** `liver-omics-0001`: also the name of its folder. */
export function releaseName(agreement: string, number: number): string {
  return `${agreement}-${String(number).padStart(4, '0')}`;
}

/** Two releases of the same data under the same agreement differ in number and time alone. */
export function manifestOf({ number, made, agreement, approver, study, maps, ...of }: ManifestParts): Manifest {
  const { id, hash, registry, age, dates, identifiers, smallestCell, tables, criteria } = agreement;
  const content = {
    registry,
    agreement: {
      id,
      hash,
      age,
      dates,
      identifiers,
      types: [...agreement.resources.keys()].sort(),
      tables: [...tables],
      ...(criteria.size > 0 ? { criteria: [...criteria].sort() } : {}),
    },
    approver,
    study,
    maps: [...maps].sort(),
    counts: { people: cell(of.people, smallestCell), by: breakdowns(of.resources, smallestCell) },
    files: of.files.map(({ name, content, rows }) => ({
      name,
      rows: cell(rows, smallestCell),
      bytes: Buffer.byteLength(content),
      sha256: sha256(content),
    })),
  };
  return { release: releaseName(id, number), number, made, ...content, contentHash: contentHash(content) };
}

/** The manifest as it is written and signed. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Counted from what the registry is given, so that no count tells what the files do not. */
const COUNTED: readonly { name: string; type: string; element: string }[] = [
  { name: 'gender', type: 'Patient', element: 'gender' },
  { name: 'arm', type: 'ResearchSubject', element: 'assignedArm' },
  { name: 'status', type: 'ResearchSubject', element: 'status' },
];

function breakdowns(resources: readonly FhirResource[], smallest: number): Record<string, Record<string, Cell>> {
  return Object.fromEntries(
    COUNTED.flatMap(({ name, type, element }) => {
      const counts = new Map<string, number>();
      for (const resource of resources) {
        const value = resource.resourceType === type ? resource[element] : undefined;
        if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return counts.size > 0 ? [[name, cells(counts, smallest)]] : [];
    }),
  );
}
