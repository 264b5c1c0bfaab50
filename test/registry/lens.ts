import type { FhirResource } from '../../src/fhir/resource.ts';
import { keyedHash } from '../../src/identity/keyed-hash.ts';
import type { Lens } from '../../src/release/lens.ts';

/** A lens that shows what it is told to, under keyed hashes as ids. */
export interface PlainLens extends Lens {
  types: Set<string>;
  /** Our ids, in the form `Type/id`, that it shows nothing of. */
  hidden: Set<string>;
  /** Sites it was told with subjects. */
  sites: Map<string, string | null>;
  /** Makes the way back from the registry's id known. */
  learn(type: string, id: string): void;
}

export const ALL_TYPES = [
  ...['Patient', 'ResearchSubject', 'Condition', 'Observation', 'Procedure', 'Specimen', 'AdverseEvent', 'Consent'],
  ...['DiagnosticReport', 'Provenance', 'Group'],
];

export function plainLens(registry: string, types: readonly string[] = ALL_TYPES): PlainLens {
  const key = Buffer.alloc(32, registry);
  const own = new Map<string, string>();
  const registryId = (type: string, id: string) => keyedHash(key, 'registry', type, id);
  const hidden = new Set<string>();
  const sites = new Map<string, string | null>();
  return {
    registry,
    types: new Set(types),
    hidden,
    sites,
    show(resource, { id, site }) {
      sites.set(id, site);
      if (hidden.has(`${resource.resourceType}/${resource.id}`)) return null;
      return renamed(resource, (type, one) => registryId(type, one)) as FhirResource;
    },
    wasShown: ({ resourceType, id }) => !hidden.has(`${resourceType}/${id}`),
    ownId: (type, id) => own.get(`${type}/${id}`) ?? null,
    registryId(type, id) {
      own.set(`${type}/${registryId(type, id)}`, id);
      return registryId(type, id);
    },
    meet: () => {},
    learn: (type, id) => void own.set(`${type}/${registryId(type, id)}`, id),
  };
}

/** The same with other ids: its own, and those of every reference but to the study. */
export function renamed(resource: FhirResource, name: (type: string, id: string) => string): unknown {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const [, type, id] = key === 'reference' ? (/^([A-Za-z]+)\/(.+)$/.exec(String(one)) ?? []) : [];
        return [key, type && id && type !== 'ResearchStudy' ? `${type}/${name(type, id)}` : walk(one)];
      }),
    );
  };
  return { ...(walk(resource) as object), id: name(resource.resourceType, resource.id!) };
}
