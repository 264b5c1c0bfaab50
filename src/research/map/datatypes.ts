import { isPrimitive, propertiesOf } from './elements.ts';
import { jsonTypeOf } from './primitives.ts';

/** Datatypes that carry values and codes, nothing that names a person: these may be copied whole. */
const WHOLE = new Set(
  'Coding CodeableConcept Quantity SimpleQuantity MoneyQuantity Age Count Distance Duration Money Range Ratio Period SampledData Timing'.split(
    ' ',
  ),
);

/** Makes a copy of a value; undefined when nothing of it may pass. */
export type Copier = (value: unknown) => unknown;

/** Whether a value of the type may be copied without naming its elements. */
export function mayBeCopied(type: string): boolean {
  return isPrimitive(type) ? type !== 'xhtml' && type !== 'base64Binary' : WHOLE.has(type);
}

const copiers = new Map<string, Copier>();

/**
 * The copier of a datatype: it takes the elements that R4 gives the type, and no other. Ids, extensions and unknown
 * properties stay behind at every level.
 */
export function copierOf(type: string): Copier {
  const known = copiers.get(type);
  if (known) return known;
  const copier = isPrimitive(type) ? primitiveCopier(type) : complexCopier(type);
  copiers.set(type, copier);
  return copier;
}

function primitiveCopier(type: string): Copier {
  const json = jsonTypeOf(type);
  return (value) => (typeof value === json ? value : undefined);
}

function complexCopier(type: string): Copier {
  const parts = propertiesOf(type).map((property) => ({ key: property.key, copy: copierOf(property.type) }));
  const byKey = new Map(parts.map(({ key, copy }) => [key, copy]));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const result: Record<string, unknown> = {};
    let any = false;
    for (const key of Object.keys(value)) {
      const copy = byKey.get(key);
      const copied = copy && copyAll(copy, (value as Record<string, unknown>)[key]);
      if (copied === undefined) continue;
      result[key] = copied;
      any = true;
    }
    return any ? result : undefined;
  };
}

function copyAll(copy: Copier, value: unknown): unknown {
  if (!Array.isArray(value)) return copy(value);
  const items = value.map(copy).filter((item) => item !== undefined);
  return items.length > 0 ? items : undefined;
}
