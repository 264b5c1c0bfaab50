import type { r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';

const coding =
  (system: string) =>
  (code: string, display?: string): r4.Coding =>
    display === undefined ? { system, code } : { system, code, display };

export const icd10 = coding('http://hl7.org/fhir/sid/icd-10');
/** ICD-10 as extended by the NHSA list (2.0), dotted or not. */
export const icd10cn = coding('http://hl7.org/fhir/sid/icd-10-cn');
export const icd9cm = coding('http://hl7.org/fhir/sid/icd-9-cm');
/** The Chinese list of operations that extends ICD-9-CM volume 3. */
export const icd9cn = coding('urn:oid:2.16.156.10011.2.3.3.12');
export const snomed = coding('http://snomed.info/sct');
export const loinc = coding('http://loinc.org');

const LOCAL_TEXT: Readonly<Record<string, string>> = {
  DX0101: '肝血管瘤',
  DX0102: '肝局灶性结节性增生',
  DX0201: '脂肪肝',
  DX0301: '慢性乙型病毒性肝炎',
  DX0401: '肝纤维化',
  DX0402: '肝硬化',
  DX0901: '人类免疫缺陷病毒感染',
  DX0902: '血友病A',
  DX0903: '特发性血小板减少性紫癜',
  DX0904: '系统性红斑狼疮(累及器官)',
  DX0199: '皮肤血管瘤',
  DX1001: '原发性高血压',
  DX1002: '胆囊结石',
  OP5022: '肝部分切除术',
  OP5011: '肝穿刺活检',
  OP5123: '腹腔镜胆囊切除术',
};

function local(system: string, code: string): r4.Coding {
  const display = LOCAL_TEXT[code];
  return display === undefined ? { system, code } : { system, code, display };
}

/** A diagnosis of the site's own dictionary, e.g. `DX0101`; an unknown code is passed through. */
export const localDiagnosis = (ctx: FeedContext, code: string): r4.Coding => local(ctx.site.diagnosisSystem, code);
export const localOperation = (ctx: FeedContext, code: string): r4.Coding => local(ctx.site.procedureSystem, code);
export const localLab = (ctx: FeedContext, code: string): r4.Coding => local(ctx.site.laboratorySystem, code);
export const localPathology = (ctx: FeedContext, code: string): r4.Coding => local(ctx.site.pathologySystem, code);

export const concept = (...codings: r4.Coding[]): r4.CodeableConcept => ({ coding: codings });
export const textOnly = (text: string): r4.CodeableConcept => ({ text });
