import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Version } from './hospital-fhir.ts';

/** What a searchset says besides its matches. */
export interface Searchset {
  /** URL of the FHIR base, without a closing slash. */
  base: string;
  total: number | null;
  /** URLs of this page and of the next one. */
  self: string;
  next: string | null;
  /** What was passed over; null when nothing was. */
  outcome: r4.OperationOutcome | null;
}

/** R4 Bundle of a search ("RESTful API", 3.1.0.9). */
export function searchset(matches: readonly FhirResource[], about: Searchset): r4.Bundle {
  const { base, total, self, next, outcome } = about;
  const entry: r4.BundleEntry[] = [
    ...matches.map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource: resource as unknown as r4.FhirResource,
      search: { mode: 'match' as const },
    })),
    ...(outcome ? [{ resource: outcome, search: { mode: 'outcome' as const } }] : []),
  ];
  const link = [{ relation: 'self', url: self }, ...(next === null ? [] : [{ relation: 'next', url: next }])];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === null ? {} : { total }),
    link,
    ...(entry.length > 0 ? { entry } : {}),
  };
}

/** R4 Bundle of all versions of a ResearchSubject, the newest first ("RESTful API", history). */
export function historyBundle(versions: readonly Version[], base: string, self: string): r4.Bundle {
  const entry = versions.map(({ id, version, lastUpdated, resource }): r4.BundleEntry => {
    const url = `ResearchSubject/${id}`;
    const [method, status] =
      resource === null
        ? (['DELETE', '204'] as const)
        : version === 1
          ? (['POST', '201'] as const)
          : (['PUT', '200'] as const);
    return {
      fullUrl: `${base}/${url}`,
      ...(resource === null ? {} : { resource: resource as unknown as r4.FhirResource }),
      request: { method, url: method === 'POST' ? 'ResearchSubject' : url },
      response: { status, etag: `W/"${version}"`, lastModified: lastUpdated },
    };
  });
  const link = [{ relation: 'self', url: self }];
  return { resourceType: 'Bundle', type: 'history', total: entry.length, link, entry };
}
