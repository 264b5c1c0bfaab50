import { elementTypes, model } from '../fhirpath/paths.ts';
import type { Steps } from './content.ts';

/** What may be shown of a key that is not FHIR's: names of elements, not texts somebody used as a key. */
const ELEMENT_NAME = /^_?[a-z][A-Za-z]{0,40}$/;

/**
 * FHIRPath to a place in a resource, as OperationOutcome.issue.expression has it: `Condition.code.coding[0].system`,
 * `Observation.value.ofType(Quantity).code`, `Patient.birthDate.extension[0]` (for `_birthDate`).
 * @param type resource type or datatype at the root, @param at keys and indexes of the JSON
 */
export function expressionOf(type: string, at: Steps): string {
  let expression = type;
  let base: string | null = type;
  for (const step of at) {
    if (typeof step === 'number') {
      expression += `[${step}]`;
      continue;
    }
    const element = step.startsWith('_') ? step.slice(1) : step;
    // Also the JSON names of choices are paths to fhirpath.js, so they are looked for first.
    const choice: Choice | null = base === null ? null : choiceOf(base, element);
    const types: string[] | null = base === null ? null : elementTypes(base, element);
    // What lies behind a key that is no element's name is not shown.
    if (!choice && !ELEMENT_NAME.test(step)) return expression;
    expression += choice ? `.${choice.stem}.ofType(${choice.type})` : `.${element}`;
    base = step.startsWith('_') ? 'Element' : (choice?.type ?? types?.[0] ?? null);
  }
  return expression;
}

/** All the JSON names of each choice element below a path: `[['valueQuantity', 'valueString', …], …]`. */
export function choicesOf(path: string): { stem: string; names: string[] }[] {
  return (choices.get(path) ?? []).map(({ stem, types }) => ({ stem, names: types.map((type) => stem + type) }));
}

interface Choice {
  stem: string;
  type: string;
}

function choiceOf(path: string, name: string): Choice | null {
  for (const { stem, types } of choices.get(path) ?? []) {
    if (!types.some((type) => stem + type === name)) continue;
    return { stem, type: elementTypes(path, stem)?.[types.findIndex((type) => stem + type === name)] ?? 'Element' };
  }
  return null;
}

const choices = new Map<string, { stem: string; types: string[] }[]>();
for (const [path, types] of Object.entries(model.choiceTypePaths)) {
  const dot = path.lastIndexOf('.');
  const parent = path.slice(0, dot);
  choices.set(parent, [...(choices.get(parent) ?? []), { stem: path.slice(dot + 1), types }]);
}
