import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Lens } from '../release/lens.ts';
import type { ResearchRow } from '../store/research-rows.ts';
import type { Transaction } from '../store/store.ts';

/** A version of a resource as a registry may have it. */
export interface Shown {
  type: string;
  /** The registry's id. */
  id: string;
  /** Our own; never told. */
  ownId: string;
  /** Our own id of the ResearchSubject; never told. */
  subject: string;
  version: number;
  lastUpdated: string;
  /** With the registry's ids, and our version and time in `meta`. */
  resource: FhirResource;
}

/** Shows rows through a lens; the site of each subject is looked up once. */
export interface Shower {
  /** Null where the agreement does not cover the resource. */
  show(study: Transaction['study'], row: ResearchRow): Promise<Shown | null>;
}

export function createShower(lens: Lens): Shower {
  const sites = new Map<string, string | null>();
  return {
    async show(study, row) {
      let site = sites.get(row.subject);
      if (site === undefined) {
        site = await siteOf(study, row.subject);
        sites.set(row.subject, site);
      }
      const resource = lens.show(JSON.parse(row.body), { id: row.subject, site });
      if (!resource?.id) return null;
      const { type, subject, version, lastUpdated } = row;
      const { resourceType, id, meta, ...content } = resource;
      const own: r4.Meta = { ...meta, versionId: String(version), lastUpdated };
      return {
        ...{ type, id, ownId: row.id, subject, version, lastUpdated },
        resource: { resourceType, id, meta: own, ...content },
      };
    },
  };
}

/**
 * The site of a subject. The study side knows it by the Provenance of what was made there, and by nothing else; null
 * where there is none.
 */
export async function siteOf(study: Transaction['study'], subject: string): Promise<string | null> {
  const row = await study.anyOf(subject, 'Provenance');
  const { agent } = (row ? JSON.parse(row.body) : {}) as Partial<r4.Provenance>;
  return agent?.[0]?.who.identifier?.value ?? null;
}
