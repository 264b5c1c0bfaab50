import { canonicalJson } from '../../fhir/canonical.ts';
import type { ElementDefinition, ElementForm } from './elements.ts';
import { isConcreteResource, isPrimitive } from './elements.ts';
import { type RulePlace, type Run, refuse } from './run.ts';

/** A primitive of the target that a variable can hold before it has a value. */
export class Slot {
  value: unknown = undefined;
}

export type Owner = Record<string, unknown>;

/** A new, empty part of the target. */
export function newPart(type: string): Owner | Slot {
  if (isPrimitive(type)) return new Slot();
  return isConcreteResource(type) ? { resourceType: type } : {};
}

/** Gives an element a value: one more where it repeats; elsewhere a second, different one is refused. */
export function give(
  owner: Owner,
  element: ElementDefinition,
  form: ElementForm,
  value: unknown,
  run: Run,
  at: RulePlace,
): void {
  const there = owner[form.key];
  if (element.repeats) {
    if (there) (there as unknown[]).push(value);
    else owner[form.key] = [value];
  } else if (there instanceof Slot) {
    fill(there, value, run, at);
  } else if (there === undefined ? hasOtherForm(owner, element) : canonicalJson(there) !== canonicalJson(value)) {
    refuse(run, 'set-twice', at);
  } else {
    owner[form.key] = value;
  }
}

/** Gives a primitive its value. */
export function fill(slot: Slot, value: unknown, run: Run, at: RulePlace): void {
  if (slot.value !== undefined && slot.value !== value) refuse(run, 'set-twice', at);
  else slot.value = value;
}

/**
 * The part of the target that an element holds: a new one where it repeats (with `collate` the first there is, with
 * `share` the one of that name), else the one there is.
 */
export function partOf(
  owner: Owner,
  element: ElementDefinition,
  form: ElementForm,
  reuse: 'collate' | { share: string } | null,
  run: Run,
  at: RulePlace,
): Owner | Slot {
  if (!element.repeats) {
    const there = owner[form.key] as Owner | Slot | undefined;
    if (there !== undefined) return asPart(there, owner, form);
    if (hasOtherForm(owner, element)) refuse(run, 'set-twice', at);
    const part = newPart(form.type);
    owner[form.key] = part;
    return part;
  }
  const list = (owner[form.key] as (Owner | Slot)[] | undefined) ?? [];
  owner[form.key] = list;
  if (reuse === 'collate' && list[0] !== undefined) return asPart(list[0], list, { key: 0 });
  const shares = reuse && reuse !== 'collate' ? sharesOf(run, owner) : null;
  const name = shares ? `${form.key} ${(reuse as { share: string }).share}` : '';
  const known = shares?.get(name) as Owner | Slot | undefined;
  if (known) return known;
  const part = newPart(form.type);
  list.push(part);
  shares?.set(name, part);
  return part;
}

/** A primitive that was given as a plain value becomes a Slot, so that a variable can hold it. */
function asPart(there: Owner | Slot, owner: object, form: { key: string | number }): Owner | Slot {
  if (typeof there === 'object') return there;
  const slot = new Slot();
  slot.value = there;
  (owner as Record<string | number, unknown>)[form.key] = slot;
  return slot;
}

function sharesOf(run: Run, owner: Owner): Map<string, unknown> {
  const known = run.shared.get(owner) ?? new Map<string, unknown>();
  run.shared.set(owner, known);
  return known;
}

/** Whether a choice element already has a value of some type. */
function hasOtherForm(owner: Owner, element: ElementDefinition): boolean {
  return element.choice && element.forms.some(({ key }) => owner[key] !== undefined);
}

/** The target without what stayed empty; undefined when nothing is left. A resource type alone is nothing. */
export function finished(value: unknown): unknown {
  if (value instanceof Slot) return value.value;
  if (Array.isArray(value)) {
    const items = value.map(finished).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  const result: Owner = {};
  let any = false;
  for (const key of Object.keys(value)) {
    const part = finished((value as Owner)[key]);
    if (part === undefined) continue;
    result[key] = part;
    any ||= key !== 'resourceType';
  }
  return any ? result : undefined;
}
