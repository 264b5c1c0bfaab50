import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { Session } from '../session.ts';

const OVER = new Set(['inactive', 'remission', 'resolved']);

/** Whether any of the concepts is in the ValueSet, the hospital's dictionary included. */
export function memberOf(session: Session, concepts: r4.CodeableConcept[], valueSet: string): boolean {
  return concepts.some((concept) => session.reading(concept).sets.has(valueSet));
}

/** Whether only free text speaks of the concept: never evidence, always a to-do. */
export function suggests(session: Session, resource: FhirResource, concept: string): boolean {
  const code = resource.code as r4.CodeableConcept | undefined;
  if (code && session.reading(code).sets.has(concept)) return false;
  const report = resource as unknown as r4.DiagnosticReport;
  if (report.conclusionCode?.some((one) => session.reading(one).sets.has(concept))) return true;
  return textsOf(session, resource).some((text) => session.suggested(text).has(concept));
}

/** The texts of a resource that may speak of a disease or a procedure. */
function textsOf(session: Session, resource: FhirResource): string[] {
  if (resource.resourceType === 'DiagnosticReport') {
    const report = resource as unknown as r4.DiagnosticReport;
    return [report.conclusion, ...(report.conclusionCode ?? []).flatMap(conceptTexts)].filter(
      (text) => text !== undefined,
    );
  }
  const code = resource.code as r4.CodeableConcept | undefined;
  if (!code) return [];
  // The display of a code that is understood only repeats the code.
  return session.reading(code).understood ? (code.text ? [code.text] : []) : conceptTexts(code);
}

function conceptTexts(concept: r4.CodeableConcept): string[] {
  return [concept.text, ...(concept.coding ?? []).map((coding) => coding.display)].filter((text) => text !== undefined);
}

/** Whether a diagnosis is current: not resolved, in remission or inactive; without a status, not abated. */
export function current(_session: Session, resource: FhirResource): boolean {
  const condition = resource as unknown as r4.Condition;
  const code = condition.clinicalStatus?.coding?.[0]?.code;
  if (code) return !OVER.has(code);
  return !Object.keys(resource).some((name) => name.startsWith('abatement'));
}
