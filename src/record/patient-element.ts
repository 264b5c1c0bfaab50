import type { FhirResource, r4 } from '../fhir/resource.ts';

/** The types a record may hold, and the element that says whom they are about (FHIR R4, patient compartment). */
export const PATIENT_ELEMENT: Readonly<Record<string, string | null>> = {
  Patient: null,
  Condition: 'subject',
  Observation: 'subject',
  DiagnosticReport: 'subject',
  Procedure: 'subject',
  ServiceRequest: 'subject',
  Consent: 'patient',
  RelatedPerson: 'patient',
  Encounter: 'subject',
  Specimen: 'subject',
  AdverseEvent: 'subject',
  Appointment: 'participant.actor',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MedicationAdministration: 'subject',
};

/** The references that may lead to the person: of an Appointment those of all participants, others have one. */
export function patientReferences(resource: FhirResource): r4.Reference[] {
  const element = PATIENT_ELEMENT[resource.resourceType];
  if (element === 'participant.actor') {
    return ((resource.participant ?? []) as r4.AppointmentParticipant[]).flatMap(({ actor }) => actor ?? []);
  }
  const reference = element ? (resource[element] as r4.Reference | undefined) : undefined;
  return reference ? [reference] : [];
}
