import { EXTENSION_BASE } from '../study/extension.ts';

const AE_STATUS = 'modifierExtension(http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/status)';

/**
 * Resource types of the study side, and what must be named with each: without it the rest is no R4, or says something
 * else (a refuted diagnosis becomes one).
 */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  AdverseEvent: ['actuality', 'event', 'subject', AE_STATUS],
  Condition: ['clinicalStatus', 'verificationStatus', 'subject'],
  Consent: ['status', 'scope', 'category', 'patient', 'policy', 'provision'],
  DiagnosticReport: ['status', 'code', 'subject'],
  Observation: ['status', 'code', 'subject', 'dataAbsentReason'],
  Patient: [],
  Procedure: ['status', 'subject'],
  Provenance: ['target', 'recorded', 'agent'],
  ResearchSubject: ['status', 'study', 'individual'],
  Specimen: ['status', 'subject', `extension(${EXTENSION_BASE}specimen-hold)`],
};

/** Instants at which the gateway wrote: beside shifted dates or years they would tell the true ones. */
export const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  Provenance: ['recorded'],
  '*': ['meta.lastUpdated'],
};
