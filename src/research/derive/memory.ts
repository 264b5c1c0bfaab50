import { hash } from 'node:crypto';
import type { SiteTerminology } from '../../terminology/site.ts';
import type { DeriveContext, Derived, Deriver } from './derive.ts';
import type { DerivedKind } from './kinds.ts';

/** What was derived, and every pseudonym that was asked for on the way. */
interface Remembered {
  derived: Derived;
  asked: readonly { kind: DerivedKind; id: string; given: string | null }[];
}

/**
 * A deriver that remembers the newest of its results: after one more value of a person the other resources need not be
 * mapped again. As `derive` is pure, a result stands while source, facts, place and study are the same, and every
 * pseudonym asked for has the same answer; of the source only a hash is kept. What it gives is frozen, since it is
 * given again.
 * @param most results remembered for each terminology of a site
 */
export function rememberingDeriver(deriver: Deriver, most: number): Deriver {
  const sites = new WeakMap<SiteTerminology, Map<string, Remembered>>();

  function memoryOf({ site }: DeriveContext): Map<string, Remembered> {
    const memory = sites.get(site.terminology) ?? new Map<string, Remembered>();
    sites.set(site.terminology, memory);
    return memory;
  }

  return {
    types: deriver.types,
    derive(source, context) {
      const { site, pseudonym, ...rest } = context;
      const memory = memoryOf(context);
      const name = hash('sha256', JSON.stringify([site.id, site.timezone, rest, source]));
      const known = memory.get(name);
      if (known?.asked.every(({ kind, id, given }) => pseudonym(kind, id) === given)) {
        memory.delete(name);
        memory.set(name, known);
        return known.derived;
      }
      const asked: Remembered['asked'][number][] = [];
      const noted = (kind: DerivedKind, id: string) => {
        const given = pseudonym(kind, id);
        asked.push({ kind, id, given });
        return given;
      };
      const derived = frozen(deriver.derive(source, { ...context, pseudonym: noted }));
      memory.delete(name);
      if (memory.size >= most) memory.delete(memory.keys().next().value!);
      memory.set(name, { derived, asked });
      return derived;
    },
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
