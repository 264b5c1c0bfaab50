import { contentHash } from '../fhir/canonical.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import { isTagged, RESOURCE_ID } from './identity.ts';

/** What a target should have of a resource; null where it should have nothing. */
export type Wanted = {
  /** As it stands in our store. */
  resource: FhirResource;
  /** Consent has ended: it stays, and says so. */
  withdrawn: boolean;
} | null;

/** What becomes of a reference: the text of the target, or null where the target does not have what it names. */
export type Link = (type: string, id: string) => string | null;

/** `true` in a modifierExtension of what stays at a target after consent has ended: not to be used any more. */
export const WITHDRAWN = `${EXTENSION_BASE}consent-withdrawn`;

/**
 * A resource as the target gets it: with our identifier (or tag) instead of our id, and with references of the target.
 * What the target does not have is named by our identifier (R4 Reference.identifier).
 */
export function rendered({ resource, withdrawn }: NonNullable<Wanted>, link: Link, study: string | null): FhirResource {
  const { resourceType, id, meta, ...content } = resource;
  const { versionId: _, lastUpdated: __, ...kept } = meta ?? {};
  const tag = [...(kept.tag ?? []), { system: RESOURCE_ID, code: id! }];
  const ownMeta: r4.Meta = isTagged(resourceType) ? { ...kept, tag } : kept;
  const identifiers = (content.identifier ?? []) as r4.Identifier[];
  const modifiers = (content.modifierExtension ?? []) as r4.Extension[];
  return relinked(
    {
      resourceType,
      ...(Object.keys(ownMeta).length > 0 ? { meta: ownMeta } : {}),
      ...content,
      ...(withdrawn ? { modifierExtension: [...modifiers, { url: WITHDRAWN, valueBoolean: true }] } : {}),
      ...(isTagged(resourceType) ? {} : { identifier: [...identifiers, { system: RESOURCE_ID, value: id! }] }),
    },
    link,
    study,
  ) as FhirResource;
}

/** Marks the content of what is wanted, whatever the ids of the target are. */
export function hashOf({ resource, withdrawn }: NonNullable<Wanted>): string {
  const { meta, ...content } = resource;
  const { versionId: _, lastUpdated: __, ...kept } = meta ?? {};
  return contentHash([content, kept, withdrawn]);
}

const REFERENCE = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/;

/** `Type/id` of everything a resource names, each once. */
export function referencesIn(value: unknown): string[] {
  const found = new Set<string>();
  walk(value);
  return [...found];

  function walk(part: unknown): void {
    if (typeof part !== 'object' || part === null) return;
    const { reference } = part as { reference?: unknown };
    if (typeof reference === 'string' && REFERENCE.test(reference)) found.add(reference);
    for (const child of Object.values(part)) walk(child);
  }
}

function relinked(value: unknown, link: Link, study: string | null): unknown {
  if (Array.isArray(value)) return value.map((one) => relinked(one, link, study));
  if (typeof value !== 'object' || value === null) return value;
  const { reference } = value as r4.Reference;
  const match = typeof reference === 'string' ? REFERENCE.exec(reference) : null;
  if (!match)
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, relinked(child, link, study)]));
  const [, type, id] = match as unknown as [string, string, string];
  const { reference: _, ...rest } = value as r4.Reference;
  const target = type === 'ResearchStudy' ? study : link(type, id);
  return target === null
    ? { ...rest, type, identifier: { system: RESOURCE_ID, value: id } }
    : { reference: target, ...rest };
}
