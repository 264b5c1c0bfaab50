import type { FhirResource } from '../fhir/resource.ts';
import type { FeedQuery, FeedRows, FeedType, NoticeRow } from '../store/feed-rows.ts';
import type { Store, SubjectRow, Transaction } from '../store/store.ts';
import type { Study } from '../study/model.ts';
import {
  flagResource,
  SCREENING_LOG,
  screeningLog,
  subjectAtHospital,
  subscriptionResource,
} from './hospital-resources.ts';

/** Types that a hospital reads at its base. */
export const READ_TYPES = ['ResearchSubject', 'Task', 'Flag', 'List', 'Subscription'] as const;
export type ReadType = (typeof READ_TYPES)[number];

/** What a search asks for, beside its site. */
export type Search = Omit<FeedQuery, 'site' | 'after'> & { after: FeedQuery['after']; total: boolean };

/** One page of a search. */
export interface Page {
  resources: FhirResource[];
  /** Of all pages; null unless it was asked for. */
  total: number | null;
  /** Where the next page begins; null on the last one. */
  next: FeedQuery['after'];
}

/** One version of a ResearchSubject. */
export interface Version {
  id: string;
  version: number;
  lastUpdated: string;
  /** Null for a deletion. */
  resource: FhirResource | null;
}

/** What a hospital may read of its own people: nothing of another site, which counts as unknown. */
export interface HospitalFhir {
  read(type: ReadType, site: string, id: string): Promise<FhirResource | 'gone' | null>;
  search(type: ReadType, site: string, search: Search): Promise<Page>;
  /** Every version of a ResearchSubject, the newest first; null when it is unknown. */
  history(site: string, id: string): Promise<Version[] | null>;
  /** Number of the newest notice; 0 before there is one. */
  lastNotice(site: string): Promise<number>;
  noticesAfter(site: string, number: number, limit: number): Promise<NoticeRow[]>;
}

export function createHospitalFhir(store: Store, study: Pick<Study, 'flags'>): HospitalFhir {
  type Row = FeedRows[FeedType];

  async function resourceOf(tx: Transaction, row: Row): Promise<FhirResource> {
    if ('body' in row) return JSON.parse(row.body) as FhirResource;
    const patient = (await tx.hospital.enrolment(row.subject))?.patient ?? null;
    if ('flag' in row) return flagResource(row, patient!, study);
    return subjectAtHospital((await tx.study.subject(row.subject))!.body, patient);
  }

  function rowOf({ hospital }: Transaction, type: FeedType, id: string): Promise<Row | null> {
    if (type === 'ResearchSubject') return hospital.shownSubject(id);
    return type === 'Task' ? hospital.task(id) : hospital.shownFlag(id);
  }

  async function logOf({ hospital }: Transaction, site: string): Promise<FhirResource> {
    return screeningLog(await hospital.shownSubjects(site), await hospital.lastNotice(site, 'ResearchSubject'));
  }

  async function searchFew(tx: Transaction, type: 'List' | 'Subscription', site: string, search: Search) {
    const all =
      type === 'List' ? [await logOf(tx, site)] : (await tx.hospital.subscribers(site)).map(subscriptionResource);
    const { from, until, ids, where } = search;
    const resources = all.filter(({ id, meta, status }) => {
      const at = meta?.lastUpdated ?? '';
      const within = (from === null || at >= from) && (until === null || at < until);
      return within && (ids?.includes(id!) ?? true) && (where.status?.includes(String(status)) ?? true);
    });
    return {
      resources: search.limit === 0 ? [] : resources,
      total: search.total ? resources.length : null,
      next: null,
    };
  }

  return {
    read(type, site, id) {
      return store.read(async (tx) => {
        if (type === 'List') return id === SCREENING_LOG ? logOf(tx, site) : null;
        if (type === 'Subscription') {
          const row = await tx.hospital.subscriber(id);
          if (row?.site !== site) return null;
          return row.gone ? 'gone' : subscriptionResource(row);
        }
        const row = await rowOf(tx, type, id);
        if (row?.site !== site) return null;
        return 'gone' in row && row.gone ? 'gone' : resourceOf(tx, row);
      });
    },
    search(type, site, search) {
      return store.read(async (tx) => {
        if (type === 'List' || type === 'Subscription') return searchFew(tx, type, site, search);
        const query = { ...search, site };
        const total = search.total ? await tx.hospital.feedCount(type, query) : null;
        if (search.limit === 0) return { resources: [], total, next: null };
        // One more than asked for says whether there is a next page.
        const rows: Row[] = await tx.hospital.feedPage(type, { ...query, limit: search.limit + 1 });
        const shown = rows.slice(0, search.limit);
        const resources: FhirResource[] = [];
        for (const row of shown) resources.push(await resourceOf(tx, row));
        const last = rows.length > shown.length ? shown.at(-1)! : null;
        const next = last && { lastUpdated: last.lastUpdated, id: 'id' in last ? last.id : last.subject };
        return { resources, total, next };
      });
    },
    history(site, id) {
      return store.read(async (tx) => {
        const row = await tx.hospital.shownSubject(id);
        if (row?.site !== site) return null;
        const patient = (await tx.hospital.enrolment(id))?.patient ?? null;
        return (await tx.study.history(id)).reverse().map((one) => versionOf(one, patient));
      });
    },
    async lastNotice(site) {
      return (await store.read(({ hospital }) => hospital.lastNotice(site)))?.number ?? 0;
    },
    noticesAfter: (site, number, limit) => store.read(({ hospital }) => hospital.noticesAfter(site, number, limit)),
  };
}

function versionOf({ id, version, lastUpdated, deleted, body }: SubjectRow, patient: string | null): Version {
  return { id, version, lastUpdated, resource: deleted ? null : subjectAtHospital(body, patient) };
}
