import type { FhirResource } from '../../src/fhir/resource.ts';
import { referenceTo } from '../feed/builders.ts';
import { transactionBundle } from '../feed/bundles.ts';
import { SITES, type SiteId } from '../feed/sites.ts';
import { fileOf, type Parcel } from '../pipeline/delivery.ts';

/** How an EHR may send some parcels of one site. */
export const PACKAGINGS = [
  'update',
  'create',
  'transaction',
  'batch',
  'collection',
  'message',
  'history',
  'stream',
] as const;
export type Packaging = (typeof PACKAGINGS)[number];

/** One request, and the parcels it holds in the order in which they are answered. */
export interface Package {
  site: SiteId;
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  type: string;
  body: string | undefined;
  parcels: readonly Parcel[];
  /** All of it or nothing is taken in. */
  atomic: boolean;
  /** Id of the decision that it is; it then holds no parcels. */
  decision: string | null;
}

/** What an EHR is told of one parcel. */
export interface Answered {
  status: number;
  /** The number in the ETag; null where none was given. */
  revision: number | null;
}

const JSON_TYPE = 'application/fhir+json';

/** `Type/id` of what a parcel is a version of. */
export const nameOf = (parcel: Parcel): string => ('deleted' in parcel ? parcel.deleted : referenceTo(parcel.resource));

/** Puts parcels of one site into requests. */
export function packed(site: SiteId, parcels: readonly Parcel[], packaging: Packaging): Package[] {
  const base = {
    site,
    method: 'POST',
    path: `/ehr/${site}/fhir`,
    type: JSON_TYPE,
    atomic: false,
    decision: null,
  } as const;
  const bundle = (of: readonly Parcel[], content: object, atomic = false) => [
    { ...base, body: JSON.stringify(content), parcels: of, atomic },
  ];
  switch (packaging) {
    case 'update':
    case 'create':
      return parcels.map((parcel): Package => {
        const path = `${base.path}/${nameOf(parcel)}`;
        const one = { ...base, parcels: [parcel] };
        if ('deleted' in parcel) return { ...one, method: 'DELETE', path, body: undefined };
        const body = JSON.stringify(parcel.resource);
        if (packaging === 'update') return { ...one, method: 'PUT', path, body };
        return { ...one, path: `${base.path}/${parcel.resource.resourceType}`, body };
      });
    case 'transaction':
      return apart(parcels)
        .map(sorted)
        .flatMap((some) => bundle(some, requests(site, some, 'transaction'), true));
    case 'batch':
      return bundle(sorted(parcels), requests(site, sorted(parcels), 'batch'));
    case 'collection':
    case 'message': {
      const resources = sorted(parcels).filter((parcel) => 'resource' in parcel);
      const deletions = parcels.filter((parcel) => 'deleted' in parcel);
      const entry = resources.map(({ resource }) => ({
        fullUrl: `${SITES[site].fhirBase}/${referenceTo(resource)}`,
        resource,
      }));
      return [
        ...(entry.length > 0 ? bundle(resources, { resourceType: 'Bundle', type: packaging, entry }) : []),
        ...(deletions.length > 0 ? packed(site, deletions, 'history') : []),
      ];
    }
    case 'history':
      return [{ ...base, body: fileOf(parcels, true), parcels }];
    case 'stream': {
      const body = parcels.map((parcel) => fileOf([parcel], false)).join('');
      return [{ ...base, type: 'application/fhir+ndjson', body, parcels }];
    }
  }
}

/** Resources first, deletions last: as `requests` lays them out. */
const sorted = (parcels: readonly Parcel[]): Parcel[] => [
  ...parcels.filter((parcel) => 'resource' in parcel),
  ...parcels.filter((parcel) => 'deleted' in parcel),
];

/** A transaction or batch of PUTs, whose references inside are those of their entries, and DELETEs. */
function requests(site: SiteId, parcels: readonly Parcel[], type: 'transaction' | 'batch'): object {
  const resources = parcels.flatMap((parcel): FhirResource[] => ('resource' in parcel ? [parcel.resource] : []));
  const bundle = transactionBundle(SITES[site], resources) as { entry: object[] };
  const deletions = parcels.flatMap((parcel) =>
    'deleted' in parcel ? [{ request: { method: 'DELETE', url: parcel.deleted } }] : [],
  );
  return { ...bundle, type, entry: [...bundle.entry, ...deletions] };
}

/** A transaction may write each resource once (R4): cut where one comes again. */
function apart(parcels: readonly Parcel[]): Parcel[][] {
  const cut: Parcel[][] = [];
  for (const parcel of parcels) {
    const last = cut.at(-1);
    if (last && !last.some((one) => nameOf(one) === nameOf(parcel))) last.push(parcel);
    else cut.push([parcel]);
  }
  return cut;
}

/** Reads what was answered, parcel by parcel; of a stream that broke off as many as came. */
export function answersOf({ type, parcels }: Package, status: number, etag: string | null, text: string): Answered[] {
  if (type !== JSON_TYPE) {
    const whole = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean);
    return whole.map((line) => {
      const said: string = JSON.parse(line).issue[0].diagnostics;
      return { status: Number(/: (\d{3})\b/.exec(said)?.[1]), revision: null };
    });
  }
  const body = text === '' ? null : JSON.parse(text);
  if (body?.resourceType !== 'Bundle') return parcels.map(() => ({ status, revision: revisionIn(etag) }));
  return body.entry.map(({ response }: { response: { status: string; etag?: string } }) => ({
    status: Number(response.status.slice(0, 3)),
    revision: revisionIn(response.etag),
  }));
}

const revisionIn = (etag: string | null | undefined): number | null => {
  const number = /^W\/"(\d+)"$/.exec(etag ?? '')?.[1];
  return number === undefined ? null : Number(number);
};
