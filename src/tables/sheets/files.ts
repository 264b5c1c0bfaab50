import { isDead } from '../cdisc/dm.ts';
import type { Cohort, Person } from '../cohort.ts';
import type { TableFile } from '../input.ts';
import type { TableDefinitions } from '../load.ts';
import { SITE } from '../terms.ts';
import { CELLXGENE_DONOR, CELLXGENE_SAMPLE } from './cellxgene.ts';
import { diseaseTerm } from './disease.ts';
import { HCA_DONOR, HCA_SAMPLE } from './hca.ts';
import { type Sample, samplesOf, UNKNOWN } from './sample.ts';
import { sheetFile } from './sheet.ts';
import { decadeStage, finestStage } from './stage.ts';

const GENDERS = 'http://hl7.org/fhir/administrative-gender';
const HUMAN = 'NCBITaxon:9606';

/**
 * Donor and sample sheets of HCA Tier-1 and of CELLxGENE: everybody who gave a sample that may be used, ordered by
 * donor and sample, under ids that are the same in both and in the other tables.
 */
export function* sheetFiles(cohort: Cohort, definitions: TableDefinitions): Iterable<TableFile> {
  const given = cohort.people.map((person) => ({ person, samples: samplesOf(person, definitions) }));
  const donors = given
    .filter(({ samples }) => samples.length > 0)
    .map(({ person, samples }) => ({ person, samples, row: rowOf(person, definitions) }))
    .sort((a, b) => (a.row.donor_id < b.row.donor_id ? -1 : 1));
  const samples = donors.flatMap(({ person, samples: all, row }) =>
    [...all]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((sample) => ({ ...row, ...sampleRow(sample, all, person, definitions) })),
  );
  const { terms } = definitions;
  yield sheetFile(
    'hca-donor.csv',
    HCA_DONOR,
    donors.map(({ row }) => row),
  );
  yield sheetFile('hca-sample.csv', HCA_SAMPLE, samples);
  yield sheetFile(
    'cellxgene-donor.csv',
    CELLXGENE_DONOR,
    donors.map(({ row, person }) => ({
      ...row,
      development_stage_ontology_term_id: finestStage(person.patient, terms),
    })),
  );
  yield sheetFile('cellxgene-sample.csv', CELLXGENE_SAMPLE, samples);
}

function rowOf(person: Person, { settings, terms }: TableDefinitions) {
  const sex = terms.targets('table-sex-ontology', GENDERS, person.patient?.gender ?? 'unknown')?.[0];
  return {
    dataset_id: settings.datasetId,
    donor_id: `${settings.studyId}-${person.number ?? person.id}`,
    organism_ontology_term_id: HUMAN,
    sex_ontology_term_id: sex ?? UNKNOWN,
    manner_of_death: !person.subject || isDead(person) ? UNKNOWN : 'not applicable',
    // Nobody is asked for it in the study.
    self_reported_ethnicity_ontology_term_id: UNKNOWN,
    disease_ontology_term_id: diseaseTerm(person, terms),
    development_stage_ontology_term_id: decadeStage(person.patient, terms),
  };
}

function sampleRow(sample: Sample, all: readonly Sample[], person: Person, { settings, terms }: TableDefinitions) {
  const atSite = (map: 'table-institute' | 'table-site-name') =>
    person.site === null ? null : (terms.targets(map, SITE, person.site)?.[0] ?? null);
  const apart = all.some(({ dayOffset }) => dayOffset !== null && dayOffset > 0);
  return {
    sample_id: sample.id,
    institute: atSite('table-institute') ?? UNKNOWN,
    tissue_ontology_term_id: sample.tissue,
    tissue_type: 'tissue',
    sample_collection_method: sample.collectionMethod,
    sample_preservation_method: sample.preservation,
    sample_source: settings.sampleSource,
    sampled_site_condition: sample.siteCondition,
    sample_collection_site: atSite('table-site-name') ?? '',
    sample_collection_year: sample.year,
    sample_collection_relative_time_point: apart ? `day${sample.dayOffset}` : '',
  };
}
