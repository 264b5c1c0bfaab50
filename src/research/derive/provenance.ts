import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../fhir/canonical.ts';
import type { FhirResource } from '../../fhir/resource.ts';
import { keyObjectOf } from '../../identity/key-object.ts';
import { EXTENSION_BASE } from '../../study/extension.ts';

/** What is told of how a research resource was made. */
export interface Made {
  /** A research resource with its pseudonymous id. */
  target: FhirResource;
  /** What it was made from, with its hash (`sourceHash`); at least one. */
  sources: readonly { type: string; hash: string }[];
  /** Instant of the making (ISO 8601 with a zone). */
  recorded: string;
  /** Id of the site. */
  site: string;
  studyVersion: string;
  /** `Name@12hex`; null where no map made it (ResearchSubject). */
  mapVersion: string | null;
  /** Id of the Provenance, 26 characters of [a-z2-7]: a function of the target's. */
  id: string;
}

/**
 * HMAC-SHA-256 (64 hexadecimal digits) over the canonical JSON of a source. By it the hospital finds its source again;
 * id, version and content cannot be told from it, nor tried against it without the key.
 * @param key of the site
 */
export function sourceHash(key: Buffer, source: FhirResource): string {
  return createHmac('sha256', keyObjectOf(key))
    .update(canonicalJson(['source-hash', source]), 'utf8')
    .digest('hex');
}

/** The StudyProvenance of a research resource (profiles/StudyProvenance.yaml). */
export function provenanceOf(made: Made): FhirResource {
  const target = `${made.target.resourceType}/${made.target.id}`;
  return {
    resourceType: 'Provenance',
    id: made.id,
    extension: [
      ...(made.mapVersion === null ? [] : [{ url: `${EXTENSION_BASE}map-version`, valueString: made.mapVersion }]),
      { url: `${EXTENSION_BASE}study-version`, valueString: made.studyVersion },
    ],
    target: [{ reference: target }],
    recorded: made.recorded,
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' }],
        },
        who: { identifier: { system: 'https://study-gateway.example/sid/gateway', value: made.site } },
      },
    ],
    entity: made.sources.map(({ type, hash }) => ({
      role: 'source',
      what: {
        extension: [{ url: `${EXTENSION_BASE}source-hash`, valueString: hash }],
        type,
      },
    })),
  };
}
