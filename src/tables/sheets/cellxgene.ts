import { DISEASE } from './hca.ts';
import type { SheetColumn } from './sheet.ts';

// Columns of obs of the CELLxGENE schema 7.1.0 that donor and sample decide; obs joins them by donor_id and sample_id.
// Cell types and positions on a slide are those of single observations and stand in no sheet.

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

export const CELLXGENE_DONOR: readonly SheetColumn[] = [
  ours('donor_id'),
  ours('sex_ontology_term_id', { values: ['PATO:0000383', 'PATO:0000384', 'PATO:0001340', 'unknown'] }),
  ours('self_reported_ethnicity_ontology_term_id', {
    form: /^(unknown|(HANCESTRO|AfPO):\d+( \|\| (HANCESTRO|AfPO):\d+)*)$/,
  }),
  ours('development_stage_ontology_term_id', { form: /^(unknown|HsapDv:\d{7})$/ }),
];

export const CELLXGENE_SAMPLE: readonly SheetColumn[] = [
  ours('sample_id'),
  ours('donor_id'),
  ours('tissue_ontology_term_id', { form: /^UBERON:\d{7}$/ }),
  ours('tissue_type', { values: ['tissue'] }),
  ours('disease_ontology_term_id', { form: DISEASE }),
  laboratory('suspension_type', { values: ['cell', 'nucleus', 'na'] }),
  laboratory('assay_ontology_term_id', { form: /^EFO:\d{7}$/ }),
  laboratory('is_primary_data', { values: ['True', 'False'] }),
];
