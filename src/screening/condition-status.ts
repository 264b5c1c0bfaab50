import type { FhirResource, r4 } from '../fhir/resource.ts';

/** How sure a diagnosis is, as far as evidence is concerned. */
export type Certainty = 'confirmed' | 'provisional' | 'retracted';

/** The most cautious first: a Condition coded twice is as sure as its most cautious code says. */
const VERIFICATION: readonly [string, Certainty][] = [
  ['entered-in-error', 'retracted'],
  ['refuted', 'retracted'],
  ['unconfirmed', 'provisional'],
  ['provisional', 'provisional'],
  ['differential', 'provisional'],
  ['confirmed', 'confirmed'],
];
const OVER = new Set(['inactive', 'remission', 'resolved']);
const GOING_ON = new Set(['active', 'recurrence', 'relapse']);

/**
 * Reads Condition.verificationStatus over all its codings (a local one may stand first). None at all counts as
 * confirmed; one that says nothing known is no confirmation.
 */
export function certaintyOf(resource: FhirResource): Certainty {
  const status = (resource as unknown as r4.Condition).verificationStatus;
  if (!status) return 'confirmed';
  const codes = codesOf(status);
  return VERIFICATION.find(([code]) => codes.includes(code))?.[1] ?? 'provisional';
}

/** Whether a diagnosis is current: not resolved, in remission or inactive; without a status, not abated; null when unreadable. */
export function isCurrent(resource: FhirResource): boolean | null {
  const status = (resource as unknown as r4.Condition).clinicalStatus;
  if (!status) return !Object.keys(resource).some((name) => name.startsWith('abatement'));
  const codes = codesOf(status);
  if (codes.some((code) => OVER.has(code))) return false;
  return codes.some((code) => GOING_ON.has(code)) ? true : null;
}

function codesOf(concept: r4.CodeableConcept): string[] {
  return (concept.coding ?? []).flatMap(({ code }) => (code ? [code.trim().toLowerCase()] : []));
}
