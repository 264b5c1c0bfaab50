/** Canonical base of HL7's "Adverse Event Clinical Research R4 Backport" guide, 1.0.1. */
export const AE_BACKPORT = 'http://hl7.org/fhir/uv/ae-research-backport-ig/';
