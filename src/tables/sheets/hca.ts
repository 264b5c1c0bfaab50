import type { SheetColumn } from './sheet.ts';

// The Tier-1 dictionary of the Human Cell Atlas, donor and sample, as far as these sheets fill or pass it on.

const TERM = (prefix: string) => new RegExp(`^${prefix}:\\d{7}$`);
const ours = (name: string, more: Partial<SheetColumn> = {}): SheetColumn => ({
  name,
  by: 'gateway',
  required: true,
  ...more,
});
const laboratory = (name: string, more: Partial<SheetColumn> = {}): SheetColumn => ({
  name,
  by: 'laboratory',
  required: true,
  ...more,
});

/** One or more MONDO terms, ascending; or, healthy, PATO:0000461. */
export const DISEASE = /^(PATO:0000461|MONDO:\d{7}( \|\| MONDO:\d{7})*)$/;

export const HCA_DONOR: readonly SheetColumn[] = [
  ours('dataset_id'),
  ours('donor_id'),
  ours('organism_ontology_term_id', { values: ['NCBITaxon:9606'] }),
  ours('sex_ontology_term_id', { values: ['PATO:0000383', 'PATO:0000384', 'unknown'] }),
  ours('manner_of_death', { values: ['1', '2', '3', '4', '0', 'unknown', 'not applicable'] }),
];

/** Tier-1 has no finer stages of life than these. */
export const TIER_1_STAGES: readonly string[] = [
  'HsapDv:0000264',
  'HsapDv:0000268',
  ...[237, 238, 239, 240, 241, 242, 243, 244, 245].map((number) => `HsapDv:0000${number}`),
  'unknown',
];

export const HCA_SAMPLE: readonly SheetColumn[] = [
  ours('dataset_id'),
  ours('sample_id'),
  ours('donor_id'),
  ours('institute'),
  ours('tissue_ontology_term_id', { form: TERM('UBERON') }),
  ours('tissue_type', { values: ['tissue'] }),
  ours('sample_collection_method', {
    values: ['brush', 'scraping', 'biopsy', 'surgical resection', 'blood draw', 'body fluid', 'other'],
  }),
  ours('sample_preservation_method', {
    values: [
      'ambient temperature',
      'cut slide',
      'fresh',
      'frozen at -70C',
      'frozen at -80C',
      'frozen at -150C',
      'frozen in liquid nitrogen',
      'frozen in vapor phase',
      'paraffin block',
      'RNAlater at 4C',
      'RNAlater at 25C',
      'RNAlater at -20C',
      'other',
    ],
  }),
  ours('sample_source', { values: ['surgical donor', 'postmortem donor', 'living organ donor'] }),
  ours('sampled_site_condition', { values: ['healthy', 'diseased', 'adjacent'] }),
  ours('disease_ontology_term_id', { form: DISEASE }),
  ours('development_stage_ontology_term_id', { values: TIER_1_STAGES }),
  ours('sample_collection_site', { required: false }),
  ours('sample_collection_year', { required: false, form: /^\d{4}$/ }),
  ours('sample_collection_relative_time_point', { required: false, form: /^day\d+$/ }),
  laboratory('suspension_type', { values: ['cell', 'nucleus', 'na'] }),
  laboratory('cell_enrichment'),
  laboratory('library_id'),
  laboratory('library_preparation_batch'),
  laboratory('library_sequencing_run'),
];
