/**
 * Why something was not taken in. The codes are stable: scripts and dashboards may rely on them.
 * A refusal is a value, never an exception (an exception means a bug or an outage).
 */
export const REFUSALS = {
  'file-unreadable': 'The file could not be read to its end.',
  'gzip-broken': 'The gzip stream is damaged or cut off.',
  'line-too-long': 'The line is longer than the limit.',
  'document-too-long': 'The JSON document is longer than the limit.',
  'invalid-utf8': 'The bytes are not UTF-8.',
  'invalid-json': 'The text is not JSON.',
  'too-deep': 'The JSON is nested deeper than the limit.',
  'not-a-resource': 'The JSON is not a FHIR resource.',
  'unknown-type': 'R4 has no such resource type.',
  'bundle-type': 'Bundles of this type carry nothing to take in.',
  'bundle-nested': 'A Bundle inside a Bundle is not taken in.',
  'bundle-entry': 'The Bundle entry has neither a resource nor a usable request.',
  'method-unsupported': 'The request method of the entry is not supported.',
  'invalid-id': 'The resource has no usable id.',
  shape: 'The resource does not have the shape of FHIR R4.',
  'modifier-unknown': 'The resource carries a modifier that changes its meaning and is not understood.',
  'form-refused': 'The response does not answer its form as the form asks.',
  'decision-refused': 'The decision cannot be made on the present state.',
  'site-unknown': 'The hospital of the resource is not known.',
  'site-conflict': 'The resource belongs to another hospital than the one named.',
  'subject-missing': 'The resource does not say whom it is about.',
  'subject-not-patient': 'The resource is not about a patient.',
  'subject-foreign': 'The reference to the patient leads to another server.',
  'subject-unresolvable': 'The reference to the patient cannot be followed.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Where something stood in the feed: `line` counts from 1, `entry` (of a Bundle) from 0. */
export interface Place {
  file: string;
  line: number | null;
  entry: number | null;
}

/** One fault of a resource: `expression` is a FHIRPath to the element, as in OperationOutcome.issue.expression. */
export interface Fault {
  reason: RefusalCode;
  expression: string | null;
  /** One sentence for a person: what is wrong and what to do. Never carries values of identifying elements. */
  message: string;
}

/** Something set aside at the door. */
export interface Refused extends Fault {
  kind: 'refused';
  place: Place;
}
