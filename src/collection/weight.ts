import { inUnit, readQuantity } from '../fhir/quantity.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import { readConcept } from '../terminology/concept.ts';
import type { CollectionContext } from './about.ts';

const FINAL = new Set(['final', 'amended', 'corrected']);

/**
 * The newest body weight measured until now, in kg; of several of one moment the least, by which less is drawn. Null
 * without one, or when it is no single number.
 */
export function weightOf(resources: readonly FhirResource[], { rules, site }: CollectionContext, now: number) {
  const weights = resources.flatMap((resource) => {
    const one = resource as unknown as r4.Observation;
    if (one.resourceType !== 'Observation' || !FINAL.has(one.status) || !one.valueQuantity) return [];
    if (!readConcept(one.code, site.terminology, rules.sets).sets.has(rules.weight)) return [];
    const at = spanOf(one.effectiveDateTime ?? one.effectivePeriod?.start ?? one.issued ?? '', site.timezone);
    const read = readQuantity(one.valueQuantity);
    const kg = read && inUnit(read, 'kg');
    return at && at.start <= now && kg && kg.low === kg.high ? [{ at: at.start, kg: kg.low }] : [];
  });
  return weights.sort((a, b) => b.at - a.at || a.kg - b.kg)[0]?.kg ?? null;
}
