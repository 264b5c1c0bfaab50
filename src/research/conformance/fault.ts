/**
 * Why a research resource may not leave the hospital. The codes are stable. A refusal is a value: the resource is held
 * and shown to the operator.
 */
export const CONFORMANCE_FAULTS = {
  type: 'No profile lets resources of this type pass.',
  shape: 'The resource does not have the shape of FHIR R4.',
  element: 'The profile does not let the element pass.',
  missing: 'The profile requires the element.',
  repeated: 'The element stands more often than the profile allows.',
  text: 'The text does not have the form the profile demands.',
  code: 'The code is none of those the profile allows.',
  reference: 'The reference does not lead to a pseudonymous resource the profile allows.',
  extension: 'The profile does not let the extension pass here.',
  value: 'The value is outside what the profile allows.',
  rule: 'A rule of R4 or of the profile does not hold.',
} as const;

export type ConformanceCode = keyof typeof CONFORMANCE_FAULTS;

/** One fault of a research resource. */
export interface ConformanceFault {
  code: ConformanceCode;
  /** FHIRPath to the element, as in OperationOutcome.issue.expression. */
  expression: string;
  /** One sentence for an operator: what is wrong and what to do. Never repeats a value. */
  message: string;
}
