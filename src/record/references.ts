import { isUnder, readReference } from '../fhir/reference.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';

/** What is needed to follow references of one arrival. */
export interface ReferenceContext {
  /** Base URL of the hospital's FHIR server. */
  fhirBase: string;
  /** `fullUrl` → `Type/id` of the Bundle it came in. */
  fullUrls: ReadonlyMap<string, string>;
  /** fullUrl of the entry: relative references are relative to its server. */
  fullUrl: string | null;
  /** Makes the alias under which an identifier is looked up: a keyed hash, so that none stands in the store. */
  identifierAlias(system: string, value: string): string;
  /** The same for a `urn:`. */
  urnAlias(urn: string): string;
  /** Identifier systems in the order in which they are trusted to name one person. */
  identifierSystems: readonly string[];
}

/** Where a reference leads: `Type/id` at this hospital, an alias that a Patient may turn out to have, or nowhere. */
export type Followed =
  | { kind: 'local'; reference: string }
  | { kind: 'alias'; alias: string }
  | { kind: 'contained'; id: string }
  | { kind: 'foreign' }
  | { kind: 'nowhere' };

/** Follows one reference (FHIR R4, "References between Resources", and Bundle "Resolving references in Bundles"). */
export function follow(reference: r4.Reference, context: ReferenceContext): Followed {
  const text = reference.reference;
  if (!text) {
    const { system, value } = reference.identifier ?? {};
    return value ? { kind: 'alias', alias: context.identifierAlias(system ?? '', value) } : { kind: 'nowhere' };
  }
  const inBundle = context.fullUrls.get(text) ?? context.fullUrls.get(text.replace(/\/_history\/[^/]+$/, ''));
  if (inBundle) return { kind: 'local', reference: inBundle };
  const target = readReference(text);
  switch (target.kind) {
    case 'relative':
      return { kind: 'local', reference: `${target.type}/${target.id}` };
    case 'absolute': {
      const own =
        isUnder(target.base, context.fhirBase) || (context.fullUrl !== null && isUnder(context.fullUrl, target.base));
      return own ? { kind: 'local', reference: `${target.type}/${target.id}` } : { kind: 'foreign' };
    }
    case 'urn':
      return { kind: 'alias', alias: context.urnAlias(target.urn) };
    case 'contained':
      return { kind: 'contained', id: target.id };
    case 'conditional': {
      const [system, value] = (target.query.get('identifier') ?? '').split('|');
      return value ? { kind: 'alias', alias: context.identifierAlias(system ?? '', value) } : { kind: 'nowhere' };
    }
    default:
      return { kind: 'nowhere' };
  }
}

/**
 * Rewrites every reference of a resource into the form the record uses: `Type/id`, `?alias`, `#contained`; others go.
 * Names that stand beside references go with them, and so do extensions: nothing in screening asks for either.
 */
export function rewriteReferences(resource: FhirResource, context: ReferenceContext): FhirResource {
  function rewrite(value: unknown, name: string): unknown {
    if (Array.isArray(value)) return value.map((item) => rewrite(item, name));
    if (typeof value !== 'object' || value === null) return value;
    const element = value as Record<string, unknown>;
    if (isReference(element, name)) return referenceOf(element as r4.Reference);
    const kept = Object.entries(element).filter(([key]) => isKept(key, name));
    return Object.fromEntries(kept.map(([key, item]) => [key, rewrite(item, key)]));
  }
  function referenceOf(reference: r4.Reference): r4.Reference {
    const followed = follow(reference, context);
    if (followed.kind === 'local') return { reference: followed.reference };
    if (followed.kind === 'alias') return { reference: `?${followed.alias}` };
    if (followed.kind !== 'contained') return {};
    const alias = containedAlias(resource, followed.id, context);
    return { reference: alias ? `?${alias}` : `#${followed.id}` };
  }
  /** Of extensions only those of an adverse event (seriousness criteria) and of a stay (its planned end). */
  function isKept(key: string, of: string): boolean {
    if (key.startsWith('_')) return false;
    return !/^(modifierE|e)xtension$/.test(key) || (EXTENDED.has(resource.resourceType) && /^$|xtension$/.test(of));
  }
  return rewrite(resource, '') as FhirResource;
}

const EXTENDED = new Set(['AdverseEvent', 'Encounter']);

/** The alias of a contained Patient: by the identifier most trusted to name one person. */
export function containedAlias(resource: FhirResource, id: string, context: ReferenceContext): string | null {
  const contained = ((resource.contained ?? []) as FhirResource[]).find((one) => one.id === id);
  if (contained?.resourceType !== 'Patient') return null;
  const identifiers = ((contained.identifier ?? []) as r4.Identifier[]).filter(({ value }) => value);
  const rank = (identifier: r4.Identifier) => {
    const position = context.identifierSystems.indexOf(identifier.system ?? '');
    return position < 0 ? Infinity : position;
  };
  const best = identifiers.sort((a, b) => rank(a) - rank(b))[0];
  return best?.value ? context.identifierAlias(best.system ?? '', best.value) : null;
}

/** A Reference is told by what it carries: a literal reference, an identifier and no code, or a name alone. */
function isReference(element: Record<string, unknown>, name: string): boolean {
  if ('resourceType' in element || name === 'coding' || name.endsWith('Coding')) return false;
  if (typeof element.reference === 'string') return true;
  const keys = Object.keys(element).filter((key) => !/^(id|extension|type|display|identifier)$/.test(key));
  if (keys.length > 0) return false;
  const { identifier, display } = element;
  return (
    (typeof identifier === 'object' && identifier !== null && !Array.isArray(identifier)) || typeof display === 'string'
  );
}
