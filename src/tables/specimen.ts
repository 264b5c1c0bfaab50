import { KIT } from '../fhir/kit.ts';
import type { r4 } from '../fhir/resource.ts';

/** What a tube is called outside the hospital: its kit id, and without one its pseudonym. */
export function specimenName({ id, identifier = [] }: r4.Specimen): string {
  return identifier.find(({ system }) => system === KIT)?.value ?? id ?? '';
}
