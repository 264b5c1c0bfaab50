import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { isCurrent } from '../condition-status.ts';
import { evidenceOf } from '../evidence.ts';
import type { Session } from '../session.ts';

/** Whether any of the concepts is in the ValueSet, the hospital's dictionary included. */
export function memberOf(session: Session, concepts: r4.CodeableConcept[], valueSet: string): boolean {
  return concepts.some((concept) => session.reading(concept).sets.has(valueSet));
}

/** Whether only free text speaks of the concept: never evidence, always a to-do. */
export function suggests(session: Session, resource: FhirResource, concept: string): boolean {
  const code = (resource.code ?? resource.medicationCodeableConcept) as r4.CodeableConcept | undefined;
  if (code && session.reading(code).sets.has(concept)) return false;
  if (session.decided.settledTexts.has(`${evidenceOf(resource)}|${concept}`)) return false;
  const report = resource as unknown as r4.DiagnosticReport;
  if (report.conclusionCode?.some((one) => session.reading(one).sets.has(concept))) return true;
  return textsOf(session, resource).some((text) => session.suggested(text).has(concept));
}

/** The concepts of which `suggests` may hold for a resource; it holds for no other. */
export function suggestible(session: Session, resource: FhirResource): ReadonlySet<string> {
  const { conclusionCode = [] } = resource as unknown as r4.DiagnosticReport;
  return new Set([
    ...conclusionCode.flatMap((one) => [...session.reading(one).sets]),
    ...textsOf(session, resource).flatMap((text) => [...session.suggested(text)]),
  ]);
}

/** The texts of a resource that may speak of a disease or a procedure. */
function textsOf(session: Session, resource: FhirResource): string[] {
  if (resource.resourceType === 'DiagnosticReport') {
    const report = resource as unknown as r4.DiagnosticReport;
    return [report.conclusion, ...(report.conclusionCode ?? []).flatMap(conceptTexts)].filter(
      (text) => text !== undefined,
    );
  }
  const code = (resource.code ?? resource.medicationCodeableConcept) as r4.CodeableConcept | undefined;
  if (!code) return [];
  // The display of a code that a text rule's ValueSet holds only repeats the code.
  return session.isNamed(code) ? (code.text ? [code.text] : []) : conceptTexts(code);
}

function conceptTexts(concept: r4.CodeableConcept): string[] {
  return [concept.text, ...(concept.coding ?? []).map((coding) => coding.display)].filter((text) => text !== undefined);
}

/** Whether a diagnosis is current; nothing when its clinical status cannot be read. */
export function current(session: Session, resource: FhirResource): boolean | [] {
  return isCurrent(resource) ?? session.undecided(resource, 'value');
}

/** Whether every concept has a code of a system in which the ValueSet lists codes: only then can it be said not to be in it. */
export function codedFor(session: Session, concepts: r4.CodeableConcept[], valueSet: string): boolean {
  return concepts.length > 0 && concepts.every((concept) => session.speaksOf(concept, valueSet));
}

/** Whether every concept has a code that is understood: of a public system, or known to the hospital's dictionary. */
export function understood(session: Session, concepts: r4.CodeableConcept[]): boolean {
  return concepts.length > 0 && concepts.every((concept) => session.reading(concept).understood);
}
