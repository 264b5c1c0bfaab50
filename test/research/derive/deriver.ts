import { fileURLToPath } from 'node:url';
import type { FhirResource } from '../../../src/fhir/resource.ts';
import { keyedHash } from '../../../src/identity/keyed-hash.ts';
import { createDeriver, type DeriveContext, type Deriver } from '../../../src/research/derive/derive.ts';
import { loadMappings, type Mappings } from '../../../src/research/derive/load.ts';
import { loadSites, type Site } from '../../../src/study/site.ts';
import { conformance } from '../conformance/examples.ts';

export { conformance };
export const HOME = fileURLToPath(new URL('../../../', import.meta.url));
export const STUDY_VERSION = 'nct07265544@0123456789ab';

let own: Promise<Mappings> | null = null;

/** The mappings of the project, with those of other folders over them. */
export function mappings(...overriding: string[]): Promise<Mappings> {
  if (overriding.length > 0) return load(overriding);
  own ??= load([]);
  return own;
}

async function load(overriding: readonly string[]): Promise<Mappings> {
  const loaded = await loadMappings(HOME, ...overriding);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.value;
}

export async function deriver(...overriding: string[]): Promise<Deriver> {
  return createDeriver({ mappings: await mappings(...overriding), conformance });
}

const loadedSites = await loadSites(`${HOME}sites`);
if (!loadedSites.ok) throw new Error(JSON.stringify(loadedSites.faults));
export const SITES: ReadonlyMap<string, Site> = loadedSites.value;

const KEY = Buffer.alloc(32, 7);

/** A context with the pseudonyms that a site's key gives. */
export function contextOf(site: string, patient: string, more: Partial<DeriveContext> = {}): DeriveContext {
  return {
    site: SITES.get(site)!,
    studyVersion: STUDY_VERSION,
    patient,
    pseudonym: (kind, id) => keyedHash(KEY, `pseudonym:${kind}`, id),
    ...more,
  };
}

/** JSON bytes, for comparing two results as they would be written. */
export const bytes = (value: FhirResource | object) => JSON.stringify(value);
