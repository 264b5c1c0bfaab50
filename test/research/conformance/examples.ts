import { fileURLToPath } from 'node:url';
import type { FhirResource } from '../../../src/fhir/resource.ts';
import { createShapeCheck } from '../../../src/fhir/shape/check.ts';
import { createConformance, loadProfiles } from '../../../src/research/conformance/check.ts';
import { readSources } from '../../../src/study/source.ts';

export const PROFILES = fileURLToPath(new URL('../../../profiles/', import.meta.url));

const sources = await readSources(`${PROFILES}examples`);

/** The examples beside the profiles, by file name without its ending. */
export const EXAMPLES: ReadonlyMap<string, FhirResource> = new Map(
  sources.files.map(({ file, value }) => [file.replace(/\.yaml$/, ''), value as FhirResource]),
);

const loaded = await loadProfiles(PROFILES);
if (!loaded.ok)
  throw new Error(loaded.faults.map(({ file, path, message }) => `${file} ${path} ${message}`).join('\n'));

export const profiles = loaded.value;
export const conformance = createConformance(profiles, createShapeCheck());

/** A copy of an example, changed. */
export function changed(name: string, change: (resource: Json) => void): FhirResource {
  const resource = structuredClone(EXAMPLES.get(name)!) as Json;
  change(resource);
  return resource as unknown as FhirResource;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests reach into resources of every type, on purpose wrongly.
export type Json = any;
