import { gzipSync } from 'node:zlib';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { eligiblePerson, type Parts } from '../feed/baseline.ts';
import { type FeedContext, feedContext } from '../feed/builders.ts';
import type { SiteId } from '../feed/sites.ts';

/** Whose resources `person` makes. */
export const ctxOf = (number: number, site: SiteId = 'ya'): FeedContext => feedContext(site, number, 'command');

/** An eligible person, unless parts say otherwise. */
export function person(number: number, parts: (ctx: FeedContext) => Parts = () => ({}), site: SiteId = 'ya') {
  const ctx = ctxOf(number, site);
  return eligiblePerson(ctx, parts(ctx));
}

export function ndjson(...resources: readonly object[]): string {
  return resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
}

export const gzipped = (text: string): Buffer => gzipSync(text);

/** The resource without its place of origin: only `--site` can say whose it is. */
export function withoutSource(resource: FhirResource): FhirResource {
  const { source: _, ...meta } = resource.meta ?? {};
  return { ...resource, meta };
}
