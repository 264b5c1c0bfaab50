import type { r4 } from '../fhir/resource.ts';

/** What a form gives; its Questionnaire.code says so, by the code of the resource type. */
export type FormKind = 'Consent' | 'Specimen' | 'Observation' | 'AdverseEvent';

const TYPES = 'http://hl7.org/fhir/resource-types';

/** The questions each kind of form must have, by linkId, with their types: what the maps below read. */
export const QUESTIONS: Readonly<Record<FormKind, Readonly<Record<string, string>>>> = {
  Consent: {
    signed: 'dateTime',
    version: 'choice',
    signer: 'choice',
    relationship: 'choice',
    decision: 'choice',
    purpose: 'choice',
    scan: 'string',
  },
  Specimen: {
    'kit-id': 'string',
    kind: 'choice',
    collected: 'dateTime',
    volume: 'decimal',
    mass: 'decimal',
    position: 'choice',
    'tissue-position': 'choice',
    procedure: 'reference',
  },
  /** Every item with a code beside it becomes an Observation. */
  Observation: { examined: 'dateTime' },
  /** Every yes-or-no question with a code beside it is a criterion of seriousness. */
  AdverseEvent: {
    term: 'open-choice',
    onset: 'dateTime',
    detected: 'dateTime',
    severity: 'choice',
    outcome: 'choice',
    procedure: 'reference',
    relatedness: 'choice',
  },
};

/** What a form gives; null when it does not say, or says something else. */
export function kindOf(questionnaire: r4.Questionnaire): FormKind | null {
  const code = (questionnaire.code ?? []).find(({ system }) => system === TYPES)?.code;
  return code !== undefined && Object.hasOwn(QUESTIONS, code) ? (code as FormKind) : null;
}
