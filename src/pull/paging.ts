import type { FhirResource } from '../fhir/resource.ts';
import { type PullRefusal, pullRefusal } from './refusal.ts';

/**
 * The address of the next page (FHIR R4, "Paging"): only one under the site's own base, since the token goes along.
 * @param url the address of this page, against which a relative link is read
 * @returns null after the last page
 */
export function nextPage(bundle: FhirResource, base: string, url: string): string | PullRefusal | null {
  const links: unknown = bundle.link;
  if (!Array.isArray(links)) return null;
  const next = links.find((link: unknown) => isLink(link) && link.relation === 'next');
  if (next === undefined) return null;
  const target = URL.parse(String(next.url), url);
  return target && isUnderBase(target, new URL(base)) ? target.href : pullRefusal('next-link-foreign');
}

function isLink(link: unknown): link is { relation: unknown; url: unknown } {
  return typeof link === 'object' && link !== null;
}

/** Compared after parsing, so that neither `..` nor a user before `@` leads out. */
function isUnderBase(target: URL, base: URL): boolean {
  const root = base.pathname.replace(/\/+$/, '');
  const inside = target.pathname === root || target.pathname.startsWith(`${root}/`);
  return target.origin === base.origin && inside && target.username === '' && target.password === '';
}
