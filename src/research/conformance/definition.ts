import type { r4 } from '../../fhir/resource.ts';

/** Canonical base of the gateway's own profiles and extensions. */
export const PROFILE_BASE = 'https://study-gateway.example/StructureDefinition/';

/** R4 core extension: the form of a text, as a regular expression over the whole of it (ElementDefinition). */
export const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex';

/** Extension of ours on ValueSet.compose.include: the form of the codes where a whole system is meant. */
export const CODE_FORM = `${PROFILE_BASE}code-form`;

export type Definition = r4.StructureDefinition;
export type ElementDefinition = r4.ElementDefinition;
export type ElementType = r4.ElementDefinitionType;

/** A definition with its snapshot. */
export interface Expanded extends Definition {
  snapshot: r4.StructureDefinitionSnapshot;
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** `http://hl7.org/fhir/StructureDefinition/Patient` → `Patient`; null for anything else. */
export function coreType(url: string): string | null {
  return url.startsWith(CORE) ? url.slice(CORE.length) : null;
}

/** The code of a type as R4 names it: `id` and `url` of elements are FHIRPath strings in the definitions. */
export function typeName({ code }: ElementType): string {
  return code.startsWith('http://hl7.org/fhirpath/System.') ? 'string' : code;
}

/** Primitive types begin with a small letter (FHIR R4, datatypes.html); `xhtml` is one of them. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/** The JSON name of an element for one of its types: `value[x]` and `dateTime` → `valueDateTime`. */
export function jsonName(element: string, type: string): string {
  return element.endsWith('[x]') ? element.slice(0, -3) + type.charAt(0).toUpperCase() + type.slice(1) : element;
}
