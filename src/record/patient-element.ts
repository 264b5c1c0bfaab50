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

/** The reference to the person; for an Appointment the participant that is a Patient. */
export function patientReference(resource: FhirResource): r4.Reference | null {
  const element = PATIENT_ELEMENT[resource.resourceType];
  if (element === 'participant.actor') {
    const actors = ((resource.participant ?? []) as r4.AppointmentParticipant[]).flatMap(({ actor }) => actor ?? []);
    return (
      actors.find(({ reference, type }) => type === 'Patient' || /(^|\/)Patient[/?]/.test(reference ?? '')) ??
      actors[0] ??
      null
    );
  }
  return element ? ((resource[element] as r4.Reference | undefined) ?? null) : null;
}
