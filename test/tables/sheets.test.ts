import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { TableDefinitions } from '../../src/tables/load.ts';
import { CELLXGENE_DONOR, CELLXGENE_SAMPLE } from '../../src/tables/sheets/cellxgene.ts';
import { HCA_DONOR, HCA_SAMPLE } from '../../src/tables/sheets/hca.ts';
import { type SheetColumn, sheetGaps } from '../../src/tables/sheets/sheet.ts';
import { decadeStage, finestStage } from '../../src/tables/sheets/stage.ts';
import { condition, HOME, linesOf, MORE_PEOPLE, made, pseudonym, specimen, tables } from './people.ts';

const files = await made({ formats: ['hca'] });
const lines = (name: string) => linesOf(files[name]!.content);
const { terms } = await tables();

test('HCA donors: everybody of whom there is a sample; what is not known is unknown', () => {
  expect(lines('hca-donor.csv')).toEqual([
    'dataset_id,donor_id,organism_ontology_term_id,sex_ontology_term_id,manner_of_death',
    'NCT07265544,NCT07265544-FattyLiver-1,NCBITaxon:9606,unknown,not applicable',
    'NCT07265544,NCT07265544-Normal-1,NCBITaxon:9606,PATO:0000384,unknown',
    `NCT07265544,NCT07265544-${pseudonym('p3')},NCBITaxon:9606,unknown,not applicable`,
  ]);
});

test('HCA samples: under kit ids; held ones and plasma are none; a child has place, method and day of its parent', () => {
  const [header, ...rows] = lines('hca-sample.csv');
  expect(header).toBe(
    'dataset_id,sample_id,donor_id,institute,tissue_ontology_term_id,tissue_type,sample_collection_method,sample_preservation_method,sample_source,sampled_site_condition,disease_ontology_term_id,development_stage_ontology_term_id,sample_collection_site,sample_collection_year,sample_collection_relative_time_point,suspension_type,cell_enrichment,library_id,library_preparation_batch,library_sequencing_run',
  );
  expect(rows).toEqual([
    'NCT07265544,BF-00007,NCT07265544-FattyLiver-1,Beijing Friendship Hospital,UBERON:0000178,tissue,blood draw,unknown,surgical donor,unknown,MONDO:0013209,HsapDv:0000243,NCT07265544_site_3,2024,,,,,,',
    'NCT07265544,NF-00010,NCT07265544-Normal-1,Nanfang Hospital,UBERON:0002107,tissue,surgical resection,fresh,surgical donor,adjacent,MONDO:0002404,HsapDv:0000268,NCT07265544_site_1,2025,day0,,,,,',
    'NCT07265544,NF-00010-1,NCT07265544-Normal-1,Nanfang Hospital,UBERON:0002107,tissue,surgical resection,unknown,surgical donor,adjacent,MONDO:0002404,HsapDv:0000268,NCT07265544_site_1,2025,day0,,,,,',
    'NCT07265544,NF-00011,NCT07265544-Normal-1,Nanfang Hospital,UBERON:0002107,tissue,biopsy,unknown,surgical donor,adjacent,MONDO:0002404,HsapDv:0000268,NCT07265544_site_1,2025,day3,,,,,',
    `NCT07265544,${pseudonym('b3')},NCT07265544-${pseudonym('p3')},unknown,UBERON:0013756,tissue,blood draw,unknown,surgical donor,unknown,MONDO:0005366,unknown,,2025,,,,,,`,
  ]);
});

test('CELLxGENE: the year of life where it is told; the same ids join both sheets and the other tables', () => {
  expect(lines('cellxgene-donor.csv')).toEqual([
    'donor_id,sex_ontology_term_id,self_reported_ethnicity_ontology_term_id,development_stage_ontology_term_id',
    'NCT07265544-FattyLiver-1,unknown,unknown,HsapDv:0000208',
    'NCT07265544-Normal-1,PATO:0000384,unknown,HsapDv:0000110',
    `NCT07265544-${pseudonym('p3')},unknown,unknown,unknown`,
  ]);
  expect(lines('cellxgene-sample.csv')).toEqual([
    'sample_id,donor_id,tissue_ontology_term_id,tissue_type,disease_ontology_term_id,suspension_type,assay_ontology_term_id,is_primary_data',
    'BF-00007,NCT07265544-FattyLiver-1,UBERON:0000178,tissue,MONDO:0013209,,,',
    'NF-00010,NCT07265544-Normal-1,UBERON:0002107,tissue,MONDO:0002404,,,',
    'NF-00010-1,NCT07265544-Normal-1,UBERON:0002107,tissue,MONDO:0002404,,,',
    'NF-00011,NCT07265544-Normal-1,UBERON:0002107,tissue,MONDO:0002404,,,',
    `${pseudonym('b3')},NCT07265544-${pseudonym('p3')},UBERON:0013756,tissue,MONDO:0005366,,,`,
  ]);
});

