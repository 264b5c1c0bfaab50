import { propertyOf } from '../fhir/property.ts';
import { type Allowed, NEVER_TYPES } from './elements.ts';

/** Objects of one type at one place of a resource. What becomes of their properties is found out once, as they are met. */
export interface Place {
  type: string;
  allowed: Allowed;
  /** As it is told of what does not pass. */
  path: string;
  steps: Map<string, Step>;
}

/** What becomes of one property; `name` is what says which resource it is, and neither passes nor is missed. */
export interface Step {
  what: 'name' | 'element-not-agreed' | 'text' | 'reference' | 'identifier' | Kind;
  path: string;
  /** Type of the values. */
  type: string;
  /** Where an object of it stands; null where there is none. */
  place: Place | null;
}

type Kind = 'object' | 'date' | 'plain';

/** What stands below an element that passes as a whole, and what was named itself. */
const BELOW: Allowed = { whole: true, children: new Map(), extensions: new Set(), modifierExtensions: new Set() };
const NAMED: Allowed = { ...BELOW };

const DATES = new Set(['date', 'dateTime', 'instant', 'time']);
const roots = new WeakMap<Allowed, Place>();

/** The place of whole resources of a type. @param allowed of that type */
export function rootOf(type: string, allowed: Allowed): Place {
  const known = roots.get(allowed);
  if (known) return known;
  const place = placeOf(type, allowed, type);
  kept(place, 'id', stepTo('name', '', allowed, `${type}.id`));
  roots.set(allowed, place);
  return place;
}

/** What becomes of an element. */
export function elementStep(place: Place, key: string): Step {
  return place.steps.get(key) ?? kept(place, key, elementFound(place, key));
}

/** What becomes of extensions: their `path` and `place` are those of each. @param key `extension` or `modifierExtension` */
export function extensionStep(place: Place, key: string): Step {
  return place.steps.get(key) ?? kept(place, key, stepTo('object', 'Extension', NAMED, `${place.path}.${key}`));
}

/** What becomes of the value of an extension that was named: it passes with all it holds. */
export function valueStep(place: Place, key: string): Step {
  return place.steps.get(key) ?? kept(place, key, valueFound(place, key));
}

function elementFound({ type, allowed, path }: Place, key: string): Step {
  if (key === 'resourceType') return stepTo('name', '', BELOW, path);
  const property = key === 'id' ? null : propertyOf(type, key);
  const child = property && (allowed.children.get(property.element) ?? (allowed.whole ? BELOW : null));
  const at = `${path}.${property?.element ?? key}`;
  if (!property || !child || isNever(property.type)) return stepTo('element-not-agreed', '', BELOW, at);
  if (type === 'Reference' && key === 'reference') return stepTo('reference', property.type, child, at);
  if (type === 'Identifier' && key === 'value') return stepTo('identifier', property.type, child, at);
  // A choice was named for its other types.
  if (property.type === 'string' && (child === BELOW || key !== property.element))
    return stepTo('text', property.type, child, at);
  return stepTo(kindOf(property.type), property.type, child, at);
}

function valueFound({ path }: Place, key: string): Step {
  const property = key.startsWith('value') ? propertyOf('Extension', key) : null;
  if (!property || isNever(property.type)) return stepTo('element-not-agreed', '', NAMED, path);
  return stepTo(kindOf(property.type), property.type, NAMED, path);
}

function stepTo(what: Step['what'], type: string, allowed: Allowed, path: string): Step {
  return { what, path, type, place: what === 'object' ? placeOf(type, allowed, path) : null };
}

function placeOf(type: string, allowed: Allowed, path: string): Place {
  return { type, allowed, path, steps: new Map() };
}

function kept(place: Place, key: string, step: Step): Step {
  place.steps.set(key, step);
  return step;
}

/** An age is told as the agreement says, and nowhere else. */
function isNever(type: string): boolean {
  return NEVER_TYPES.has(type) || type === 'Age';
}

function kindOf(type: string): Kind {
  return /^[A-Z]/.test(type) ? 'object' : DATES.has(type) ? 'date' : 'plain';
}
