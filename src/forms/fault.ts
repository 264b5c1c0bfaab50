/** Why a response to a form is not taken in. The codes are stable: scripts and dashboards may rely on them. */
export const FORM_FAULTS = {
  'not-finished':
    'The response is in progress or was stopped: only a completed, amended or entered-in-error one is taken in.',
  'no-id': 'The response has no id: what it gives could not be found again.',
  unversioned:
    'The response has neither meta.lastUpdated nor an integer meta.versionId: its versions could not be told apart.',
  unsigned:
    'QuestionnaireResponse.author must be a Practitioner or PractitionerRole, and authored a day or an instant.',
  'no-subject': 'QuestionnaireResponse.subject must lead to a Patient, by reference or identifier.',
  'other-form': 'QuestionnaireResponse.questionnaire names another form.',
  'unknown-item': 'The form has no such question here.',
  'item-repeated': 'The question stands more than once.',
  'answer-repeated': 'The question takes one answer.',
  missing: 'The question must be answered.',
  'not-asked': 'The question is not asked after what was answered before.',
  'wrong-type': 'The answer is not of the type of the question.',
  'not-an-option': 'The answer is none of the options.',
  malformed: 'The answer is not written as the question asks.',
  'out-of-range': 'The number is beyond what is plausible.',
  'after-signature': 'The time lies after the response was signed.',
} as const;

export type FormFaultCode = keyof typeof FORM_FAULTS;

/** One fault of a response: where (linkId; empty for the response as a whole), and what to do. Never an answer. */
export interface FormFault {
  linkId: string;
  code: FormFaultCode;
  message: string;
}

export function formFault(linkId: string, code: FormFaultCode): FormFault {
  return { linkId, code, message: FORM_FAULTS[code] };
}
