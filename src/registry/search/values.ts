import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { type Span, spanOf, spanOfPeriod } from '../../fhir/time.ts';

/** Every value at a path of elements, lists laid flat. */
export function valuesAt(resource: FhirResource, path: string): unknown[] {
  let values: unknown[] = [resource];
  for (const name of path.split('.')) {
    values = values
      .flatMap((value) => (value as Record<string, unknown>)[name] ?? [])
      .filter((value) => value !== null && value !== undefined);
  }
  return values;
}

/** A code with its system, as search compares it; the system of a plain `code` is not told by the element. */
export interface Token {
  system: string | null;
  code: string;
  /** An element of type code or boolean: any system that is named fits. */
  plain: boolean;
}

/** The tokens of a value: code, boolean, Coding, CodeableConcept, Identifier. */
export function tokensOf(value: unknown): Token[] {
  if (typeof value === 'string' || typeof value === 'boolean')
    return [{ system: null, code: String(value), plain: true }];
  if (typeof value !== 'object' || value === null) return [];
  const { coding, system, code, value: identified } = value as r4.CodeableConcept & r4.Coding & r4.Identifier;
  if (Array.isArray(coding)) return coding.flatMap(tokensOf);
  const told = code ?? identified;
  return told === undefined ? [] : [{ system: system ?? null, code: told, plain: false }];
}

/** The stretch of time of a value: date, dateTime, instant or Period. */
export function spansOf(value: unknown, zone: string): Span[] {
  const span =
    typeof value === 'string'
      ? spanOf(value, zone)
      : typeof value === 'object' && value !== null
        ? spanOfPeriod(value as r4.Period, zone)
        : null;
  return span ? [span] : [];
}

/** `Type/id` of a value: a Reference. */
export function referencesOf(value: unknown): string[] {
  const reference = (value as r4.Reference).reference;
  return typeof reference === 'string' ? [reference] : [];
}
