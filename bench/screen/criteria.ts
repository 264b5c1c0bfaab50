/**
 * The study's criteria as somebody would write them down who has the protocol and the hospital's dictionary, but no
 * program for either: lists of codes, a status, a value, a day. Coarser than the study's files (no anchor, no newest
 * value, no free text, no form in force), so each costs less than what stands for it there.
 */
export interface Criterion {
  name: string;
  /** R4 type; `listed` and `leaf` say where its codes stand. */
  type: 'Condition' | 'Observation' | 'ServiceRequest' | 'Procedure' | 'Consent' | 'MedicationRequest';
  codes: readonly string[];
  status?: readonly string[];
  /** Condition: confirmed, or without a verificationStatus. */
  confirmed?: true;
  /** Observation.valueQuantity. */
  value?: { by: '<' | '>=' | '<='; than: number };
  /** Observation.valueCodeableConcept by SNOMED CT code, or its text, or valueString. */
  result?: { code: string; text: string };
  /** Observation.effectiveDateTime on or after this day. */
  since?: string;
  part: 'disease' | 'need' | 'consent' | 'exclusion' | 'laboratory';
}

const FINAL = ['final', 'amended', 'corrected'];
const positive = { code: '10828004', text: '阳性(+)' };
const negative = { code: '260385009', text: '阴性(-)' };
const disease = (name: string, codes: readonly string[]): Criterion => ({
  ...{ name, type: 'Condition', codes, confirmed: true, part: 'disease' },
});
const exclusion = (name: string, codes: readonly string[]): Criterion => ({
  ...disease(name, codes),
  part: 'exclusion',
});
const seen = (name: string, codes: readonly string[], rest: Partial<Criterion>): Criterion => ({
  ...{ name, type: 'Observation', codes, status: FINAL, part: 'laboratory', ...rest },
});
const RESECTION = ['OP5022', '50.22', '5022', '50.2200x003', '107963000'];
const BIOPSY = ['OP5011', '50.11', '86259008'];
const COAGULATION_SINCE = '2025-05-02';
const FORMS = ['v1.0', 'v2.0', 'v3.0'].map((version) => `https://ncct.example.cn/NFEC-2023-207/icf/${version}`);

export const CRITERIA: readonly Criterion[] = [
  disease('hemangioma', ['DX0101', 'D18.013', '93469006']),
  disease('fnh', ['DX0102', 'K76.808', '278527001']),
  disease('fattyLiver', ['DX0201', 'K76.0', 'K76.000', '197321007', '442685003']),
  disease('hepatitisB', ['DX0301', 'B18.1', 'B18.100', '61977001', '66071002']),
  disease('fibrosis', ['DX0401', 'K74.0', '62484002']),
  disease('cirrhosis', ['DX0402', 'K74.6', '19943007']),
  seen('hbsagPositive', ['L006', '5196-1'], { result: positive, part: 'disease' }),
  seen('hbvDnaDetectable', ['L008', '29615-2'], { value: { by: '>=', than: 20 }, part: 'disease' }),
  seen('steatosis', ['P004'], { value: { by: '>=', than: 5 }, part: 'disease' }),
  {
    ...{ name: 'request', type: 'ServiceRequest', codes: [...RESECTION, ...BIOPSY] },
    ...{ status: ['active', 'on-hold', 'completed'], part: 'need' },
  },
  {
    ...{ name: 'procedure', type: 'Procedure', codes: [...RESECTION, ...BIOPSY] },
    ...{ status: ['preparation', 'completed'], part: 'need' },
  },
  { name: 'consent', type: 'Consent', codes: FORMS, status: ['active'], part: 'consent' },
  exclusion('hiv', ['DX0901', 'B24', 'B20', '86406008']),
  exclusion('coagulationDisorder', ['DX0902', 'DX0903', 'D66', 'D67', 'D69.3', '28293008']),
  exclusion('immuneDisease', ['DX0904', 'M32.1', '55464009', '118600007', '93143009']),
  {
    ...{ name: 'immunosuppressant', type: 'MedicationRequest', status: ['active'], part: 'exclusion' },
    codes: ['L04AD01', 'L04AD02', 'H02AB06', '312617', '835829'],
  },
  seen('hivNegative', ['L007', '56888-1'], { result: negative, since: '2025-03-03' }),
  seen('plateletsEnough', ['L003', '777-3'], { value: { by: '>=', than: 50 }, since: COAGULATION_SINCE }),
  seen('inrLow', ['L004', '6301-6'], { value: { by: '<=', than: 1.5 }, since: COAGULATION_SINCE }),
  seen('apttShort', ['L005', '14979-9'], { value: { by: '<=', than: 60 }, since: COAGULATION_SINCE }),
];

/** Where the codes of a type stand: a list, and the element of it. */
export function codesOf(type: Criterion['type']): { list: string; leaf: string; choice: boolean } {
  if (type === 'Consent') return { list: 'policy', leaf: 'uri', choice: false };
  if (type === 'MedicationRequest') return { list: 'medication', leaf: 'code', choice: true };
  return { list: 'code.coding', leaf: 'code', choice: false };
}

/** What the answers of one person add up to. */
export class Sum {
  people = 0;
  trues = 0;
  /** People with a disease of the study and a need of surgery or biopsy. */
  candidates = 0;

  add(answers: readonly boolean[]): void {
    const any = (part: Criterion['part']) => CRITERIA.some((one, at) => one.part === part && answers[at]);
    this.people++;
    this.trues += answers.filter(Boolean).length;
    if (any('disease') && any('need')) this.candidates++;
  }
}
