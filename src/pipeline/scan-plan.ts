import { R4_TYPES } from '../fhir/shape/types.ts';
import { PATIENT_ELEMENT } from '../record/patient-element.ts';
import type { ScanPlan } from '../scan/plan.ts';
import type { Site } from '../study/site.ts';

/** Kept by their codes and texts (record/need.ts). */
const CODED = ['Condition', 'Observation', 'DiagnosticReport', 'Procedure', 'ServiceRequest'];
/**
 * Read in any case: people, for who is who and how many there are; consents; and what makes other things or names
 * nobody by a `subject`: few lines of a feed.
 */
const READ = ['Patient', 'Consent', 'RelatedPerson', 'Appointment', 'Bundle', 'Task', 'QuestionnaireResponse'];

/** What a feed is scanned by. @param named the site whose feed it is */
export function scanPlan(sites: ReadonlyMap<string, Site>, named: Site | null): ScanPlan {
  const kept = Object.keys(PATIENT_ELEMENT);
  return {
    read: READ,
    coded: CODED,
    others: kept.filter((type) => !READ.includes(type) && !CODED.includes(type)),
    known: [...R4_TYPES],
    site: named?.id ?? null,
    sites: [...sites.values()].map(({ id, fhirBase }) => ({ id, fhirBase })),
  };
}
