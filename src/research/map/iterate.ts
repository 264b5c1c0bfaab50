import { isPrimitive } from './elements.ts';
import { jsonTypeOf } from './primitives.ts';
import { type RulePlace, type Run, refuse, type Step } from './run.ts';
import type { SourceListMode } from './syntax.ts';

export type Filter = (item: unknown, frame: unknown[], run: Run) => boolean;

export interface Filters {
  where: Filter | null;
  check: Filter | null;
  listMode: SourceListMode | null;
}

/** What a rule iterates over. */
export interface Iteration {
  base: number;
  slot: number;
  /** The JSON property; null for the variable itself. */
  key: string | null;
  type: string;
  filtered: boolean;
  /** A value for when none of the properties is there. */
  fallback: { value: unknown; unless: string[] } | null;
  at: RulePlace;
}

/** Runs the body for each element that is left. `where` and `check` look at every element by itself. */
export function iterate(source: Iteration, filters: Filters, body: Step[]): Step {
  const { base, slot, at } = source;
  const { where, check, listMode } = filters;
  const each = inOrder(body);
  return (frame, run) => {
    let items = itemsOf(source, frame[base], run);
    if (where) {
      items = items.filter((item) => {
        frame[slot] = item;
        return where(item, frame, run);
      });
    }
    if (check) {
      for (const item of items) {
        frame[slot] = item;
        if (!check(item, frame, run)) refuse(run, 'check-failed', at);
      }
    }
    if (listMode) items = chosen(items, listMode, run, at);
    for (const item of items) {
      frame[slot] = item;
      each(frame, run);
    }
  };
}

/** The elements there are; those that have not the JSON shape of their type are refused, never passed on. */
function itemsOf({ key, type, filtered, fallback, at }: Iteration, owner: unknown, run: Run): unknown[] {
  if (key === null) return [owner];
  const properties = owner as Record<string, unknown>;
  const found = properties[key];
  if (found === undefined || found === null) {
    return fallback?.unless.every((other) => properties[other] === undefined) ? [fallback.value] : [];
  }
  const json = isPrimitive(type) ? jsonTypeOf(type) : 'object';
  const items: unknown[] = [];
  for (const item of Array.isArray(found) ? found : [found]) {
    // In arrays of primitives null stands for an element that has extensions only.
    if (item === null) continue;
    if (filtered && item?.resourceType !== type) continue;
    if (typeof item !== json || Array.isArray(item)) refuse(run, 'source-shape', at);
    else items.push(item);
  }
  return items;
}

function chosen(items: unknown[], mode: SourceListMode, run: Run, at: RulePlace): unknown[] {
  switch (mode) {
    case 'first':
      return items.slice(0, 1);
    case 'not_first':
      return items.slice(1);
    case 'last':
      return items.slice(-1);
    case 'not_last':
      return items.slice(0, -1);
    case 'only_one':
      if (items.length > 1) refuse(run, 'only-one', at);
      return items.slice(0, 1);
  }
}

/** Several steps as one. */
export function inOrder(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only && steps.length === 1) return only;
  return (frame, run) => {
    for (const step of steps) step(frame, run);
  };
}
