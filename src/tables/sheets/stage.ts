import type { r4 } from '../../fhir/resource.ts';
import { ageOf } from '../age.ts';
import { AGE_YEARS, type TableTerms } from '../terms.ts';

/** The decade of the age as HCA Tier-1 allows it: no finer stage. */
export function decadeStage(patient: r4.Patient | null, terms: TableTerms): string {
  return stageOf(patient, terms, 'table-age-decade') ?? 'unknown';
}

/** The most accurate stage that the age tells (CELLxGENE): its year; of somebody known by the decade, the decade. */
export function finestStage(patient: r4.Patient | null, terms: TableTerms): string {
  return stageOf(patient, terms, 'table-age-year') ?? decadeStage(patient, terms);
}

/** The one term that every possible age has; null when they differ, or one has none. */
function stageOf(
  patient: r4.Patient | null,
  terms: TableTerms,
  map: 'table-age-decade' | 'table-age-year',
): string | null {
  const age = ageOf(patient);
  if (!age || age.high - age.low > 150) return null;
  const found = new Set<string | null>();
  for (let year = age.low; year <= age.high; year++)
    found.add(terms.targets(map, AGE_YEARS, String(year))?.[0] ?? null);
  return found.size === 1 ? [...found][0]! : null;
}
