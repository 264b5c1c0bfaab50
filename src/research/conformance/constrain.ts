import { type ElementDefinition, typeName } from './definition.ts';
import type { Report } from './snapshot.ts';

/** What of an ElementDefinition is read; the rest would look like a limit and be none. */
const READ = /^(id|path|short|definition|comment|mustSupport|sliceName|min|max|type|binding|constraint|extension)$/;
const PRIMITIVE_LIMIT = /^(fixed|minValue|maxValue)[A-Z]/;

/**
 * Puts what a differential says of an element over what the base says.
 * @param report told of everything that is wider than the base, or not read
 */
export function constrain(element: ElementDefinition, by: ElementDefinition, report: Report): void {
  for (const [key, value] of Object.entries(by)) {
    const limits =
      PRIMITIVE_LIMIT.test(key) && (key.startsWith('fixed') ? typeof value !== 'object' : typeof value === 'number');
    if (!READ.test(key) && !limits)
      report(by.id ?? '', `${key} is not read here. Use a binding, a form or fixed values inside.`);
  }
  if (by.binding && (by.binding.strength !== 'required' || by.binding.valueSet?.startsWith('http://hl7.org/'))) {
    report(by.id ?? '', 'Bind the element as required, to a ValueSet of the profiles.');
  }
  const { id = '', path: _, type, constraint, min = element.min, max = element.max, ...rest } = by;
  if ((min ?? 0) < (element.min ?? 0) || limit(max) > limit(element.max)) {
    report(id, `The cardinality must lie within ${element.min}..${element.max}.`);
  }
  const wrong = type?.find((one) => !element.type?.some((known) => typeName(known) === typeName(one)));
  if (wrong) report(id, `R4 does not have the type "${wrong.code}" here.`);
  Object.assign(element, rest, { min, max });
  if (type) element.type = type;
  if (constraint) element.constraint = [...(element.constraint ?? []), ...constraint];
}

/** A cardinality's upper end as a number. */
export function limit(max: string | undefined): number {
  return max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max);
}
