import { canonicalJson } from '../fhir/canonical.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';

/** How a target's copies compare with what they should be, in resources. */
export interface Verified {
  equal: number;
  /** Not there. */
  missing: number;
  different: number;
  /** There, and should not be. */
  surplus: number;
  /** There more than once; all but one were removed. */
  double: number;
  /** Still to be delivered: not compared. */
  waiting: number;
  /** Refused for good: not compared. */
  failed: number;
}

/**
 * Whether a target's copy says what it should: every element of ours is there as it is, and there is none besides but
 * what servers add (id, meta, narrative). Of meta only our tags and profiles are asked for.
 */
export function isAsExpected(expected: FhirResource, actual: FhirResource): boolean {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const name of ['id', 'meta', 'text']) names.delete(name);
  if ([...names].some((name) => canonicalJson(expected[name] ?? null) !== canonicalJson(actual[name] ?? null)))
    return false;
  const [wanted, there] = [tokensOf(expected.meta), tokensOf(actual.meta)];
  return [...wanted].every((token) => there.has(token));
}

function tokensOf(meta: r4.Meta | undefined): Set<string> {
  const tags = (meta?.tag ?? []).map(({ system, code }) => `${system}|${code}`);
  return new Set([...tags, ...(meta?.profile ?? [])]);
}
