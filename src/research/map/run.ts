import { readReference } from '../../fhir/reference.ts';
import type { MapContext, MapRefusal, MapRefusalCode, PseudonymKind } from './language.ts';
import { MAP_REFUSALS } from './language.ts';

/** Where in the maps something stands. */
export interface RulePlace {
  file: string;
  line: number;
  path: string;
}

/** One execution: what it asks, and what it has to report. */
export interface Run {
  context: MapContext;
  refusals: MapRefusal[];
  unmatched: Set<string>;
  /** What `share` has made: target instance → element and name → what stands there. */
  shared: Map<object, Map<string, unknown>>;
}

/** One step of a compiled map. The frame holds the variables of the group. */
export type Step = (frame: unknown[], run: Run) => void;

export function refuse(run: Run, code: MapRefusalCode, at: RulePlace): void {
  run.refusals.push({ code, file: at.file, line: at.line, path: at.path, message: MAP_REFUSALS[code] });
}

/**
 * The pseudonym of an id, or the pseudonymous form of a reference. Contained, foreign and logical references, and
 * those to another type, have none: undefined, and noted as unmatched (by kind and place, never by value).
 */
export function pseudonymOf(
  name: string,
  kind: PseudonymKind,
  text: unknown,
  run: Run,
  at: string,
): string | undefined {
  const found = typeof text === 'string' ? replaced(name, kind, text, run.context) : null;
  if (found === null) run.unmatched.add(`pseudonym ${name}: ${at}`);
  return found ?? undefined;
}

function replaced(name: string, kind: PseudonymKind, text: string, context: MapContext): string | null {
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) return context.pseudonym(name, text);
  const target = readReference(text);
  if (target.kind !== 'relative' || target.type !== kind.of) return null;
  const pseudonym = context.pseudonym(name, target.id);
  return pseudonym === null ? null : `${kind.as}/${pseudonym}`;
}

/** The codes in a value of type CodeableConcept, Coding or a plain code. */
export function codesIn(value: unknown): { system: string | null; code: string }[] {
  if (typeof value === 'string') return [{ system: null, code: value }];
  const { coding, system, code } = (value ?? {}) as { coding?: unknown; system?: unknown; code?: unknown };
  if (Array.isArray(coding)) return coding.flatMap(codesIn);
  return typeof code === 'string' ? [{ system: typeof system === 'string' ? system : null, code }] : [];
}
