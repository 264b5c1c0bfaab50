import { contentHash } from '../fhir/canonical.ts';

/** What the last two parts of a REST address name. */
export interface Named {
  type: string;
  id: string;
}

/** FHIR R4 datatypes, "id". */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const ADDRESS = /^(?:https?:\/\/.*\/|\/)?([A-Z][A-Za-z]{1,63})\/([^/?#]+)$/;
const UUID = /^urn:uuid:(.+)$/;

/** `Type/id`, also after a server's address or with a slash before it; null for a search or anything else. */
export function namedBy(url: string): Named | null {
  const found = ADDRESS.exec(url);
  return found ? { type: found[1]!, id: found[2]! } : null;
}

export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * The id that a Bundle entry gives its resource when this has none: by the url of a PUT, else by a RESTful fullUrl,
 * else by a `urn:uuid:` fullUrl (FHIR R4, Bundle.entry.fullUrl). Null when none of them names one.
 */
export function idOfEntry(entry: { [element: string]: unknown }): string | null {
  const { fullUrl, request, resource } = entry as {
    fullUrl: unknown;
    request: { method?: unknown; url?: unknown } | null | undefined;
    resource: { resourceType?: unknown };
  };
  const urls = [request?.method === 'PUT' ? request.url : null, fullUrl];
  for (const url of urls) {
    const named = typeof url === 'string' ? namedBy(url) : null;
    if (named && named.type === resource.resourceType && isId(named.id)) return named.id;
  }
  const uuid = typeof fullUrl === 'string' ? UUID.exec(fullUrl)?.[1] : undefined;
  return uuid !== undefined && isId(uuid) ? uuid : null;
}

/** An id for a resource that nobody gave one: the same content has the same id in every delivery. */
export function idOfContent(resource: object): string {
  return `h-${contentHash(resource).slice(0, 32)}`;
}
