import type { Language } from '../fhir/fhirpath/language.ts';

/**
 * The language of criteria: what expressions of a study may name. Variables are already cleaned
 * (see screening/view.ts); functions are carried out in screening/functions.
 * A function that cannot decide about a resource answers with nothing and notes the resource.
 */
export const LANGUAGE: Language = {
  variables: {
    patient: ['Patient'],
    conditions: ['Condition'],
    provisional: ['Condition'],
    retracted: ['Condition', 'Observation', 'DiagnosticReport'],
    observations: ['Observation'],
    pending: ['Observation'],
    reports: ['DiagnosticReport'],
    requests: ['ServiceRequest', 'Procedure'],
    notDone: ['Procedure'],
    otherRequests: ['ServiceRequest', 'Procedure'],
    procedures: ['Procedure'],
    consents: ['Consent'],
    draftConsents: ['Consent'],
    medications: ['MedicationRequest', 'MedicationStatement', 'MedicationAdministration'],
    encounters: ['Encounter'],
    decisions: ['Task'],
    diagnosisListComplete: ['boolean'],
    group: ['string'],
    groups: ['string'],
    stratumDisagrees: ['boolean'],
    mergeCycle: ['boolean'],
  },
  functions: {
    codedFor: { on: ['CodeableConcept'], parameters: ['valueSet'], returns: ['boolean'] },
    understood: { on: ['CodeableConcept'], parameters: [], returns: ['boolean'] },
    memberOf: { on: ['CodeableConcept'], parameters: ['valueSet'], returns: ['boolean'] },
    suggests: {
      on: [
        'Condition',
        'DiagnosticReport',
        'ServiceRequest',
        'Procedure',
        'MedicationRequest',
        'MedicationStatement',
        'MedicationAdministration',
      ],
      parameters: ['concept'],
      returns: ['boolean'],
    },
    current: { on: ['Condition'], parameters: [], returns: ['boolean'] },
    newest: { on: [], parameters: [], returns: 'input' },
    oldest: { on: [], parameters: [], returns: 'input' },
    within: { on: [], parameters: ['number', 'calendarUnit'], returns: ['boolean'] },
    newerThan: { on: [], parameters: ['collection'], returns: ['boolean'] },
    notBefore: { on: [], parameters: ['collection'], returns: ['boolean'] },
    after: { on: [], parameters: ['collection'], returns: ['boolean'] },
    clearlyPositive: { on: ['Observation'], parameters: [], returns: ['boolean'] },
    positive: { on: ['Observation'], parameters: [], returns: ['boolean'] },
    negative: { on: ['Observation'], parameters: [], returns: ['boolean'] },
    below: { on: ['Observation'], parameters: ['number', 'unit'], returns: ['boolean'] },
    atLeast: { on: ['Observation'], parameters: ['number', 'unit'], returns: ['boolean'] },
    above: { on: ['Observation'], parameters: ['number', 'unit'], returns: ['boolean'] },
    atMost: { on: ['Observation'], parameters: ['number', 'unit'], returns: ['boolean'] },
    stageAtLeast: { on: ['Observation'], parameters: ['number'], returns: ['boolean'] },
    stageAtMost: { on: ['Observation'], parameters: ['number'], returns: ['boolean'] },
    gradable: { on: ['Observation'], parameters: ['valueSet', 'collection', 'number'], returns: ['boolean'] },
    isOrder: { on: ['ServiceRequest', 'Procedure'], parameters: [], returns: ['boolean'] },
    isOpen: { on: ['ServiceRequest', 'Procedure'], parameters: ['collection', 'number'], returns: ['boolean'] },
    inEnrolment: { on: ['ServiceRequest', 'Procedure'], parameters: [], returns: ['boolean'] },
    formInForce: { on: ['Consent'], parameters: [], returns: ['boolean'] },
    formObliges: { on: ['Consent'], parameters: [], returns: ['string'] },
    periodOver: { on: ['Consent'], parameters: [], returns: ['boolean'] },
    signer: { on: ['Consent'], parameters: [], returns: ['string'] },
    agedOn: { on: ['Patient'], parameters: ['collection', 'number', 'number'], returns: ['boolean'] },
    agedNow: { on: ['Patient'], parameters: ['number', 'number'], returns: ['boolean'] },
  },
};

/**
 * Sets that every study declares, because enrolment asks for them by name.
 * - diseaseEvidence: whatever speaks of a disease of the study, in any state
 * - rootOnly: codes that name more than one disease and prove nothing alone
 * - studyRequests: requests and procedures of the study's kind, any status, dated in the enrolment period
 * - requestsOutside: the same, dated outside it
 * - openRequests: requests that are open (the earliest one is the anchor of every look-back)
 * - qualifyingProcedures: performed procedures (the newest is the anchor when no request is open)
 * - proceduresAfterConsent: performed procedures with a consent of any validity on or before them
 */
export const REQUIRED_SETS = [
  'diseaseEvidence',
  'rootOnly',
  'studyRequests',
  'requestsOutside',
  'openRequests',
  'qualifyingProcedures',
  'proceduresAfterConsent',
] as const;

/** The sets the anchor of every look-back is made from. */
export const ANCHOR_SETS = ['openRequests', 'qualifyingProcedures'] as const;

export type RequiredSet = (typeof REQUIRED_SETS)[number];
