import type { FhirResource, r4 } from '../fhir/resource.ts';
import { dayText } from '../fhir/time.ts';
import type { Agreement } from '../release/agreement.ts';
import type { ReleaseFile, ReleaseWriter } from '../release/files.ts';
import { siteOf } from '../release/subject-site.ts';
import { VERDICT } from '../release/verdicts.ts';
import { patientOf } from '../tables/elements.ts';
import { type SubjectFact, TABLE_FORMATS } from '../tables/input.ts';
import type { TableDefinitions } from '../tables/load.ts';
import { tableFiles } from '../tables/tables.ts';

/**
 * Files that are no views, with the resource types that each is made of: without one of them it would be empty, or say
 * that there is nothing. IE and views of verdicts are there where the agreement names criteria.
 */
const MADE_OF: Readonly<Record<string, readonly string[]>> = {
  'dm.json': ['Patient', 'ResearchSubject'],
  'suppdm.json': ['ResearchSubject'],
  'ds.json': ['Consent', 'ResearchSubject'],
  'ie.json': ['ResearchSubject', VERDICT],
  'ae.json': ['AdverseEvent'],
  'be.json': ['Specimen'],
  'bs.json': ['Specimen'],
  'relspec.json': ['Specimen'],
  'hca-donor.csv': ['Patient', 'Specimen'],
  'hca-sample.csv': ['Patient', 'Specimen'],
  'cellxgene-donor.csv': ['Patient', 'Specimen'],
  'cellxgene-sample.csv': ['Patient', 'Specimen'],
};

/**
 * Tables of the kinds that an agreement names, made of what the registry may have and of nothing else: ids, dates and
 * ages are those of the resources in the release. A table of a type that was not agreed is not there at all.
 */
export function tablesWriter(definitions: TableDefinitions): ReleaseWriter {
  return async ({ resources, verdicts, agreement, study }) => {
    const formats = TABLE_FORMATS.filter((format) => agreement.tables.includes(format));
    if (formats.length === 0) return [];
    const types = new Set([...agreement.resources.keys(), ...(agreement.criteria.size > 0 ? [VERDICT] : [])]);
    const views = definitions.views.filter(({ resource }) => types.has(resource === 'Parameters' ? VERDICT : resource));
    const names = new Set([
      ...views.flatMap(({ name }) => [`${name}.csv`, `${name}.ndjson`]),
      ...Object.keys(MADE_OF).filter((name) => MADE_OF[name]!.every((type) => types.has(type))),
    ]);
    const files: ReleaseFile[] = [];
    const made = tableFiles({
      definitions: { ...definitions, views },
      resources,
      subjects: factsOf(resources, agreement),
      // A reason says what was found: it stays. Sensitive ones are not among them.
      verdicts: verdicts.map((one) => ({ ...one, reason: null, sensitive: false })),
      formats,
      // The same data are to give the same bytes on any day; the manifest says when the release was made.
      createdAt: `${dayText(agreement.legalBasis.from)}T00:00:00Z`,
      studyVersion: study.version,
    });
    for await (const file of made) if (names.has(file.name)) files.push(file);
    return files;
  };
}

/** The site of each subject, where the release itself tells it by its Provenances. */
function factsOf(resources: readonly FhirResource[], { identifiers }: Agreement): SubjectFact[] {
  const owners = new Map(resources.map((one) => [`${one.resourceType}/${one.id}`, patientOf(one)]));
  const provenances = Map.groupBy(
    resources.filter(({ resourceType }) => resourceType === 'Provenance'),
    (one) => owners.get((one as unknown as r4.Provenance).target[0]?.reference ?? '') ?? null,
  );
  return resources
    .filter(({ resourceType }) => resourceType === 'ResearchSubject')
    .map((subject) => ({
      subject: subject.id!,
      // Under a name of the registry's own a site means nothing to a table.
      site: identifiers === 'exact' ? siteOf(provenances.get(patientOf(subject)) ?? []) : null,
    }));
}
