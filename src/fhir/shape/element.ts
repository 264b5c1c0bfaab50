import type { ErrorObject, FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';
import { endsBeforeStart } from './dates.ts';
import type { ElementRule } from './schema.ts';

/** What `fhirElement` says of a fault: the element, below where it was found, and a sentence. */
export interface ElementFault {
  element: string | null;
  message: string;
}

/** Keyword of ours for JSON schema: required primitives and choices, one value of a choice, the order of a Period. */
export const FHIR_ELEMENT: FuncKeywordDefinition = {
  keyword: 'fhirElement',
  type: 'object',
  schemaType: 'object',
  errors: true,
  compile(given: ElementRule) {
    const rule = prepared(given);
    const validate: SchemaValidateFunction = (data: Record<string, unknown>) => {
      const fault = faultOf(rule, data);
      if (!fault) return true;
      validate.errors = [{ keyword: 'fhirElement', params: fault } as Partial<ErrorObject>];
      return false;
    };
    return validate;
  },
};

/** A rule with both halves of each name: an element may have extensions only (`_name`). */
function prepared({ required, choices, period }: ElementRule) {
  const halves = (names: readonly string[]) => names.map((name) => [name, `_${name}`] as const);
  const choiceOf = new Map<string, { name: string; stem: string }>();
  for (const { stem, names } of choices) {
    for (const [name, other] of halves(names)) choiceOf.set(name, { name, stem }).set(other, { name, stem });
  }
  return { required: required.map(({ name, names }) => ({ name, halves: halves(names) })), choiceOf, period };
}

/** The element of which two values are given. */
function givenTwice(
  choiceOf: ReadonlyMap<string, { name: string; stem: string }>,
  data: Record<string, unknown>,
): string | null {
  let first: Record<string, string> | null = null;
  for (const key of Object.keys(data)) {
    const choice = choiceOf.get(key);
    if (choice === undefined) continue;
    const { name, stem } = choice;
    first ??= {};
    first[stem] ??= name;
    if (first[stem] !== name) return stem;
  }
  return null;
}

function faultOf(rule: ReturnType<typeof prepared>, data: Record<string, unknown>): ElementFault | null {
  const given = ([name, other]: readonly [string, string]) => Object.hasOwn(data, name) || Object.hasOwn(data, other);
  for (const { name, halves } of rule.required) {
    if (!halves.some(given))
      return { element: name, message: 'The element is required in R4 and missing. Add it at the source.' };
  }
  const twice = rule.choiceOf.size > 0 ? givenTwice(rule.choiceOf, data) : null;
  if (twice !== null)
    return { element: twice, message: 'The element has two values of different types. Leave one of them out.' };
  const { start, end } = data;
  if (rule.period && typeof start === 'string' && typeof end === 'string' && endsBeforeStart(start, end)) {
    return { element: null, message: 'The period ends before it starts. Correct it at the source.' };
  }
  return null;
}
