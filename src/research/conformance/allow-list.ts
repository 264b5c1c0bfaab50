import type { CodeSet } from './code-set.ts';
import type { Expanded } from './definition.ts';
import { Derivation, emptyAllowed } from './derivation.ts';
import type { Leaf } from './leaf.ts';
import { treeOf } from './tree.ts';

/** What may stand in an object: nothing else passes. */
export interface Allowed {
  /** Elements by their JSON names, extensions not among them. */
  children: ReadonlyMap<string, AllowedChild>;
  /** Elements that must be there; of a choice one of the names. */
  required: readonly { name: string; names: readonly string[] }[];
  /** By url. */
  extensions: ReadonlyMap<string, AllowedExtension>;
  modifierExtensions: ReadonlyMap<string, AllowedExtension>;
}

export interface AllowedChild {
  max: number;
  /** Null for an object. */
  leaf: Leaf | null;
  /** Null for a primitive. */
  object: Allowed | null;
  /** Codes bound to a Coding or CodeableConcept. */
  codes: CodeSet | null;
  /** Resource types a Reference may lead to. */
  targets: ReadonlySet<string> | null;
}

export interface AllowedExtension {
  min: number;
  max: number;
  object: Allowed;
}

/** What an allow-list is derived from. */
export interface Sources {
  /** Snapshot by url, or of an R4 type by name. */
  expanded(urlOrType: string): Expanded | null;
  codeSet(url: string): CodeSet | null;
  report(url: string, element: string, message: string): void;
}

/** Derives what a profile lets pass from its snapshot and those of its datatypes and extensions. */
export function createAllowList(sources: Sources): { of(url: string): Allowed | null } {
  const known = new Map<string, Allowed>();
  const of = (url: string): Allowed | null => {
    const definition = sources.expanded(url);
    const before = known.get(url);
    if (before || !definition) return before ?? null;
    const allowed = emptyAllowed();
    known.set(url, allowed);
    new Derivation(url, treeOf(definition.snapshot.element), sources, of).fill(allowed);
    return allowed;
  };
  return { of };
}
