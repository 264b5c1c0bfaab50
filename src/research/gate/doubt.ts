/** What the gate did not understand of a Consent. Each narrows what is granted; none widens it. */
export const DOUBTS = {
  undated: 'The Consent has no date that can be read: it grants nothing and counts as older than every other.',
  'future-dated': 'The Consent is dated in the future: it grants nothing until then.',
  'patient-other': 'The Consent names another patient: it grants nothing.',
  'form-unknown': 'The Consent names no version of the form that the study has: it grants nothing.',
  'form-undecided': 'The date leaves open whether this version of the form was in force.',
  'birth-unknown': 'A guardian signed, and the day of the 18th birthday is not known: it grants nothing.',
  'provision-type':
    'The provision is neither a permit nor a deny: as a whole Consent it grants nothing, nested it denies.',
  'modifier-unknown': 'A modifier that is not understood: nothing is granted.',
  'limit-unknown':
    'The provision is limited by an element that is not understood: a permit is void, a deny holds without the limit.',
  'purpose-unknown':
    'The provision names a purpose that the study does not have: not permitted; in a deny, all are denied.',
  'purpose-beyond-form': 'The provision names a purpose that this version of the form does not cover: not permitted.',
  'purpose-missing': 'A nested permit names no purpose: it adds nothing.',
  'period-unreadable': 'The period cannot be read: a permit is void, a deny holds for all time.',
  'period-reversed': 'The period ends before it begins: a permit is void, a deny holds for all time.',
  'nested-too-deep': 'A permit inside a nested provision: it adds nothing.',
  'withdrawal-undated': 'Withdrawn, and nothing says since when: nothing was ever granted.',
} as const;

export type DoubtCode = keyof typeof DOUBTS;

/** For the hospital side only: `consent` is a hospital's id. */
export interface Doubt {
  /** `Consent/id`, or null when the resource has no id. */
  consent: string | null;
  reason: DoubtCode;
  /** FHIRPath to the element. */
  expression: string;
}

/** Says each doubt once, in an order that does not depend on the order of the Consents. */
export function inOrder(doubts: readonly Doubt[]): Doubt[] {
  const byKey = new Map(doubts.map((doubt) => [`${doubt.consent}\n${doubt.expression}\n${doubt.reason}`, doubt]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, doubt]) => doubt);
}
