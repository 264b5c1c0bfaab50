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
  compile(rule: ElementRule) {
    const validate: SchemaValidateFunction = (data: Record<string, unknown>) => {
      const fault = faultOf(rule, data);
      if (!fault) return true;
      validate.errors = [{ keyword: 'fhirElement', params: fault } as Partial<ErrorObject>];
      return false;
    };
    return validate;
  },
};

function faultOf(rule: ElementRule, data: Record<string, unknown>): ElementFault | null {
  const given = (name: string) => Object.hasOwn(data, name) || Object.hasOwn(data, `_${name}`);
  for (const { name, names } of rule.required) {
    if (!names.some(given))
      return { element: name, message: 'The element is required in R4 and missing. Add it at the source.' };
  }
  for (const { stem, names } of rule.choices) {
    if (names.filter(given).length > 1) {
      return { element: stem, message: 'The element has two values of different types. Leave one of them out.' };
    }
  }
  const { start, end } = data;
  if (rule.period && typeof start === 'string' && typeof end === 'string' && endsBeforeStart(start, end)) {
    return { element: null, message: 'The period ends before it starts. Correct it at the source.' };
  }
  return null;
}
