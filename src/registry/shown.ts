import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Lens } from '../release/lens.ts';
import { namesIn } from '../release/registry-ids.ts';
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
  /** Whether it could be shown before consent was taken back: then the registry is told that it is gone. */
  wasShown(study: Transaction['study'], row: ResearchRow): Promise<boolean>;
  /** Looks up the sites of many rows and makes their ids, so that each of them can be shown at once. */
  meet(study: Transaction['study'], rows: readonly ResearchRow[]): Promise<void>;
  /** As `show`, of a row that was met. */
  showMet(row: ResearchRow): Shown | null;
}

export function createShower(lens: Lens): Shower {
  const sites = new Map<string, string | null>();

  function showMet(row: ResearchRow): Shown | null {
    const { type, subject, version, lastUpdated } = row;
    const site = sites.get(subject);
    if (site === undefined) throw new Error('A row is shown that was not met.');
    const resource = lens.show(JSON.parse(row.body), { id: subject, site });
    if (!resource?.id) return null;
    const meta: r4.Meta = { ...resource.meta, versionId: String(version), lastUpdated };
    const shown = { ...resource, meta };
    return { type, id: resource.id, ownId: row.id, subject, version, lastUpdated, resource: shown };
  }

  async function meet(study: Transaction['study'], rows: readonly ResearchRow[]): Promise<void> {
    for (const { subject } of rows) if (!sites.has(subject)) sites.set(subject, await siteOf(study, subject));
    lens.meet(rows.flatMap(({ type, id, body }) => [...namesIn(type, id, body)]));
  }

  return {
    meet,
    showMet,
    async wasShown(study, row) {
      await meet(study, [row]);
      return lens.wasShown(JSON.parse(row.body), { id: row.subject, site: sites.get(row.subject) ?? null });
    },
    async show(study, row) {
      await meet(study, [row]);
      return showMet(row);
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
