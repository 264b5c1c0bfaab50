import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import type { FeedContext } from './context.ts';

/** A copy of any JSON in which `replace` may exchange each Reference (an object with a `reference` text). */
export function rewriteReferences<T>(json: T, replace: (reference: string) => r4.Reference | null): T {
  function walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const reference = (value as { reference?: unknown }).reference;
    const replaced = typeof reference === 'string' ? replace(reference) : null;
    if (replaced !== null) return replaced;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  }
  return walk(json) as T;
}

/** The same resources, pointing to the person's Patient in another way. */
export function pointToPatient(ctx: FeedContext, resources: FhirResource[], target: r4.Reference): FhirResource[] {
  const relative = `Patient/${ctx.patientId}`;
  return resources.map((each) => rewriteReferences(each, (reference) => (reference === relative ? target : null)));
}
