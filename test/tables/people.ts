import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { readSources } from '../../src/study/source.ts';
import type { TablesInput, VerdictFact } from '../../src/tables/input.ts';
import { loadTables, type TableDefinitions } from '../../src/tables/load.ts';
import { tableFiles } from '../../src/tables/tables.ts';

export const HOME = join(import.meta.dirname, '..', '..');
const BASE = 'https://study-gateway.example/StructureDefinition/';
const SCT = 'http://snomed.info/sct';
const ICD_10_CN = 'http://hl7.org/fhir/sid/icd-10-cn';
const HL7 = 'http://terminology.hl7.org/CodeSystem/';

/** A pseudonym that can be read: `p2` → `p2aaaaaaaaaaaaaaaaaaaaaaaa`. */
export const pseudonym = (name: string) => name.padEnd(26, 'a');
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const code = (name: string, valueCode: string) => ({ url: BASE + name, valueCode });
const text = (name: string, valueString: string) => ({ url: BASE + name, valueString });

type More = Record<string, unknown>;
const patient = (who: string, gender: string | null, age: number | null): FhirResource => ({
  resourceType: 'Patient',
  id: pseudonym(who),
  ...(age === null ? {} : { extension: [{ url: `${BASE}age-years`, valueInteger: age }] }),
  ...(gender === null ? {} : { gender }),
});
const subject = (who: string, status: string, extension: object[], more: More = {}): FhirResource => ({
  resourceType: 'ResearchSubject',
  id: pseudonym(`s${who}`),
  extension: [...extension, text('study-version', 'nct07265544@0123456789ab')],
  status,
  study: { reference: 'ResearchStudy/nct07265544' },
  individual: { reference: `Patient/${pseudonym(who)}` },
  ...more,
});
const number = (value: string) => ({
  identifier: [{ system: 'https://study-gateway.example/sid/participant-number', value }],
});
export const about = (who: string) => ({ reference: `Patient/${pseudonym(who)}` });
const consent = (who: string, dateTime: string, version: string, status = 'active'): FhirResource => ({
  resourceType: 'Consent',
  id: pseudonym(`c${who}${version.replace(/\D/g, '')}`.replace(/[018-9]/g, 'z')),
  status,
  scope: coded(`${HL7}consentscope`, 'research'),
  category: [coded(`${HL7}consentcategorycodes`, 'research')],
  patient: about(who),
  dateTime,
  policy: [{ uri: `https://ncct.example.cn/NFEC-2023-207/icf/${version}` }],
});
export const condition = (who: string, id: string, concept: object, more: More = {}): FhirResource => ({
  resourceType: 'Condition',
  id: pseudonym(id),
  clinicalStatus: coded(`${HL7}condition-clinical`, 'active'),
  verificationStatus: coded(`${HL7}condition-ver-status`, 'confirmed'),
  code: concept,
  subject: about(who),
  ...more,
});
export const specimen = (who: string, id: string, kit: string | null, type: object, more: More = {}): FhirResource => ({
  resourceType: 'Specimen',
  id: pseudonym(id),
  ...(kit ? { identifier: [{ system: 'https://study-gateway.example/sid/kit', value: kit }] } : {}),
  status: 'available',
  type,
  subject: about(who),
  ...more,
});
const procedure = (
  who: string,
  id: string,
  system: string,
  value: string,
  performedDateTime: string,
): FhirResource => ({
  resourceType: 'Procedure',
  id: pseudonym(id),
  status: 'completed',
  code: coded(system, value),
  subject: about(who),
  performedDateTime,
});

/**
 * Beside the person of `profiles/examples` (Fibrosis-1): a boy who died, somebody of whom little is known, a screening
 * failure by a sensitive criterion, and somebody lost to follow-up. All invented.
 */
