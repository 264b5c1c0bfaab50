import type { FhirResource, r4 } from '../fhir/resource.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import type { Agreement } from './agreement.ts';
import type { Json } from './prune.ts';

const YEARS = `${EXTENSION_BASE}age-years`;
/** The first year of the decade; 90 for all who are older. */
const DECADE = `${EXTENSION_BASE}age-decade`;
const STRATUM = `${EXTENSION_BASE}stratum`;
const BASIS = `${EXTENSION_BASE}stratum-basis`;
const LAST_DECADE = 90;

/** The age of a Patient as agreed, as extensions: one or none. */
export function agePart(resource: FhirResource, age: Agreement['age']): Json[] {
  if (resource.resourceType !== 'Patient' || age === 'none') return [];
  const years = extensionsOf(resource).find(({ url }) => url === YEARS)?.valueInteger;
  if (!Number.isSafeInteger(years)) return [];
  if (age === 'years') return [{ url: YEARS, valueInteger: years }];
  return [{ url: DECADE, valueInteger: Math.min(Math.floor(years! / 10) * 10, LAST_DECADE) }];
}

/**
 * A resource without what would tell more of the age than was agreed: the years, which pass as `agePart` says, and a
 * stratum by age.
 * @returns `told`: paths of what was taken away and is told nowhere else
 */
export function withoutAge(resource: FhirResource, age: Agreement['age']): { resource: FhirResource; told: string[] } {
  const all = extensionsOf(resource);
  const byAge = age !== 'years' && all.some(({ url, valueCode }) => url === BASIS && valueCode === 'age');
  const rest = all.filter(({ url }) => url !== YEARS && !(byAge && (url === STRATUM || url === BASIS)));
  if (rest.length === all.length) return { resource, told: [] };
  const hidden = byAge ? ['extension(stratum)'] : age === 'none' ? ['extension(age-years)'] : [];
  return {
    resource: { ...resource, extension: rest },
    told: hidden.map((path) => `${resource.resourceType}.${path}`),
  };
}

function extensionsOf({ extension }: FhirResource): r4.Extension[] {
  return Array.isArray(extension) ? (extension as r4.Extension[]) : [];
}
