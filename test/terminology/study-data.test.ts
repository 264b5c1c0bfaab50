import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readConcept } from '../../src/terminology/concept.ts';
import { ICD_9_CM, ICD_10, ICD_10_CM, ICD_10_CN, SNOMED } from '../../src/terminology/systems.ts';
import { compileTextRules } from '../../src/terminology/text.ts';
import { compileValueSets } from '../../src/terminology/value-set.ts';
import { compiled, declaringSite, plainSite } from './site-example.ts';

const STUDY = join(import.meta.dirname, '../../studies/nct07265544');
const FOLDER = join(STUDY, 'valuesets');
const RULES = join(STUDY, 'text-rules.yaml');

const load = (file: string) => ({ source: file, content: parse(readFileSync(file, 'utf8')) as unknown });
/** Sets that only put others together; the table is about the ones that name codes. */
const COMBINED = new Set([
  'study-disease',
  'disease-root',
  'disease-review',
  'liver-procedure',
  'qualifying-procedure',
]);

describe('the study as authored', () => {
  const sets = compiled(compileValueSets(readdirSync(FOLDER).map((name) => load(join(FOLDER, name)))));
  const members = (system: string, code: string, site = declaringSite()) =>
    [...readConcept({ coding: [{ system, code }] }, site, sets).sets]
      .filter((id) => !COMBINED.has(id) && id !== 'reviewed-procedure')
      .sort();

  test.each<[string, string, string[]]>([
    [ICD_10, 'K760x001', ['fatty-liver']],
    [ICD_10_CN, 'K760x001', ['fatty-liver']],
    [ICD_10_CN, 'K76.000', ['fatty-liver']],
    [ICD_10_CN, 'K75.806', ['fatty-liver']],
    [ICD_10_CM, 'K75.81', ['fatty-liver']],
    [ICD_10_CN, 'O26.607', []],
    [ICD_10_CN, 'K70.000', ['alcoholic-fatty-liver']],
    [ICD_10_CN, 'D18.013', ['hepatic-hemangioma']],
    [ICD_10, 'D18.013', ['hepatic-hemangioma']],
    [ICD_10, 'D18013', ['hepatic-hemangioma']],
    [ICD_10, 'D18.0', ['hemangioma-root']],
    [ICD_10_CN, 'D18.000', ['hemangioma-root']],
    [ICD_10_CM, 'D18.03', ['hemangioma-root']],
    [ICD_10_CN, 'D18.007', []],
    [ICD_10, 'D18.007', []],
    [ICD_10_CN, 'K76.807', []],
    [ICD_10, 'K76.807', []],
    [ICD_10, 'K76.8', ['liver-disease-root']],
    [ICD_10_CN, 'K76.808', ['focal-nodular-hyperplasia']],
    [ICD_10, 'K76.808', ['focal-nodular-hyperplasia']],
    [ICD_10_CN, 'K76.401', ['hemangioma-review']],
    [ICD_10_CN, 'B18.103+N08.0*', ['hbv-infection']],
    [ICD_10_CN, 'K74.600x003', ['cirrhosis', 'hbv-infection']],
    [ICD_10_CN, 'K74.602', ['cirrhosis', 'hbv-infection']],
    [ICD_10, 'K74.6', ['cirrhosis']],
    [ICD_10_CN, 'K74.100', ['cirrhosis']],
    [ICD_10_CN, 'K76.600x007', []],
    [ICD_10_CN, 'Z24.601', []],
    [ICD_10_CN, 'Z54.800x008', []],
    [ICD_10_CN, 'Z11.400', []],
    [ICD_10_CN, 'Z20.600', []],
    [ICD_10_CN, 'B24.x01', ['hiv']],
    [ICD_10, 'B24', ['hiv']],
    [ICD_10_CN, 'R75.x00x001', ['hiv-review']],
    [ICD_10, 'D69.3', ['coagulation-immune']],
    [ICD_10_CN, 'D66.x01', ['coagulation-lifelong']],
    [ICD_10_CN, 'D66.x00x001', ['coagulation-immune']],
    [ICD_10_CN, 'D68.400x003', ['coagulation-review']],
    [SNOMED, '197321007', ['fatty-liver']],
    [ICD_9_CM, '5022', ['liver-resection']],
    [ICD_9_CM, '50.2200x003', ['liver-resection']],
    [ICD_9_CM, '50.2200x010', ['living-donor']],
    [ICD_9_CM, '5011', ['liver-biopsy']],
    [ICD_9_CM, '50.3x01', ['liver-resection']],
    [ICD_9_CM, '50.24', ['liver-ablation']],
    [ICD_9_CM, '51.23', []],
  ])('%s %s → %j', (system, code, expected) => {
    expect(members(system, code)).toEqual(expected);
  });

  test('where no Chinese list is declared, a suffix under WHO ICD-10 says no more than its root', () => {
    expect(members(ICD_10, 'D18.013', plainSite())).toEqual(['hemangioma-root']);
    expect(members(ICD_10, 'K76.808', plainSite())).toEqual(['liver-disease-root']);
    expect(members(ICD_10, 'K760x001', plainSite())).toEqual(['fatty-liver']);
  });

  const rules = compiled(compileTextRules(load(RULES), sets));

  test.each<[string, string[]]>([
    ['非酒精性脂肪肝', ['fatty-liver']],
    ['非酒精性脂肪性肝炎', ['fatty-liver']],
    ['酒精性脂肪肝', ['alcoholic-fatty-liver']],
    ['非肝硬化性门脉高压', []],
    ['家族史：父亲肝硬化', []],
    ['肝左叶血管瘤', ['hepatic-hemangioma']],
    ['肝左葉血管瘤', ['hepatic-hemangioma']],
    ['无症状肝血管瘤', ['hepatic-hemangioma']],
    ['皮肤血管瘤', []],
    ['肝囊肿', []],
    ['肝局灶性结节性增生', ['focal-nodular-hyperplasia']],
    ['局灶性结节增生(FNH)', ['focal-nodular-hyperplasia']],
    ['肝硬化待排', []],
    ['肝硬化？', []],
    ['无肝硬化、脂肪肝', []],
    ['未见肝硬化，脂肪肝', ['fatty-liver']],
    ['接种乙肝疫苗', []],
    ['乙型肝炎后肝硬化', ['cirrhosis', 'hbv-infection']],
    ['1.无肝硬化 2.脂肪肝', ['fatty-liver']],
    ['hepatic steatosis', ['fatty-liver']],
    ['No evidence of cirrhosis', []],
  ])('%s → %j', (text, expected) => {
    expect([...rules.suggest(text)].sort()).toEqual(expected);
  });
});
