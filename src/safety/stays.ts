import { plannedEndOf } from '../fhir/planned-end.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import type { Stay } from './about.ts';

/** An Encounter in one of these is no stay, or none yet (R4, encounter-status). */
const NO_STAY = new Set(['planned', 'cancelled', 'entered-in-error']);

/** The hospital stays of a record that began, with the end that was planned for them; one without a start is none. */
export function staysOf(resources: readonly FhirResource[], zone: string): Stay[] {
  const encounters = resources.filter(({ resourceType }) => resourceType === 'Encounter') as unknown as r4.Encounter[];
  const span = (text: string | null | undefined) => (text ? spanOf(text, zone) : null);
  return encounters
    .filter(({ status }) => !NO_STAY.has(status))
    .flatMap((encounter) => {
      const start = span(encounter.period?.start);
      return start ? [{ start, plannedEnd: span(plannedEndOf(encounter)), end: span(encounter.period?.end) }] : [];
    });
}
