import { isUnder } from '../../fhir/reference.ts';
import { R4_TYPES } from '../../fhir/shape/types.ts';
import { namedBy } from '../../intake/identity.ts';
import type { Site } from '../../study/site.ts';
import type { HttpRefusal } from '../respond.ts';

/** URLs under which a hospital's own server has its resources. */
export const basesOf = ({ fhirBase, connection }: Pick<Site, 'fhirBase' | 'connection'>): string[] => [
  fhirBase,
  ...(connection ? [connection.base] : []),
];

/**
 * What is wrong with the address of an entry's request (R4, Bundle.entry.request.url), where it has one; null when
 * nothing is. It names a type, one resource, or a type and criteria, here or with the address of the hospital's server.
 * @param bases URLs under which the resources of this hospital are
 */
export function addressFault(
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  type: string | null,
  bases: readonly string[],
): Omit<HttpRefusal, 'expression'> | null {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url) && !bases.some((base) => isUnder(url, base))) return ELSEWHERE;
  const named = namedBy(url);
  if (method === 'DELETE') {
    // Whatever is no Type/id is told by intake.
    if (!named) return null;
    return named.type === 'Bundle' ? NO_BUNDLE : R4_TYPES.has(named.type) ? null : UNKNOWN;
  }
  const [path, ...query] = url.split('?');
  if (/(^|\/)[$_][^/]*$/.test(path!) && method === 'POST') return OPERATION;
  const said = named?.type ?? /([A-Z][A-Za-z]*)\/?$/.exec(path!)?.[1] ?? null;
  if (said !== null && type !== null && said !== type) return OTHER_TYPE;
  return method === 'PUT' && !named && query.length === 0 ? NO_ID : null;
}

const ELSEWHERE = {
  status: 422,
  code: 'site-conflict',
  issue: 'processing',
  message: 'The request is for a resource of another server. Send Type/id, or an address under the own FHIR base.',
} as const;
const UNKNOWN = {
  status: 404,
  code: 'unknown-type',
  issue: 'not-supported',
  message: 'R4 has no such resource type; types are written with a capital letter.',
} as const;
const NO_BUNDLE = {
  status: 422,
  code: 'bundle-type',
  issue: 'processing',
  message: 'Bundles are not kept as such, so there is none to delete.',
} as const;
const OPERATION = {
  status: 405,
  code: 'entry-operation',
  issue: 'not-supported',
  message: 'Operations and searches are not carried out in Bundles here. A POST names the type it creates.',
} as const;
const OTHER_TYPE = {
  status: 400,
  code: 'resource-type',
  issue: 'invalid',
  message: 'The request names another type than its resource has. Correct one.',
} as const;
const NO_ID = {
  status: 400,
  code: 'criteria',
  issue: 'required',
  message: 'A PUT names its resource by Type/id, or by Type?identifier=system|value.',
} as const;

/** What hospitals read here they neither replace nor delete. */
export const MADE_HERE: HttpRefusal = {
  status: 405,
  code: 'made-here',
  issue: 'not-supported',
  message: 'The resource is made by this service, and only read. Send a decision, a consent or a form to change it.',
};
