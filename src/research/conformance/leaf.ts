import { type CodeSet, wholeText } from './code-set.ts';
import { type ElementDefinition, REGEX } from './definition.ts';
import type { ConformanceCode } from './fault.ts';

/** What a primitive value must be; gives the code of the fault, or null. */
export type Leaf = (value: unknown) => ConformanceCode | null;

/** Types whose values could carry anything, a name too. Numbers, booleans and dates cannot. */
const TEXTS = new Set('base64Binary canonical code id markdown oid string uri url uuid xhtml'.split(' '));

/** R4 demands a time zone with a time (datatypes.html#dateTime); hospitals are forgiven, what leaves is not. */
const ZONED = /^[^T]+$|(Z|[+-]\d\d:\d\d)$/;

/**
 * Derives what a primitive element lets pass: fixed value, form (extension regex), bound codes, least and largest value.
 * A text that none of them limits is free text and a mistake of the profile; codes that R4 enumerates are seen to by
 * the shape check.
 */
export function leafOf(
  element: ElementDefinition,
  type: string,
  bound: CodeSet | null,
  report: (message: string) => void,
): Leaf {
  // Of a choice that is bound, only the texts are codes.
  const codes = TEXTS.has(type) ? bound : null;
  const values = element as unknown as Record<string, unknown>;
  const fixedKey = Object.keys(values).find((key) => key.startsWith('fixed'));
  const fixed = fixedKey === undefined ? undefined : values[fixedKey];
  const form = element.extension?.find(({ url }) => url === REGEX)?.valueString;
  const pattern = form === undefined ? null : wholeText(form, report);
  const timed = type === 'dateTime' || type === 'instant' ? ZONED : null;
  const least = numberAt(values, 'minValue');
  const largest = numberAt(values, 'maxValue');
  if (TEXTS.has(type) && fixed === undefined && !pattern && !codes && !enumerated(element, type)) {
    report(
      'A text needs a fixed value, a required binding, or its form in the extension regex: free text does not pass.',
    );
  }
  return (value) => {
    if (typeof value === 'object') return 'element';
    if (timed && !timed.test(String(value))) return 'value';
    if (fixed !== undefined && value !== fixed) return 'value';
    if (pattern && !(typeof value === 'string' && pattern.test(value))) return 'text';
    if (codes && !codes.hasCode(value)) return 'code';
    if (least !== null && !(typeof value === 'number' && value >= least)) return 'value';
    if (largest !== null && !(typeof value === 'number' && value <= largest)) return 'value';
    return null;
  };
}

/** Bound to a list of R4's own, which the JSON schema enumerates. */
function enumerated({ binding }: ElementDefinition, type: string): boolean {
  return (
    type === 'code' &&
    binding?.strength === 'required' &&
    /^http:\/\/hl7\.org\/fhir\/ValueSet\//.test(binding.valueSet ?? '')
  );
}

function numberAt(values: Record<string, unknown>, prefix: string): number | null {
  const key = Object.keys(values).find((name) => name.startsWith(prefix));
  const value = key === undefined ? null : values[key];
  return typeof value === 'number' ? value : null;
}
