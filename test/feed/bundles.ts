import { createHash } from 'node:crypto';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { referenceTo } from './builders.ts';
import { rewriteReferences } from './references.ts';
import type { FeedSite } from './sites.ts';

const TIMESTAMP = '2025-05-30T06:00:00.000+08:00';

/** A uuid that depends on nothing but the text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function bundle(site: FeedSite, type: string, entry: object[], more: object = {}): object {
  const meta = { lastUpdated: TIMESTAMP, source: site.fhirBase };
  return { resourceType: 'Bundle', id: `${site.id}-${type}`, meta, type, timestamp: TIMESTAMP, ...more, entry };
}

/** Transaction of PUTs whose references inside are the `urn:uuid:` of their entries. */
export function transactionBundle(site: FeedSite, resources: readonly FhirResource[]): object {
  const urls = new Map(resources.map((each) => [referenceTo(each), `urn:uuid:${uuidOf(referenceTo(each))}`]));
  const linked = rewriteReferences(resources, (reference) => {
    const url = urls.get(reference);
    return url === undefined ? null : { reference: url };
  });
  return bundle(
    site,
    'transaction',
    linked.map((resource) => ({
      fullUrl: urls.get(referenceTo(resource)),
      resource,
      request: { method: 'PUT', url: referenceTo(resource) },
    })),
  );
}

/** Search result with absolute references and, as servers add it, an OperationOutcome. */
export function searchsetBundle(site: FeedSite, resources: readonly FhirResource[]): object {
  const known = new Set(resources.map(referenceTo));
  const linked = rewriteReferences(resources, (reference) =>
    known.has(reference) ? { reference: `${site.fhirBase}/${reference}` } : null,
  );
  const issue = [{ severity: 'information', code: 'informational', diagnostics: 'search complete' }];
  const entry = [
    ...linked.map((resource) => ({
      fullUrl: `${site.fhirBase}/${referenceTo(resource)}`,
      resource,
      search: { mode: 'match' },
    })),
    { resource: { resourceType: 'OperationOutcome', issue }, search: { mode: 'outcome' } },
  ];
  return bundle(site, 'searchset', entry, { total: resources.length });
}

/** History: each resource as an update, then the deletions (`Type/id`), later than everything of the feed. */
export function historyBundle(site: FeedSite, resources: readonly FhirResource[], deleted: readonly string[]): object {
  const updates = resources.map((resource) => ({
    fullUrl: `${site.fhirBase}/${referenceTo(resource)}`,
    resource,
    request: { method: 'PUT', url: referenceTo(resource) },
    response: { status: '200', etag: `W/"${resource.meta?.versionId}"`, lastModified: resource.meta?.lastUpdated },
  }));
  const deletions = deleted.map((reference) => ({
    fullUrl: `${site.fhirBase}/${reference}`,
    request: { method: 'DELETE', url: reference },
    response: { status: '204', etag: 'W/"2"', lastModified: '2025-05-30T05:30:00.000+08:00' },
  }));
  return bundle(site, 'history', [...updates, ...deletions]);
}