export const MORE_PEOPLE: FhirResource[] = [
  // p2: Normal-1, 16 years, hemangioma; tissue of a resection, nuclei of it, a second piece three days later; died.
  patient('p2', 'male', 16),
  subject(
    'p2',
    'off-study',
    [
      code('status-reason', 'deceased'),
      text('qualifying-group', 'Normal'),
      code('stratum', 'minor'),
      code('stratum-basis', 'age'),
    ],
    {
      ...number('Normal-1'),
      period: { start: '2025-04-01', end: '2025-04-20' },
      assignedArm: 'Normal',
      actualArm: 'Normal',
    },
  ),
  consent('p2', '2025-03-30', 'v3.0'),
  condition('p2', 'k2', coded(ICD_10_CN, 'D18.013')),
  // Provisional: no disease of the sheet.
  condition('p2', 'k2b', coded(ICD_10_CN, 'B18.1'), {
    verificationStatus: coded(`${HL7}condition-ver-status`, 'provisional'),
  }),
  procedure('p2', 'o2', 'http://hl7.org/fhir/sid/icd-9-cm', '50.2200', '2025-04-02T09:00:00+08:00'),
  procedure('p2', 'o2b', 'http://hl7.org/fhir/sid/icd-9-cm', '50.1100', '2025-04-05'),
  specimen('p2', 't2', 'NF-00010', coded(`${HL7}v2-0487`, 'TISS'), {
    collection: {
      collectedDateTime: '2025-04-02T11:00:00+08:00',
      quantity: { value: 0.4, system: 'http://unitsofmeasure.org', code: 'g' },
    },
    condition: [coded(`${HL7}v2-0493`, 'LIVE')],
  }),
  // Made of the first piece: place, method and day are those of what it was made of.
  specimen('p2', 't2n', 'NF-00010-1', coded(`${HL7}v2-0487`, 'TISS'), {
    parent: [{ reference: `Specimen/${pseudonym('t2')}` }],
    receivedTime: '2025-04-03T08:00:00+08:00',
  }),
  specimen('p2', 't2c', 'NF-00011', coded(SCT, '119376003'), { collection: { collectedDateTime: '2025-04-05' } }),
  {
    resourceType: 'AdverseEvent',
    id: pseudonym('e2'),
    extension: ['C48275', 'C82521'].map((criterion, index) => ({
      url: 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/seriousness-criteria',
      extension: [
        {
          url: 'criterionCode',
          valueCodeableConcept: coded('http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl', criterion),
        },
        { url: 'criterionPresent', valueBoolean: index === 0 },
      ],
    })),
    actuality: 'actual',
    event: coded(SCT, '22298006'),
    subject: about('p2'),
    date: '2025-04-20',
    seriousness: coded(`${HL7}adverse-event-seriousness`, 'serious'),
    outcome: coded(`${HL7}adverse-event-outcome`, 'fatal'),
    study: [{ reference: 'ResearchStudy/nct07265544' }],
  },
  // p3: eligible, not enrolled; gender other, age not told; chronic hepatitis B beside its group; blood without a kit.
  patient('p3', 'other', null),
  subject('p3', 'eligible', [text('qualifying-group', 'HBV')], { assignedArm: 'HBV' }),
  consent('p3', '2025-05', 'v3.0'),
  condition('p3', 'k3', coded(SCT, '61977001')),
  specimen('p3', 'b3', null, coded(SCT, '122555007'), {
    collection: { collectedPeriod: { start: '2025-05-07', end: '2025-05-08' } },
  }),
  // p4: ineligible; which sensitive criterion it was stays untold.
  patient('p4', 'female', 41),
  subject('p4', 'ineligible', [code('status-reason', 'exclusion-criterion'), text('qualifying-group', 'FattyLiver')], {
    assignedArm: 'FattyLiver',
  }),
  consent('p4', '2025-05-02T09:00:00+08:00', 'v3.0'),
  // p5: FattyLiver-1, lost to follow-up; consented twice.
  patient('p5', null, 82),
  subject(
    'p5',
    'off-study',
    [
      code('status-reason', 'lost-to-follow-up'),
      text('qualifying-group', 'FattyLiver'),
      code('stratum', 'mild'),
      code('stratum-basis', 'elastography'),
    ],
    { ...number('FattyLiver-1'), period: { start: '2024-02-01', end: '2024-09-01' }, assignedArm: 'FattyLiver' },
  ),
  consent('p5', '2024-01-15', 'v2.0', 'inactive'),
  consent('p5', '2024-08-20T10:00:00+08:00', 'v3.0'),
  condition('p5', 'k5', coded(ICD_10_CN, 'K76.001')),
  specimen('p5', 'b5', 'BF-00007', coded(`${HL7}v2-0487`, 'BLD'), { collection: { collectedDateTime: '2024' } }),
];

