import { elementTypes, model } from './fhirpath/paths.ts';

/** A JSON property of a type: the element it belongs to (`value` for `valueQuantity`) and the type of its values. */
export interface Property {
  element: string;
  type: string;
}

const known = new Map<string, Property | null>();

/**
 * The element of R4 behind a JSON property; backbone elements are types named by their path. Null when R4 has none,
 * and for the properties of primitives (`_birthDate`).
 */
export function propertyOf(type: string, key: string): Property | null {
  const name = `${type} ${key}`;
  let found = known.get(name);
  if (found === undefined) {
    found = find(type, key);
    known.set(name, found);
  }
  return found;
}

/** Whether an element has values of several types (`value[x]`). */
export function isChoice(type: string, element: string): boolean {
  for (let at: string | undefined = type; at; at = model.type2Parent[at]) {
    if (`${at}.${element}` in model.choiceTypePaths) return true;
  }
  return false;
}

function find(type: string, key: string): Property | null {
  for (const { index } of key.matchAll(/[A-Z]/g)) {
    const [element, suffix] = [key.slice(0, index), key.slice(index)];
    const chosen = isChoice(type, element)
      ? elementTypes(type, element)?.find((one) => one.charAt(0).toUpperCase() + one.slice(1) === suffix)
      : undefined;
    if (chosen) return { element, type: chosen };
  }
  const types = isChoice(type, key) ? null : elementTypes(type, key);
  return types && { element: key, type: types[0]! };
}
