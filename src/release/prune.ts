import type { Allowed } from './elements.ts';
import { elementStep, extensionStep, type Place, rootOf, type Step, valueStep } from './places.ts';

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

/**
 * Makes the function that gives what may pass of a resource of a type, null when nothing may. References, identifiers and
 * dates are changed; text passes only where its own path is named; ids of elements and extensions of primitives never;
 * an object with a modifier that is not agreed not at all, since the rest would say something else.
 */
export function createPruning(changes: Changes, dropped: Dropped) {
  function object(value: Json, place: Place): Json | null {
    const { type, allowed } = place;
    if (hasUnknownModifier(value, allowed)) return drop('modifier-not-agreed', place.path);
    const left: Json = {};
    let some = false;
    for (const key in value) {
      const given = value[key];
      if (given === null || given === undefined) continue;
      const passing =
        key === 'extension' || key === 'modifierExtension'
          ? extensions(given, allowed[`${key}s`], extensionStep(place, key))
          : element(given, value, elementStep(place, key));
      if (passing === null) continue;
      left[key] = passing;
      some = true;
    }
    // Without its target a reference would still tell its type.
    if (type === 'Reference' && value.reference !== undefined && left.reference === undefined) return null;
    return some ? left : null;
  }

  function element(given: unknown, owner: Json, step: Step): unknown {
    const { what, path } = step;
    if (what === 'name') return null;
    if (what === 'element-not-agreed' || what === 'text') return drop(what, path);
    if (what === 'reference') return changes.reference(String(given)) ?? drop('target-not-agreed', path);
    if (what === 'identifier') return changes.identifier(String(owner.system ?? ''), String(given));
    return Array.isArray(given) ? list(given, (one) => single(one, step)) : single(given, step);
  }

  function single(value: unknown, { what, type, place, path }: Step): unknown {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject !== (what === 'object') || (typeof value === 'object' && !isObject))
      return drop('element-not-agreed', path);
    if (isObject) return object(value as Json, place!);
    return what === 'date' ? (changes.date(String(value), type) ?? drop('date-not-shown', path)) : value;
  }

  function extensions(given: unknown, urls: ReadonlySet<string> | null, step: Step): unknown[] | null {
    return list(given, (one) => extension(one, urls, step));
  }

  /** One that is named passes with all it holds. */
  function extension(given: unknown, urls: ReadonlySet<string> | null, step: Step): Json | null {
    const { url, extension: nested, ...rest } = (given ?? {}) as Json;
    if (typeof url !== 'string' || (urls && !urls.has(url)))
      return drop('extension-not-agreed', `${step.path}(${nameOf(url)})`);
    const inner = extensions(nested ?? [], null, step);
    const left: Json = { url, ...(inner ? { extension: inner } : {}) };
    for (const [key, value] of Object.entries(rest)) {
      const found = valueStep(step.place!, key);
      const passing = found.what === 'element-not-agreed' ? drop(found.what, found.path) : single(value, found);
      if (passing !== null) left[key] = passing;
    }
    return Object.keys(left).length > 1 ? left : null;
  }

  function drop(reason: DroppedReason, path: string): null {
    dropped(reason, path);
    return null;
  }

  return (value: Json, type: string, allowed: Allowed): Json | null => object(value, rootOf(type, allowed));
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

function list(given: unknown, one: (item: unknown) => unknown): unknown[] | null {
  const left = Array.isArray(given) ? given.map(one).filter((item) => item !== null) : [];
  return left.length > 0 ? left : null;
}
