/**
 * Elements whose codes R4 binds as required and the JSON schema leaves open, by the path of the parent element.
 * Source: every element of type code with a required binding in the snapshots of the R4 4.0.1 StructureDefinitions,
 * for the types that a record may hold, and the value sets they are bound to.
 */
export const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Procedure: { status: 'preparation in-progress not-done on-hold stopped completed entered-in-error unknown' },
  ServiceRequest: {
    status: 'draft active on-hold revoked completed entered-in-error unknown',
    intent: 'proposal plan directive order original-order reflex-order filler-order instance-order option',
    priority: 'routine urgent asap stat',
  },
  'Consent.provision.data': { meaning: 'instance related dependents authoredby' },
  MedicationRequest: {
    status: 'active on-hold cancelled completed entered-in-error stopped draft unknown',
    intent: 'proposal plan order original-order reflex-order filler-order instance-order option',
    priority: 'routine urgent asap stat',
  },
  MedicationStatement: {
    status: 'active completed entered-in-error intended stopped on-hold unknown not-taken',
  },
  MedicationAdministration: { status: 'in-progress not-done on-hold completed entered-in-error stopped unknown' },
  Task: { priority: 'routine urgent asap stat' },
  'Timing.repeat': { dayOfWeek: 'mon tue wed thu fri sat sun' },
};
