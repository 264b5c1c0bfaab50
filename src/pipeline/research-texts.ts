import type { FhirResource } from '../fhir/resource.ts';
import { keyedHash } from '../identity/keyed-hash.ts';
import type { SiteKeys } from '../identity/keys.ts';
import { provenanceOf, sourceHash } from '../research/derive/provenance.ts';

/** One research resource with what it was made from. */
export interface Passed {
  resource: FhirResource;
  source: FhirResource;
  mapVersion: string;
}

/** A research resource and its Provenance as they are written. */
export interface ResearchTexts {
  /** `Type/<pseudonymous id>` */
  name: string;
  body: string;
  /** Hash of the source, as in the Provenance. */
  hash: string;
  /** Id of the Provenance. */
  provenanceId: string;
  /** @param recorded instant of the version that it tells of */
  provenance(recorded: string): string;
}

interface Fixed extends Pick<ResearchTexts, 'name' | 'body' | 'hash' | 'provenanceId'> {
  /** The Provenance as it was told last. */
  told: { recorded: string; text: string } | null;
}

/** A deriver that remembers gives the same object for the same source at the same site: what it leads to is the same. */
const known = new WeakMap<FhirResource, Fixed>();

/** Makes the texts; those that take long once for each object that was derived. */
export function textsOf(passed: Passed, site: string, keys: SiteKeys, studyVersion: string): ResearchTexts {
  const { resource, source, mapVersion } = passed;
  const fixed = known.get(resource) ?? fixedOf(passed, keys);
  known.set(resource, fixed);
  const { hash, provenanceId: id } = fixed;
  const made = (recorded: string) =>
    JSON.stringify(
      provenanceOf({
        target: resource,
        id,
        sources: [{ type: source.resourceType, hash }],
        recorded,
        site,
        studyVersion,
        mapVersion,
      }),
    );
  return {
    ...fixed,
    provenance(recorded) {
      if (fixed.told?.recorded !== recorded) fixed.told = { recorded, text: made(recorded) };
      return fixed.told.text;
    },
  };
}

function fixedOf({ resource, source }: Passed, keys: SiteKeys): Fixed {
  const name = `${resource.resourceType}/${resource.id}`;
  return {
    name,
    body: JSON.stringify(resource),
    hash: sourceHash(keys.identifierHash, source),
    provenanceId: keyedHash(keys.pseudonym, 'provenance', name),
    told: null,
  };
}
