import type { r4 } from '../fhir/resource.ts';
import { EXTENSION_BASE } from '../study/extension.ts';

/** Completed years at consent, as far as they are told: both ends are the same unless only a decade is. */
export interface Age {
  low: number;
  high: number;
}

/**
 * The age a Patient carries (extension `age-years`; in a release `age-decade`, the first year of ten, stands for it).
 * Null when there is none.
 */
export function ageOf(patient: r4.Patient | null): Age | null {
  for (const { url, valueInteger, valueRange } of patient?.extension ?? []) {
    if (url === `${EXTENSION_BASE}age-years` && valueInteger !== undefined)
      return { low: valueInteger, high: valueInteger };
    if (url === `${EXTENSION_BASE}age-decade` && valueInteger !== undefined)
      return { low: valueInteger, high: valueInteger + 9 };
    const [low, high] = [valueRange?.low?.value, valueRange?.high?.value];
    if (url === `${EXTENSION_BASE}age-years` && low !== undefined && high !== undefined) return { low, high };
  }
  return null;
}
