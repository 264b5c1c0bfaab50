/** What pseudonyms of one kind stand for. */
export interface PseudonymKind {
  /** The resource type whose ids are replaced, e.g. `Patient`. */
  of: string;
  /** The resource type a replaced reference names: `Patient/x` becomes `<as>/<pseudonym>`. */
  as: string;
}

/** What maps may name beside R4 itself: everything else they name is refused when they are loaded. */
export interface MapLanguage {
  /** Kinds of pseudonyms by the name that `pseudonym(x, 'kind')` uses. */
  pseudonyms: Readonly<Record<string, PseudonymKind>>;
  /** ConceptMaps by the name that `translate(x, 'name', …)` uses (a canonical url, or any name the caller knows). */
  conceptMaps: { has(map: string): boolean };
  /** ValueSets by the name that `memberOf('name')` uses. */
  valueSets: { has(valueSet: string): boolean };
}

/** A code that a ConceptMap gives. */
export interface TranslatedCode {
  system: string;
  code: string;
  display?: string;
}

/**
 * What a map asks of its surroundings while it runs. The functions must be pure: the same question, the same answer,
 * so that a research record can be rebuilt byte for byte.
 */
export interface MapContext {
  /** The pseudonym of a hospital's resource id; null when there is none (the map then yields nothing there). */
  pseudonym(kind: string, id: string): string | null;
  /** What a code stands for in a ConceptMap; empty when unmatched. `system` is null for a bare `code`. */
  translate(system: string | null, code: string, map: string): readonly TranslatedCode[];
  /** Whether a code is in a ValueSet. `system` is null for a bare `code`. */
  memberOf(valueSet: string, system: string | null, code: string): boolean;
}

/** A mistake in a map, found when it is loaded. */
export interface MapFault {
  file: string;
  /** Counts from 1. */
  line: number;
  /** `group`, or `group > rule` with the rule's name or its first source. Empty for the file as a whole. */
  path: string;
  /** One sentence: what is refused and what to do. */
  message: string;
}

/** Why a map did not give a resource. The codes are stable. */
export const MAP_REFUSALS = {
  'map-unknown': 'No map of this url is loaded.',
  'map-not-executable': 'The first group of the map does not go from one resource type to another.',
  'source-type': 'The map is for another resource type.',
  'source-shape': 'An element of the source does not have the JSON shape of its type.',
  'check-failed': 'A check of the map does not hold for the source.',
  'only-one': 'The source has several elements where the map allows one.',
  'several-values': 'An element that does not repeat would get several values.',
  'set-twice': 'An element that does not repeat would get a second, different value.',
  'cast-failed': 'A value cannot be read as the type it is cast to.',
  'expression-failed': 'A FHIRPath expression could not be evaluated on the source.',
  'reference-without-id': 'A reference was asked for to a resource that has no id yet.',
} as const;

export type MapRefusalCode = keyof typeof MAP_REFUSALS;

/** Where and why a map refused. Never carries values of the source. */
export interface MapRefusal {
  code: MapRefusalCode;
  file: string | null;
  line: number | null;
  /** As in `MapFault.path`. */
  path: string;
  message: string;
}
