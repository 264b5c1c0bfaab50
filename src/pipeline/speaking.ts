import type { FhirResource } from '../fhir/resource.ts';
import { createMeaning, type Meaning } from '../scan/meaning.ts';
import type { LoadedStudy } from '../study/load.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import type { Person } from './person.ts';

const meanings = new WeakMap<LoadedStudy, Meaning>();

/** What codes and texts mean, read out of the study once. */
function meaningOf({ loaded, sites }: Pick<Gateway, 'loaded' | 'sites'>): Meaning {
  const meaning = meanings.get(loaded) ?? createMeaning(loaded, sites);
  meanings.set(loaded, meaning);
  return meaning;
}

/**
 * Whether anything that is kept of a person may be evidence of a disease of the study. Where nothing may and nobody has
 * decided anything, the sets of evidence are empty: the person is counted, and no expression need be evaluated for that.
 */
export function speaksOfDisease(gateway: Pick<Gateway, 'loaded' | 'sites'>, site: Site, person: Person): boolean {
  if (person.decisions.length > 0) return true;
  const meaning = meaningOf(gateway);
  return person.rows.some(
    ({ type, body, deleted }) =>
      !deleted &&
      body !== null &&
      meaning.mayBeEvidence(type) &&
      meaning.isEvidence(JSON.parse(body) as FhirResource, site),
  );
}