const EXAMPLE = { subject: 'llqh4maodva75fepubeul5vff5' };
const fact = (one: string, criterion: string, verdict: string, more: Partial<VerdictFact> = {}): VerdictFact => ({
  subject: one,
  criterion,
  exclude: criterion.startsWith('E'),
  sensitive: criterion === 'E1',
  verdict,
  reason: verdict === 'unknown' ? 'platelets' : `${criterion.toLowerCase()}-${verdict}`,
  text: `Criterion ${criterion}, in "English"`,
  since: verdict === 'met' ? '2025-06-01' : null,
  ...more,
});

export const SUBJECTS: TablesInput['subjects'] = [
  { ...EXAMPLE, site: 'ya' },
  { subject: pseudonym('sp2'), site: 'nf' },
  { subject: pseudonym('sp3'), site: null },
  { subject: pseudonym('sp4'), site: 'zn' },
  { subject: pseudonym('sp5'), site: 'bf' },
];
export const VERDICTS: readonly VerdictFact[] = [
  fact(EXAMPLE.subject, 'I1', 'met'),
  fact(EXAMPLE.subject, 'E1', 'not-met'),
  fact(EXAMPLE.subject, 'E2', 'unknown'),
  fact(pseudonym('sp4'), 'E1', 'met'),
  fact(pseudonym('sp4'), 'E2', 'met'),
  fact(pseudonym('sp4'), 'I4', 'not-met'),
  // Nobody of these tables.
  fact(pseudonym('nobody'), 'I1', 'met'),
];

export const EXAMPLES: FhirResource[] = (await readSources(join(HOME, 'profiles', 'examples'))).files.map(
  ({ value }) => value as FhirResource,
);

let definitions: Promise<TableDefinitions> | null = null;

/** The project's views and translations with those of the study, read once. */
export function tables(): Promise<TableDefinitions> {
  definitions ??= loadTables(HOME, join(HOME, 'studies', 'nct07265544'), {
    id: 'nct07265544',
    timezone: 'Asia/Shanghai',
  }).then((loaded) => {
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    return loaded.value;
  });
  return definitions;
}

/** All files of all kinds, by name. */
export async function made(
  input: Partial<TablesInput> = {},
): Promise<Record<string, { content: string; gaps: object[] }>> {
  const files: Record<string, { content: string; gaps: object[] }> = {};
  for await (const { name, content, gaps } of tableFiles({
    definitions: await tables(),
    resources: [...EXAMPLES, ...MORE_PEOPLE],
    subjects: SUBJECTS,
    verdicts: VERDICTS,
    formats: ['csv', 'ndjson', 'dataset-json', 'hca'],
    createdAt: '2025-06-01T00:00:00.000Z',
    studyVersion: 'nct07265544@0123456789ab',
    ...input,
  })) {
    files[name] = { content, gaps: [...gaps] };
  }
  return files;
}

/** Lines of a CSV file, header included. */
export const linesOf = (content: string) => content.split('\r\n').slice(0, -1);

/** The records of a dataset by the names of their variables, empty ones left out. */
export function recordsOf(content: string): Record<string, unknown>[] {
  const { columns, rows } = JSON.parse(content) as { columns: { name: string }[]; rows: unknown[][] };
  return rows.map((row) =>
    Object.fromEntries(row.flatMap((value, index) => (value === null ? [] : [[columns[index]!.name, value]]))),
  );
}
