import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { type Cohort, type Person, subjectIdOf } from '../cohort.ts';
import type { VerdictFact } from '../input.ts';
import { maskedVerdict } from '../verdict.ts';

/** Extensions in which a view finds what was handed over beside the resources. */
const FACT = 'https://study-gateway.example/fact/';

/**
 * The resources as views see them. Every one carries whose it is (`fact/participant`, `fact/subject`, `fact/site`); a
 * ResearchSubject contains its Patient, since a view reads one resource at a time; a verdict is a Parameters.
 */
export function viewResources(cohort: Cohort, verdicts: readonly VerdictFact[]): FhirResource[] {
  const plain = cohort.resources.map((resource) => {
    const person = cohort.personOf(resource);
    const extension = [...((resource.extension as r4.Extension[] | undefined) ?? []), ...factsOf(person)];
    const contained = resource.resourceType === 'ResearchSubject' && person?.patient ? [person.patient] : [];
    return { ...resource, extension, ...(contained.length > 0 ? { contained } : {}) };
  });
  const bySubject = new Map(cohort.people.map((person) => [subjectIdOf(person), person]));
  const told = verdicts.filter(({ subject }) => bySubject.has(subject));
  return [...plain, ...sortedVerdicts(told).map((one) => verdictResource(one, bySubject.get(one.subject)!))];
}

function factsOf(person: Person | null): r4.Extension[] {
  const subject = subjectIdOf(person);
  return [
    ...(person?.number ? [{ url: `${FACT}participant`, valueString: person.number }] : []),
    ...(subject ? [{ url: `${FACT}subject`, valueString: subject }] : []),
    ...(person?.site ? [{ url: `${FACT}site`, valueCode: person.site }] : []),
  ];
}

function verdictResource(fact: VerdictFact, person: Person): FhirResource {
  const { subject, criterion, exclude, verdict, reason, text, since } = maskedVerdict(fact);
  const parameter: r4.ParametersParameter[] = [
    { name: 'subject', valueString: subject },
    { name: 'participant', ...(person.number ? { valueString: person.number } : {}) },
    { name: 'site', ...(person.site ? { valueCode: person.site } : {}) },
    { name: 'criterion', valueCode: criterion },
    { name: 'kind', valueCode: exclude ? 'exclusion' : 'inclusion' },
    { name: 'verdict', valueCode: verdict },
    { name: 'reason', ...(reason ? { valueCode: reason } : {}) },
    { name: 'text', valueString: text },
    { name: 'since', ...(since ? { valueDate: since } : {}) },
  ];
  return { resourceType: 'Parameters', id: `${subject}-${criterion}`, parameter };
}

/** By subject, inclusion criteria first, then by their ids. */
export function sortedVerdicts(verdicts: readonly VerdictFact[]): VerdictFact[] {
  const key = ({ subject, exclude, criterion }: VerdictFact) => `${subject} ${exclude ? 1 : 0} ${criterion}`;
  return [...verdicts].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
