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
  /** Whether it could be shown before consent was taken back: then the registry is told that it is gone. */
  wasShown(study: Transaction['study'], row: ResearchRow): Promise<boolean>;
  /** Looks up the sites of many rows and makes their ids, so that each of them can be shown at once. */
  meet(study: Transaction['study'], rows: readonly ResearchRow[]): Promise<void>;
  /** As `show`, of a row that was met. */
  showMet(row: ResearchRow): Shown | null;
}

export function createShower(lens: Lens): Shower {
  const sites = createSites();
  const showMet = (row: ResearchRow) => showRow(lens, row, sites.of(row.subject));

  return {
    showMet,
    async meet(study, rows) {
      await sites.meet(study, rows);
      lens.meet(rows);
    },
    async wasShown(study, row) {
      await sites.meet(study, [row]);
      return lens.wasShown(JSON.parse(row.body), { id: row.subject, site: sites.of(row.subject) });
    },
    async show(study, row) {
      await sites.meet(study, [row]);
      lens.meet([row]);
      return showMet(row);
    },
  };
}

/** A row as a registry may have it; null where the agreement does not cover it. */
export function showRow(lens: Lens, row: Omit<ResearchRow, 'deleted'>, site: string | null): Shown | null {
  const { type, id: ownId, subject, version, lastUpdated } = row;
  const resource = lens.show(JSON.parse(row.body), { id: subject, site });
  if (!resource?.id) return null;
  const meta: r4.Meta = { ...resource.meta, versionId: String(version), lastUpdated };
  return { type, id: resource.id, ownId, subject, version, lastUpdated, resource: { ...resource, meta } };
}

/** The sites of subjects, each looked up once. */
export interface Sites {
  meet(study: Transaction['study'], rows: readonly Pick<ResearchRow, 'subject'>[]): Promise<void>;
  /** Of a subject that was met; null where the study side does not know it. */
  of(subject: string): string | null;
}

export function createSites(): Sites {
  const sites = new Map<string, string | null>();
  return {
    async meet(study, rows) {
      for (const { subject } of rows) if (!sites.has(subject)) sites.set(subject, await siteOf(study, subject));
    },
    of(subject) {
      const site = sites.get(subject);
      if (site === undefined) throw new Error('A row is shown that was not met.');
      return site;
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