test('what is missing is told: by the laboratory, or unknown here; nothing is against the rules', () => {
  const told = Object.values(files).flatMap(({ gaps }) => gaps as { kind: string; column: string; rows: number }[]);
  expect(told.filter(({ kind }) => kind === 'rule')).toEqual([]);
  expect(told.filter(({ kind }) => kind === 'unknown').map(({ column, rows }) => [column, rows])).toEqual([
    ['sample_preservation_method', 4],
    ['sampled_site_condition', 2],
  ]);
});

/** disease_ontology_term_id of a donor with these diagnoses and groups. */
async function disease(codes: [string, string][], groups: string[], more: object = {}): Promise<string> {
  const given = codes.map(([system, code], index) =>
    condition('p3', `kx${index}`, { coding: [{ system, code }] }, { ...more }),
  );
  const extension = groups.map((group) => ({
    url: 'https://study-gateway.example/StructureDefinition/qualifying-group',
    valueString: group,
  }));
  const resources = MORE_PEOPLE.filter(({ id }) => id !== pseudonym('k3')).map((one) =>
    one.id === pseudonym('sp3') ? { ...one, extension } : one,
  );
  const made_ = await made({ resources: [...resources, ...given], formats: ['hca'] });
  return linesOf(made_['cellxgene-sample.csv']!.content).at(-1)!.split(',')[4]!;
}
const SCT = 'http://snomed.info/sct';
const CN = 'http://hl7.org/fhir/sid/icd-10-cn';

test.each<[string, [string, string][], string[], string]>([
  [
    'several terms ascend, joined',
    [
      [SCT, '93469006'],
      [SCT, '61977001'],
      [SCT, '278527001'],
    ],
    [],
    'MONDO:0002404 || MONDO:0005366 || MONDO:0100549',
  ],
  [
    'the finer one stands for the coarser',
    [
      [SCT, '197321007'],
      [SCT, '442685003'],
    ],
    ['FattyLiver'],
    'MONDO:0007027',
  ],
  ['one code that names two', [[CN, 'K74.602']], [], 'MONDO:0005155 || MONDO:0005344'],
  ['below a code of the map', [[CN, 'K76.0x001']], [], 'MONDO:0004790'],
  ['its own place in the map wins', [[CN, 'K76.001']], [], 'MONDO:0013209'],
  ['the nearest above wins', [[CN, 'K74.602x001']], [], 'MONDO:0005155 || MONDO:0005344'],
  ['a stage by histology is told by the group alone', [], ['Fibrosis', 'HBV'], 'MONDO:0005154 || MONDO:0005344'],
  ['cirrhosis says liver disorder too', [[SCT, '19943007']], ['Fibrosis'], 'MONDO:0005155'],
  ['a root that names more than one disease says nothing', [[CN, 'D18.0']], [], 'unknown'],
  ['no diagnosis makes nobody healthy', [], [], 'unknown'],
])('disease: %s', async (_what, codes, groups, expected) => {
  expect(await disease(codes, groups)).toBe(expected);
});

test.each([
  [{ verificationStatus: { coding: [{ code: 'refuted' }] } }, 'unknown'],
  [{ clinicalStatus: { coding: [{ code: 'resolved' }] } }, 'unknown'],
  [{ verificationStatus: undefined, clinicalStatus: undefined }, 'MONDO:0005366'],
])('a diagnosis counts when it is confirmed and present: %j', async (more, expected) => {
  expect(await disease([[SCT, '61977001']], [], more)).toBe(expected);
});

const aged = (valueInteger: number, name = 'age-years') =>
  ({
    resourceType: 'Patient',
    extension: [{ url: `https://study-gateway.example/StructureDefinition/${name}`, valueInteger }],
  }) as never;

test.each([
  [0, 'HsapDv:0000264', 'HsapDv:0000264'],
  [1, 'HsapDv:0000264', 'HsapDv:0000246'],
  [2, 'HsapDv:0000264', 'HsapDv:0000096'],
  [14, 'HsapDv:0000264', 'HsapDv:0000108'],
  [15, 'HsapDv:0000268', 'HsapDv:0000109'],
  [20, 'HsapDv:0000237', 'HsapDv:0000114'],
  [40, 'HsapDv:0000239', 'HsapDv:0000134'],
  [79, 'HsapDv:0000242', 'HsapDv:0000173'],
  [80, 'HsapDv:0000243', 'HsapDv:0000206'],
  [99, 'HsapDv:0000244', 'HsapDv:0000225'],
  [110, 'unknown', 'unknown'],
])('stage of life at %i years: Tier-1 %s, CELLxGENE %s', (years, decade, year) => {
  expect([decadeStage(aged(years), terms), finestStage(aged(years), terms)]).toEqual([decade, year]);
});

test('of somebody known by the decade: the decade in both; where the stages differ within it, unknown', () => {
  expect([decadeStage(aged(30, 'age-decade'), terms), finestStage(aged(30, 'age-decade'), terms)]).toEqual([
    'HsapDv:0000238',
    'HsapDv:0000238',
  ]);
  expect(decadeStage(aged(10, 'age-decade'), terms)).toBe('unknown');
});

