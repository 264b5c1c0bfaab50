import type { PseudonymKind } from '../map/language.ts';

/** Kinds of pseudonyms by the name that maps use; `as` is the type a replaced reference names. */
export const PSEUDONYM_KINDS = {
  patient: { of: 'Patient', as: 'Patient' },
  subject: { of: 'Patient', as: 'ResearchSubject' },
  condition: { of: 'Condition', as: 'Condition' },
  observation: { of: 'Observation', as: 'Observation' },
  procedure: { of: 'Procedure', as: 'Procedure' },
  specimen: { of: 'Specimen', as: 'Specimen' },
  'adverse-event': { of: 'AdverseEvent', as: 'AdverseEvent' },
  consent: { of: 'Consent', as: 'Consent' },
  'diagnostic-report': { of: 'DiagnosticReport', as: 'DiagnosticReport' },
} as const satisfies Record<string, PseudonymKind>;

export type DerivedKind = keyof typeof PSEUDONYM_KINDS;
