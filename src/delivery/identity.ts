import { createHash } from 'node:crypto';

/** Under this system every delivered resource carries its pseudonymous id. */
export const RESOURCE_ID = 'https://study-gateway.example/sid/resource';

/**
 * Types of which R4 has no search parameter `identifier`: theirs is a tag, which every type can be found by (`_tag`).
 * A PUT to an id of ours would not do: many servers give ids themselves.
 */
const TAGGED: ReadonlySet<string> = new Set(['AdverseEvent', 'Provenance']);

export function isTagged(type: string): boolean {
  return TAGGED.has(type);
}

/** Search of a type for resources of ours: `identifier` or `_tag`, and the tokens. */
export function searchFor(type: string, ids: readonly string[]): { parameter: string; value: string } {
  return {
    parameter: isTagged(type) ? '_tag' : 'identifier',
    value: ids.map((id) => `${RESOURCE_ID}|${id}`).join(','),
  };
}

/** `Type?identifier=system|id`, for a conditional update or delete (FHIR R4, "RESTful API", conditional interactions). */
export function conditionalUrl(type: string, id: string): string {
  const { parameter, value } = searchFor(type, [id]);
  return `${type}?${parameter}=${encodeURIComponent(value)}`;
}

/** `fullUrl` by which the entries of one transaction name each other: the same for the same resource each time. */
export function urnOf(type: string, id: string): string {
  const hex = createHash('sha256').update(`${type}/${id}`).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return `urn:uuid:${parts.join('-')}-${hex.slice(20, 32)}`;
}

/** Pseudonymous id that a resource at a target carries; null when it is none of ours. */
export function ownIdOf(resource: object): string | null {
  const { identifier, meta } = resource as { identifier?: unknown; meta?: { tag?: unknown } };
  const value = (list: unknown, key: string) =>
    Array.isArray(list) ? list.find((one) => one?.system === RESOURCE_ID)?.[key] : undefined;
  const found: unknown = value(identifier, 'value') ?? value(meta?.tag, 'code');
  return typeof found === 'string' ? found : null;
}
