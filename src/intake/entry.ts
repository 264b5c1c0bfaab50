import type { Place, RefusalCode } from '../fhir/refusal.ts';
import type { FhirResource } from '../fhir/resource.ts';
import type { Arrival, ArrivedDeletion, BundleContext, SetAside } from './arrival.ts';
import { contentOfEntry } from './content.ts';
import { isId, namedBy } from './identity.ts';
import { isObject, textOf } from './json.ts';

/** The parts of Bundle.entry that decide what an entry is; each of any shape. */
interface Entry {
  fullUrl?: unknown;
  resource?: unknown;
  search?: unknown;
  request?: unknown;
  response?: unknown;
}

/**
 * What one entry brings (FHIR R4, Bundle.entry): a resource, a deletion, or nothing to take in.
 * A Bundle inside an entry is refused: whose request it belongs to and which fullUrls it may see is not said.
 * @param entry its resource has an id already
 */
export function entryArrival(entry: unknown, place: Place, bundle: BundleContext): Arrival | SetAside {
  const at = `Bundle.entry[${place.entry}]`;
  const refuse = (reason: RefusalCode, inside: string, message: string): SetAside => {
    const content = () => contentOfEntry(entry, bundle);
    return { kind: 'refused', place, reason, expression: at + inside, message, content };
  };
  if (!isObject(entry)) return refuse('not-a-resource', '', 'The entry is not a JSON object. Export the Bundle again.');
  const { resource, request, response } = entry as Entry;
  if (request !== undefined && !isObject(request)) {
    return refuse(
      'bundle-entry',
      '.request',
      'The request of the entry is not a JSON object. Export the Bundle again.',
    );
  }
  const method = request?.method;
  const url = typeof request?.url === 'string' ? request.url : '';
  const fullUrl = textOf(entry.fullUrl);
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'passed-over', place, type: namedBy(url)?.type ?? 'Bundle', reason: 'read-request' };
    case 'DELETE':
      return deletion(url, response, fullUrl, place, bundle) ?? refuse(...undeletable(url));
    case undefined:
    case 'POST':
    case 'PUT':
      break;
    default:
      return refuse(
        'method-unsupported',
        '.request.method',
        'Only POST, PUT and DELETE are taken in. Send the whole resource.',
      );
  }
  if (resource === undefined) {
    if (request === undefined && isObject(response)) {
      return { kind: 'passed-over', place, type: 'Bundle', reason: 'response-only' };
    }
    return refuse('bundle-entry', '', 'The entry has no resource to take in. Export the Bundle with its resources.');
  }
  if (!isResource(resource)) {
    return refuse('not-a-resource', '.resource', 'The resource of the entry has no resourceType. Export it again.');
  }
  const type = resource.resourceType;
  if (type === 'Bundle') {
    return refuse('bundle-nested', '.resource', 'Send the inner Bundle by itself, in a file or on a line of its own.');
  }
  if (isOutcome(entry, type, bundle)) return { kind: 'passed-over', place, type, reason: 'search-outcome' };
  const named = method === 'PUT' ? namedBy(url) : null;
  if (named && (named.type !== type || named.id !== resource.id)) {
    return refuse(
      'invalid-id',
      '.resource.id',
      'The request names another resource than the entry holds. Correct one.',
    );
  }
  return { kind: 'resource', place, resource: withVersion(resource, entry.response), fullUrl, bundle };
}

/** Version and time of a history entry, where the resource itself does not carry them (FHIR R4, http.html#history). */
function withVersion(resource: FhirResource, response: unknown): FhirResource {
  if (!isObject(response)) return resource;
  const { at, versionId } = versionIn(response);
  const meta = {
    ...(at === null ? {} : { lastUpdated: at }),
    ...(versionId === null ? {} : { versionId }),
    ...(isObject(resource.meta) ? resource.meta : {}),
  };
  return Object.keys(meta).length > 0 && (resource.meta === undefined || isObject(resource.meta))
    ? { ...resource, meta }
    : resource;
}

function versionIn(response: Record<string, unknown>): { at: string | null; versionId: string | null } {
  const versionId = /^(?:W\/)?"([^"]+)"$/.exec(textOf(response.etag) ?? '')?.[1] ?? null;
  return { at: textOf(response.lastModified), versionId };
}

function deletion(
  url: string,
  response: unknown,
  fullUrl: string | null,
  place: Place,
  bundle: BundleContext,
): ArrivedDeletion | null {
  const named = namedBy(url);
  if (!named || !isId(named.id)) return null;
  const answer = versionIn(isObject(response) ? response : {});
  const at = answer.at ?? bundle.timestamp;
  const { versionId } = answer;
  return { kind: 'deletion', place, type: named.type, id: named.id, at, versionId, fullUrl, bundle };
}

function undeletable(url: string): [RefusalCode, string, string] {
  const message = 'A deletion must name one resource as Type/id. Send one entry for each resource deleted.';
  return [namedBy(url) ? 'invalid-id' : 'method-unsupported', '.request.url', message];
}

/** A note of the search itself (FHIR R4, search.html#entry-mode). */
function isOutcome(entry: Entry, type: string, bundle: BundleContext): boolean {
  if (bundle.type !== 'searchset') return false;
  return type === 'OperationOutcome' || (isObject(entry.search) && entry.search.mode === 'outcome');
}

function isResource(value: unknown): value is FhirResource {
  return isObject(value) && typeof value.resourceType === 'string' && value.resourceType !== '';
}
