import { propertyOf } from '../fhir/property.ts';
import { type Allowed, NEVER_TYPES } from './elements.ts';

/** How single values are changed on their way out; null lets nothing pass. */
export interface Changes {
  date(text: string, type: string): string | null;
  reference(text: string): string | null;
  identifier(system: string, value: string): string | null;
}

export type DroppedReason =
  | 'element-not-agreed'
  | 'extension-not-agreed'
  | 'modifier-not-agreed'
  | 'target-not-agreed'
  | 'text'
  | 'date-not-shown';
/** Told of everything that does not pass: why, and the path of the element. */
export type Dropped = (reason: DroppedReason, path: string) => void;

export type Json = Record<string, unknown>;

/** What stands below an element that passes as a whole, and what was named itself. */
const BELOW: Allowed = { whole: true, children: new Map(), extensions: new Set(), modifierExtensions: new Set() };
const NAMED: Allowed = { ...BELOW };

const DATES = new Set(['date', 'dateTime', 'instant', 'time']);

/**
 * Makes the function that gives what may pass of an object of a type, null when nothing may. References, identifiers and
 * dates are changed; text passes only where its own path is named; ids of elements and extensions of primitives never;
 * an object with a modifier that is not agreed not at all, since the rest would say something else.
 */
export function createPruning(changes: Changes, dropped: Dropped) {
  function object(value: Json, type: string, allowed: Allowed, path: string): Json | null {
    if (hasUnknownModifier(value, allowed)) return drop('modifier-not-agreed', path);
    const left: Json = {};
    for (const [key, given] of Object.entries(value)) {
      if (key === 'resourceType' || given === null || given === undefined) continue;
      const passing =
        key === 'extension' || key === 'modifierExtension'
          ? list(given, (one) => extension(one, allowed[`${key}s`], `${path}.${key}`))
          : element(key, given, value, type, allowed, path);
      if (passing !== null) left[key] = passing;
    }
    // Without its target a reference would still tell its type.
    if (type === 'Reference' && value.reference !== undefined && left.reference === undefined) return null;
    return Object.keys(left).length > 0 ? left : null;
  }

  function element(key: string, given: unknown, owner: Json, type: string, allowed: Allowed, path: string): unknown {
    const property = key === 'id' ? null : propertyOf(type, key);
    const child = property && (allowed.children.get(property.element) ?? (allowed.whole ? BELOW : null));
    const at = `${path}.${property?.element ?? key}`;
    if (!property || !child || isNever(property.type)) return drop('element-not-agreed', at);
    if (type === 'Reference' && key === 'reference')
      return changes.reference(String(given)) ?? drop('target-not-agreed', at);
    if (type === 'Identifier' && key === 'value') return changes.identifier(String(owner.system ?? ''), String(given));
    // A choice was named for its other types.
    if (property.type === 'string' && (child === BELOW || key !== property.element)) return drop('text', at);
    return Array.isArray(given)
      ? list(given, (one) => single(one, property.type, child, at))
      : single(given, property.type, child, at);
  }

  function single(value: unknown, type: string, allowed: Allowed, path: string): unknown {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject !== !isPrimitive(type)) return drop('element-not-agreed', path);
    if (isObject) return object(value as Json, type, allowed, path);
    if (typeof value === 'object') return drop('element-not-agreed', path);
    return DATES.has(type) ? (changes.date(String(value), type) ?? drop('date-not-shown', path)) : value;
  }

  /** One that is named passes with all it holds. */
  function extension(given: unknown, urls: ReadonlySet<string> | null, path: string): Json | null {
    const { url, extension: nested, ...rest } = (given ?? {}) as Json;
    if (typeof url !== 'string' || (urls && !urls.has(url)))
      return drop('extension-not-agreed', `${path}(${nameOf(url)})`);
    const inner = list(nested ?? [], (one) => extension(one, null, path));
    const left: Json = { url, ...(inner ? { extension: inner } : {}) };
    for (const [key, value] of Object.entries(rest)) {
      const property = key.startsWith('value') ? propertyOf('Extension', key) : null;
      const passing =
        property && !isNever(property.type)
          ? single(value, property.type, NAMED, path)
          : drop('element-not-agreed', path);
      if (passing !== null) left[key] = passing;
    }
    return Object.keys(left).length > 1 ? left : null;
  }

  function drop(reason: DroppedReason, path: string): null {
    dropped(reason, path);
    return null;
  }

  return object;
}

/** Whether something changes the meaning in a way that may not be told. */
export function hasUnknownModifier(value: Json, allowed: Allowed): boolean {
  if (value.implicitRules !== undefined) return true;
  const modifiers = value.modifierExtension;
  if (modifiers === undefined) return false;
  return !Array.isArray(modifiers) || modifiers.some((one) => !allowed.modifierExtensions.has(String(one?.url)));
}

/** The last part of an url, as far as it is a name. */
function nameOf(url: unknown): string {
  return /[A-Za-z][A-Za-z0-9-]{0,60}$/.exec(String(url))?.[0] ?? '?';
}

/** An age is told as the agreement says, and nowhere else. */
function isNever(type: string): boolean {
  return NEVER_TYPES.has(type) || type === 'Age';
}

function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

function list(given: unknown, one: (item: unknown) => unknown): unknown[] | null {
  const left = Array.isArray(given) ? given.map(one).filter((item) => item !== null) : [];
  return left.length > 0 ? left : null;
}
