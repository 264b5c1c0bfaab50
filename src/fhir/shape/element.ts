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
  return {
    required: required.map(({ name, names }) => ({ name, halves: halves(names) })),
    choices: choices.map(({ stem, names }) => ({ stem, halves: halves(names) })),
    period,
  };
}

function faultOf(rule: ReturnType<typeof prepared>, data: Record<string, unknown>): ElementFault | null {
  const given = ([name, other]: readonly [string, string]) => Object.hasOwn(data, name) || Object.hasOwn(data, other);
  for (const { name, halves } of rule.required) {
    if (!halves.some(given))
      return { element: name, message: 'The element is required in R4 and missing. Add it at the source.' };
  }
  for (const { stem, halves } of rule.choices) {
    let values = 0;
    for (const one of halves) if (given(one)) values++;
    if (values > 1) {
      return { element: stem, message: 'The element has two values of different types. Leave one of them out.' };
    }
  }
  const { start, end } = data;
  if (rule.period && typeof start === 'string' && typeof end === 'string' && endsBeforeStart(start, end)) {
    return { element: null, message: 'The period ends before it starts. Correct it at the source.' };
  }
  return null;
}