test('a specimen that is held, or not available, is no sample; with none of them nobody is a donor', async () => {
  const hold = [{ url: 'https://study-gateway.example/StructureDefinition/specimen-hold', valueCode: 're-consent' }];
  const blood = (id: string, more: object) =>
    specimen('p4', id, null, { coding: [{ system: SCT, code: '119297000' }] }, { ...more });
  const resources = [...MORE_PEOPLE, blood('b4', { extension: hold }), blood('b4b', { status: 'unsatisfactory' })];
  const { 'hca-donor.csv': donors } = await made({ resources, formats: ['hca'] });
  expect(donors!.content).toBe(files['hca-donor.csv']!.content);
});

test('how a tissue was obtained is not guessed: two kinds of procedure on its day, or no whole day', async () => {
  const tissue = (id: string, collected: string) =>
    specimen(
      'p2',
      id,
      `NF-0002${id.at(-1)}`,
      { coding: [{ system: SCT, code: '119376003' }] },
      { collection: { collectedDateTime: collected } },
    );
  const both: FhirResource[] = MORE_PEOPLE.map((one) =>
    one.id === pseudonym('o2b') ? { ...one, performedDateTime: '2025-04-02' } : one,
  );
  const { 'hca-sample.csv': sheet } = await made({
    resources: [...both, tissue('t4', '2025-04-02'), tissue('t5', '2025')],
    formats: ['hca'],
  });
  expect(linesOf(sheet!.content).flatMap((line) => (/NF-0002/.test(line) ? [line.split(',')[6]] : []))).toEqual([
    'unknown',
    'unknown',
  ]);
});

test.each<[SheetColumn[], Record<string, string>, string]>([
  [[...HCA_DONOR], { sex_ontology_term_id: 'female' }, 'rule sex_ontology_term_id'],
  [[...HCA_SAMPLE], { disease_ontology_term_id: 'MONDO:0005366||MONDO:0005155' }, 'rule disease_ontology_term_id'],
  [
    [...HCA_SAMPLE],
    { development_stage_ontology_term_id: 'HsapDv:0000134' },
    'rule development_stage_ontology_term_id',
  ],
  [[...HCA_SAMPLE], { sample_collection_year: '2025-04' }, 'rule sample_collection_year'],
  [[...HCA_SAMPLE], { tissue_ontology_term_id: '' }, 'unknown tissue_ontology_term_id'],
  [
    [...CELLXGENE_DONOR],
    { self_reported_ethnicity_ontology_term_id: 'Han' },
    'rule self_reported_ethnicity_ontology_term_id',
  ],
  [[...CELLXGENE_SAMPLE], { assay_ontology_term_id: '' }, 'laboratory assay_ontology_term_id'],
])('the rules of a sheet find it: %#', (columns, row, gap) => {
  expect(sheetGaps(columns, [row]).map(({ kind, column }) => `${kind} ${column}`)).toContain(gap);
});

const RULES = join(HOME, '..', 'shared', 'data', 'rules', 'hca-core-data-dictionary.json');
(existsSync(RULES) ? test : test.skip)(
  'the columns are those of the published Tier-1 dictionary: names, what is required, allowed values',
  () => {
    const { classes } = JSON.parse(readFileSync(RULES, 'utf8')) as {
      classes: {
        name: string;
        attributes: { name: string; required: boolean; values?: string; description: string }[];
      }[];
    };
    for (const [name, columns] of [
      ['donor', HCA_DONOR],
      ['sample', HCA_SAMPLE],
    ] as const) {
      const { attributes } = classes.find((one) => one.name === name)!;
      const published = new Map(attributes.map((one) => [one.name, one]));
      const ours = new Map(columns.map((one) => [one.name, one]));
      expect([...ours.keys()].filter((one) => !published.has(one))).toEqual([]);
      for (const { name: column, required } of attributes) {
        expect([column, ours.get(column)?.required ?? false]).toEqual([column, required]);
      }
      for (const { name: column, values } of columns) {
        const listed = published.get(column)!.values;
        if (values && listed?.includes(';')) expect(listed.split(/; ?/)).toEqual(expect.arrayContaining([...values]));
      }
    }
    const sheet = lines('hca-sample.csv').map((line) => line.split(','));
    const stages = classes
      .find(({ name }) => name === 'sample')!
      .attributes.find(({ name }) => name === 'development_stage_ontology_term_id')!;
    const at = sheet[0]!.indexOf('development_stage_ontology_term_id');
    for (const row of sheet.slice(1)) expect(stages.values!.split('; ')).toContain(row[at]);
  },
);

test('every term of the translations has the form of its ontology', async () => {
  const definitions: TableDefinitions = await tables();
  const ages = Array.from({ length: 110 }, (_, years) => years);
  const found = ages.flatMap(
    (years) =>
      definitions.terms.targets('table-age-decade', 'https://study-gateway.example/cs/age-years', String(years)) ?? [],
  );
  expect(found).toHaveLength(110);
  for (const term of found)
    expect(HCA_SAMPLE.find(({ name }) => name === 'development_stage_ontology_term_id')!.values).toContain(term);
});
