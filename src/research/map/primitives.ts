import { isDate, isDateTime, isInstant } from '../../fhir/shape/dates.ts';

/** Types whose values are plain texts: one may stand for the other. */
const TEXTS = new Set(['string', 'code', 'id', 'uri', 'url', 'canonical', 'oid', 'uuid', 'markdown']);

/** Where a value of one type is also one of another without being changed. */
const WIDER: Record<string, readonly string[]> = {
  date: ['dateTime'],
  instant: ['dateTime'],
  positiveInt: ['unsignedInt', 'integer', 'decimal'],
  unsignedInt: ['integer', 'decimal'],
  integer: ['decimal'],
  SimpleQuantity: ['Quantity'],
  MoneyQuantity: ['Quantity'],
  Age: ['Quantity'],
  Count: ['Quantity'],
  Distance: ['Quantity'],
  Duration: ['Quantity'],
};

/** Whether any value of a type may be put where another type stands, as it is. */
export function fits(from: string, to: string): boolean {
  return from === to || (TEXTS.has(from) && TEXTS.has(to)) || (WIDER[from]?.includes(to) ?? false);
}

export function isText(type: string): boolean {
  return TEXTS.has(type);
}

/** The JSON type of a primitive's values. */
export function jsonTypeOf(type: string): 'string' | 'number' | 'boolean' {
  if (type === 'boolean') return 'boolean';
  return ['integer', 'decimal', 'positiveInt', 'unsignedInt'].includes(type) ? 'number' : 'string';
}

const LARGEST = 2_147_483_647;
const isWhole = (from: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value <= LARGEST;
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const reads = (test: (text: string) => boolean) => (value: unknown) => typeof value === 'string' && test(value);

/** What makes a value one of a type (R4, "Primitive Types"). */
const VALID: Record<string, (value: unknown) => boolean> = {
  string: matches(/\S/),
  markdown: matches(/\S/),
  code: matches(/^[^\s]+(\s[^\s]+)*$/),
  id: matches(/^[A-Za-z0-9\-.]{1,64}$/),
  uri: matches(/^\S+$/),
  url: matches(/^\S+$/),
  canonical: matches(/^\S+$/),
  oid: matches(/^urn:oid:[0-2](\.(0|[1-9]\d*))+$/),
  uuid: matches(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  integer: isWhole(-LARGEST - 1),
  unsignedInt: isWhole(0),
  positiveInt: isWhole(1),
  decimal: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  date: reads(isDate),
  dateTime: reads(isDateTime),
  instant: reads(isInstant),
  time: matches(/^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/),
};

/** Types that `cast` knows. */
export const CASTS: ReadonlySet<string> = new Set(Object.keys(VALID));

/** Whether a value is one of a primitive type. */
export function isValid(type: string, value: unknown): boolean {
  return VALID[type]?.(value) ?? false;
}

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * A primitive value as another type: texts are read, numbers and booleans written; a dateTime becomes the date as
 * written (no zone is applied), partial dates stay partial.
 * @returns undefined when the value is none of that type
 */
export function castTo(type: string, value: unknown): unknown {
  const result = converted(type, value);
  return isValid(type, result) ? result : undefined;
}

function converted(type: string, value: unknown): unknown {
  const kind = jsonTypeOf(type);
  if (kind === 'string') return type === 'date' ? String(value).slice(0, 10) : String(value);
  if (typeof value !== 'string') return value;
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined;
  return NUMBER.test(value) ? Number(value) : undefined;
}
