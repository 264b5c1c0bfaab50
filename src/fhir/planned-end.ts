import type { r4 } from './resource.ts';

/** R5's Encounter.plannedEndDate in R4, by the cross-version extension (HL7, "Extensions for Converting between versions"). */
export const PLANNED_END = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate';

/** When a stay was planned to end (dateTime); null when that is not said. */
export function plannedEndOf({ extension = [] }: Pick<r4.Encounter, 'extension'>): string | null {
  return extension.find(({ url }) => url === PLANNED_END)?.valueDateTime ?? null;
}
