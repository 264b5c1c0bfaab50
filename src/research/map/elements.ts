import { elementTypes, isType, model } from '../../fhir/fhirpath/paths.ts';
import { R4_TYPES } from '../../fhir/shape/types.ts';

/** One type an element may have, and the JSON property that then holds it (`value` of type Quantity: valueQuantity). */
export interface ElementForm {
  type: string;
  key: string;
}

/** An element of a type, as R4 defines it. */
export interface ElementDefinition {
  name: string;
  repeats: boolean;
  choice: boolean;
  forms: readonly ElementForm[];
}

/** Elements defined elsewhere that the model of fhirpath.js forgets to call repeating (R4, Consent). */
const REPEATING_ELSEWHERE = new Set(['Consent.provision.provision']);

const repeating = (model as unknown as { path2Repeating: Record<string, boolean> }).path2Repeating;

/**
 * Finds an element of a type (a backbone element's type is its path); null when R4 has none of this name.
 * A choice has the name without the type: `value`, not `valueQuantity`.
 */
export function elementOf(type: string, name: string): ElementDefinition | null {
  if (isPrimitive(type)) {
    return name === 'value' ? { name, repeats: false, choice: false, forms: [{ type, key: 'value' }] } : null;
  }
  const types = elementTypes(type, name);
  const path = types && definingPath(type, name);
  if (!types || !path || choiceForm(type, name).length > 0) return null;
  const choice = path in model.choiceTypePaths;
  const forms = types.map((each) => ({
    type: each,
    key: choice ? name + each.charAt(0).toUpperCase() + each.slice(1) : name,
  }));
  const elsewhere = model.pathsDefinedElsewhere[path];
  return {
    name,
    repeats:
      repeating[path] === true || REPEATING_ELSEWHERE.has(path) || (elsewhere ? repeating[elsewhere] === true : false),
    choice,
    forms,
  };
}

/** The form of a choice element that a JSON property stands for: `valueQuantity` is `value` of type Quantity. */
export function choiceForm(type: string, key: string): readonly ElementForm[] {
  const stems = [...key.matchAll(/[A-Z]/g)].map((match) => key.slice(0, match.index));
  return stems
    .flatMap((stem) => elementOf(type, stem) ?? [])
    .filter((definition) => definition.choice)
    .flatMap((definition) => definition.forms.filter((form) => form.key === key));
}

/** The path under which the model keeps an element: that of the type or of one it inherits from. */
function definingPath(type: string, name: string): string | null {
  for (let at: string | undefined = type; at; at = parentOf(at)) {
    const path = `${at}.${name}`;
    if (path in model.path2Type || path in model.choiceTypePaths || path in model.pathsDefinedElsewhere) return path;
  }
  return null;
}

/** The type a type specialises; of a backbone element, BackboneElement. */
export function parentOf(type: string): string | undefined {
  return type.includes('.') ? 'BackboneElement' : model.type2Parent[type];
}

/** Whether `type` is `general` or one of its specialisations. */
export function isKindOf(type: string, general: string): boolean {
  for (let at: string | undefined = type; at; at = parentOf(at)) if (at === general) return true;
  return false;
}

/** Whether R4 has a datatype, primitive or resource of this name. */
export function isKnownType(name: string): boolean {
  return isType(name);
}

export function isResource(type: string): boolean {
  return R4_TYPES.has(type) || type === 'Resource' || type === 'DomainResource';
}

/** A resource type of which there are instances. */
export function isConcreteResource(type: string): boolean {
  return R4_TYPES.has(type);
}

/** R4's primitive types are those with a lower-case name. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/**
 * Of which resources an element holds ids of the hospital: a type for `Patient.id`, `*` for any (`Reference.reference`),
 * null when it holds none.
 */
export function idsOf(type: string, element: string): string | null {
  if (element === 'id' && isResource(type)) return type;
  return type === 'Reference' && element === 'reference' ? '*' : null;
}

/** The paths of the model by the type or backbone element they lie right under. */
const pathsUnder = Map.groupBy(Object.keys(model.path2Type), (path) =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'))),
);

/** The JSON properties of a datatype with their types, `id` and extensions left out. */
export function propertiesOf(type: string): { key: string; type: string }[] {
  for (let at: string | undefined = type; at; at = parentOf(at)) {
    const own = pathsUnder.get(at);
    if (!own) continue;
    return own
      .map((path) => ({ key: path.slice(at!.length + 1), path }))
      .filter(({ key }) => !['id', 'extension', 'modifierExtension'].includes(key))
      .map(({ key, path }) => ({ key, type: typeAt(path) }));
  }
  return [];
}

function typeAt(path: string): string {
  const type = model.path2Type[path]!;
  if (type === 'BackboneElement' || type === 'Element') return path;
  return type.replace(/^System\.(.)/, (_, first: string) => first.toLowerCase());
}
