import type { r4 } from '../../fhir/resource.ts';
import type { Person } from '../cohort.ts';
import { codingsOf, extensionCodes } from '../elements.ts';
import { GROUP, ONTOLOGY_TERM, type TableTerms } from '../terms.ts';

/** Several disease terms in one cell (CELLxGENE 7.1.0, disease_ontology_term_id). */
export const TERM_DELIMITER = ' || ';

/**
 * The diseases of a person as MONDO terms: of confirmed, present diagnoses and of the groups that the person qualifies
 * for, without those that a finer one among them already says; ascending, each once. `unknown` when none is known: that
 * nobody wrote down a disease does not make anyone healthy.
 */
export function diseaseTerm(person: Person, terms: TableTerms): string {
  const diagnoses = person.of('Condition').filter(counts);
  const found = new Set([
    ...diagnoses.flatMap(({ code }) => terms.targetsOf('table-disease', codingsOf(code)) ?? []),
    ...extensionCodes(person.subject, 'qualifying-group').flatMap(
      (group) => terms.targets('table-disease-of-group', GROUP, group) ?? [],
    ),
  ]);
  const said = new Set([...found].flatMap((term) => terms.targets('table-disease-within', ONTOLOGY_TERM, term) ?? []));
  const finest = [...found].filter((term) => !said.has(term)).sort();
  return finest.length === 0 ? 'unknown' : finest.join(TERM_DELIMITER);
}

/** Confirmed or without a word on it, and not over. */
function counts({ verificationStatus, clinicalStatus }: r4.Condition): boolean {
  const [verified] = codingsOf(verificationStatus);
  const [state] = codingsOf(clinicalStatus);
  if (verified && verified.code !== 'confirmed') return false;
  return !state || ['active', 'recurrence', 'relapse'].includes(state.code ?? '');
}
