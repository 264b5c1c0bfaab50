import type { FhirResource } from '../../src/fhir/resource.ts';
import type { WorklistRow } from '../../src/views/worklist.ts';
import * as b from '../feed/builders.ts';
import { ndjson, openTestGateway, type Run, rowOf, runOver, verdictsOf } from '../pipeline/gateway.ts';

// The worked examples of the study's reading of its protocol, by number; every fact is written out here.

const SIGNED = '2025-05-15';
const SURGERY = '2025-06-10';
const TESTED = '2025-05-26T09:00:00+08:00';
const dx = (ctx: b.FeedContext, code: string, more: Partial<b.ConditionOptions> = {}) =>
  b.condition(ctx, { ...more, code: b.concept(b.localDiagnosis(ctx, code)) });
const icd = (ctx: b.FeedContext, code: string, more: Partial<b.ConditionOptions> = {}) =>
  b.condition(ctx, { ...more, code: b.concept(b.icd10cn(code)) });

interface Example {
  birthDate?: string;
  disease(ctx: b.FeedContext): FhirResource[];
  consents?(ctx: b.FeedContext): FhirResource[];
  need?(ctx: b.FeedContext): FhirResource[];
  hiv?(ctx: b.FeedContext): FhirResource[];
}

/** "Unless said": an adult, v3.0 signed, a hepatectomy open, HIV negative, coagulation normal in time. */
function resourcesOf(ctx: b.FeedContext, example: Example): FhirResource[] {
  const hepatectomy = b.concept(b.localOperation(ctx, 'OP5022'));
  return [
    b.patient(ctx, { birthDate: example.birthDate ?? '1985-04-01' }),
    ...example.disease(ctx),
    ...(example.consents?.(ctx) ?? [b.consent(ctx, { on: SIGNED })]),
    ...(example.need?.(ctx) ?? [b.serviceRequest(ctx, { code: hepatectomy, on: SURGERY })]),
    ...(example.hiv?.(ctx) ?? [b.qualitative(ctx, 'hivAgAb', 'negative', { on: TESTED })]),
    b.lab(ctx, 'platelets', 210, { on: TESTED }),
    b.lab(ctx, 'inr', 1.02, { on: TESTED }),
    b.lab(ctx, 'aptt', 31, { on: TESTED }),
  ];
}

async function screened(example: Example): Promise<Run> {
  const gateway = await openTestGateway();
  const run = await runOver(gateway, { 'feed.ndjson': ndjson(resourcesOf(b.feedContext('ya', 1), example)) });
  await gateway.store.close();
  expect(run.quarantine).toEqual([]);
  return run;
}

async function rowFor(example: Example): Promise<WorklistRow> {
  return rowOf(await screened(example), 'Patient/ya-p-000001');
}

async function countedAs(example: Example): Promise<object> {
  const { rows, screening } = await screened(example);
  expect(rows).toEqual([]);
  return Object.fromEntries(screening.counted);
}

const arm = ({ status, group, groups, stratum, flags }: WorklistRow) => ({ status, group, groups, stratum, flags });
const normal = (stratum: string | null) => ({
  status: 'eligible',
  group: 'Normal',
  groups: ['Normal'],
  stratum,
  flags: ['provisional-group'],
});
const mother = (ctx: b.FeedContext) => {
  const guardian = b.relatedPerson(ctx, { relationship: 'MTH' });
  return [guardian, b.consent(ctx, { on: SIGNED, performer: guardian })];
};
const reasonOf = (row: WorklistRow, id: string) => row.criteria.find((one) => one.id === id)?.reason;
const todo = (row: WorklistRow, id: string) =>
  (row.criteria.find((one) => one.id === id)?.missing ?? []).map(({ en }) => en).join(' ');

describe('1: a hemangioma at 34 is Normal / young, provisionally', () => {
  test.each([
    ['D18.013', icd],
    ['DX0101', dx],
  ] as const)('%s', async (code, build) => {
    const row = await rowFor({ birthDate: '1991-02-03', disease: (ctx) => [build(ctx, code)] });
    expect(arm(row)).toEqual(normal('young'));
    expect(verdictsOf(row)).toEqual({
      ...{ I1: 'met', I2: 'met', I3: 'met', I4: 'met', E1: 'not-met', E2: 'not-met' },
      ...{ E3: 'unknown', E4: 'unknown' },
    });
    // E3 and E4 are the investigator's to attest: they hold nobody back.
    expect(row.reason).toBeNull();
  });
});

describe('2: FNH', () => {
  test.each([
    ['K76.808', icd],
    ['DX0102', dx],
  ] as const)('at 50 years and 364 days on the day of signing, %s: young', async (code, build) => {
    expect(arm(await rowFor({ birthDate: '1974-05-16', disease: (ctx) => [build(ctx, code)] }))).toEqual(
      normal('young'),
    );
  });

  test('at 12 with a guardian’s consent: minor', async () => {
    const row = await rowFor({
      birthDate: '2013-01-20',
      disease: (ctx) => [dx(ctx, 'DX0102')],
      consents: mother,
    });
    expect([arm(row), verdictsOf(row).I1]).toEqual([normal('minor'), 'met']);
  });

  test('at 12, signed by the child alone: I1 unknown, screening', async () => {
    const row = await rowFor({ birthDate: '2013-01-20', disease: (ctx) => [dx(ctx, 'DX0102')] });
    expect(arm(row)).toEqual({ ...normal('minor'), status: 'screening' });
    expect(verdictsOf(row).I1).toBe('unknown');
  });
});

test('3: turned 18 between consent and surgery: stays minor, I1 stays met, flag re-consent', async () => {
  const row = await rowFor({ birthDate: '2007-05-25', disease: (ctx) => [dx(ctx, 'DX0101')], consents: mother });
  expect({ ...arm(row), flags: [...row.flags].sort() }).toEqual({
    ...normal('minor'),
    flags: ['provisional-group', 're-consent'],
  });
  expect(verdictsOf(row).I1).toBe('met');
});

describe('4: fatty liver', () => {
  const fatty = (more: (ctx: b.FeedContext) => FhirResource[]) => (ctx: b.FeedContext) => [
    dx(ctx, 'DX0201'),
    ...more(ctx),
  ];
  const fattyArm = (stratum: string) => ({
    status: 'eligible',
    group: 'FattyLiver',
    groups: ['FattyLiver'],
    stratum,
    flags: [],
  });

  test.each([
    [20, 'mild'],
    [33.5, 'moderate'],
    [70, 'severe'],
  ])('biopsy %d %%: %s', async (percent, stratum) => {
    const biopsy = (ctx: b.FeedContext) => [b.histology(ctx, 'steatosis', percent, { on: '2025-03-20' })];
    const row = await rowFor({ disease: fatty(biopsy) });
    expect([arm(row), row.basis]).toEqual([fattyArm(stratum), 'histology']);
  });

  test('no histology, CAP 270 of this month with a valid IQR: moderate by elastography', async () => {
    const measured = (ctx: b.FeedContext) => b.elastography(ctx, { cap: 270, lsm: 5, iqr: 12 }, { on: '2025-06-01' });
    const row = await rowFor({ disease: fatty(measured) });
    expect([arm(row), row.basis]).toEqual([fattyArm('moderate'), 'elastography']);
  });

  test('CAP 300 without any diagnosis: no disease evidence, no subject', async () => {
    const measured = (ctx: b.FeedContext) => b.elastography(ctx, { cap: 300, lsm: 5, iqr: 12 }, { on: '2025-06-01' });
    expect(await countedAs({ disease: measured })).toEqual({ 'no-disease-evidence': 1 });
  });
});

describe('5: chronic hepatitis B, HBsAg positive', () => {
  const hbv = (ctx: b.FeedContext) => [dx(ctx, 'DX0301'), b.qualitative(ctx, 'hbsag', 'positive', { on: TESTED })];

  test('no fibrosis: HBV, no stratum', async () => {
    const wanted = { status: 'eligible', group: 'HBV', groups: ['HBV'], stratum: null, flags: [] };
    expect(arm(await rowFor({ disease: hbv }))).toEqual(wanted);
  });

  test.each([
    [5, 'severe'],
    [4, 'moderate'],
  ])('with Ishak %d: Fibrosis / %s', async (stage, stratum) => {
    const disease = (ctx: b.FeedContext) => [...hbv(ctx), b.histology(ctx, 'ishak', stage, { on: '2025-04-02' })];
    const row = await rowFor({ disease });
    expect([row.status, row.group, row.groups, row.stratum]).toEqual([
      ...['eligible', 'Fibrosis'],
      ['Fibrosis', 'HBV'],
      stratum,
    ]);
  });
});

describe('6: what is no disease of the study', () => {
  test('hemangioma, anti-HBc only, HBsAg negative: Normal', async () => {
    const disease = (ctx: b.FeedContext) => [
      dx(ctx, 'DX0101'),
      b.qualitative(ctx, 'antiHbc', 'positive', { on: TESTED }),
      b.qualitative(ctx, 'hbsag', 'negative', { on: TESTED }),
    ];
    expect(arm(await rowFor({ disease }))).toEqual(normal('young'));
  });

  test.each(['K76.807', 'D18.007'])('only %s: no subject', async (code) => {
    expect(await countedAs({ disease: (ctx) => [icd(ctx, code)] })).toEqual({ 'no-disease-evidence': 1 });
  });
});

describe('7: exclusions', () => {
  const hemangioma = (more: (ctx: b.FeedContext) => FhirResource) => (ctx: b.FeedContext) => [
    dx(ctx, 'DX0101'),
    more(ctx),
  ];

  test.each([
    ['HIV confirmed', (ctx: b.FeedContext) => b.qualitative(ctx, 'hivBlot', 'positive', { on: TESTED })],
    ['B24', (ctx: b.FeedContext) => icd(ctx, 'B24')],
  ])('%s: ineligible, and the row does not say by what', async (_, more) => {
    const row = await rowFor({ disease: hemangioma(more), hiv: () => [] });
    expect([row.status, row.reason]).toEqual(['ineligible', 'exclusion-criterion']);
    const { verdict, reason, evidence } = row.criteria.find(({ id }) => id === 'E1')!;
    expect({ verdict, reason, evidence }).toEqual({ verdict: 'met', reason: 'exclusion-criterion', evidence: [] });
  });

  test('hemophilia A marked resolved: E2 met, ineligible', async () => {
    const row = await rowFor({ disease: hemangioma((ctx) => icd(ctx, 'D66', { clinical: 'resolved' })) });
    expect([row.status, verdictsOf(row).E2]).toEqual(['ineligible', 'met']);
  });

  test.each([
    ['refuted', 'eligible', 'not-met'],
    ['differential', 'screening', 'unknown'],
  ])('D69.3 %s: %s, E2 %s', async (verification, status, verdict) => {
    const row = await rowFor({ disease: hemangioma((ctx) => icd(ctx, 'D69.3', { verification })) });
    expect([row.status, verdictsOf(row).E2]).toEqual([status, verdict]);
  });
});

describe('8: forms in force', () => {
  const disease = (ctx: b.FeedContext) => [dx(ctx, 'DX0301')];

  test('v2.0 signed 2024-01-15: I1 met, flag re-consent', async () => {
    const row = await rowFor({ disease, consents: (ctx) => [b.consent(ctx, { version: 'v2.0', on: '2024-01-15' })] });
    expect([row.status, verdictsOf(row).I1, row.flags]).toEqual(['eligible', 'met', ['re-consent']]);
  });

  test('v1.0 signed 2024-09-01: I1 not-met, screening, for the form that was out of force', async () => {
    const row = await rowFor({ disease, consents: (ctx) => [b.consent(ctx, { version: 'v1.0', on: '2024-09-01' })] });
    expect([row.status, row.reason, verdictsOf(row).I1]).toEqual(['screening', 'form-not-in-force', 'not-met']);
  });
});

describe('10: the need', () => {
  const disease = (ctx: b.FeedContext) => [dx(ctx, 'DX0301')];
  const hepatectomy = (ctx: b.FeedContext) => b.concept(b.localOperation(ctx, 'OP5022'));

  test('request revoked, only an ablation left: potential-candidate, "procedure cancelled"', async () => {
    const need = (ctx: b.FeedContext) => [
      b.serviceRequest(ctx, { code: hepatectomy(ctx), on: SURGERY, status: 'revoked' }),
      b.serviceRequest(ctx, { code: b.ablation(), on: SURGERY }),
    ];
    const row = await rowFor({ disease, need });
    expect([row.status, row.reason]).toEqual(['potential-candidate', reasonOf(row, 'I4')]);
    expect(todo(row, 'I4')).toMatch(/procedure cancelled/i);
  });

  test('a hepatectomy in 2019 only, no consent: counted, no subject', async () => {
    const need = (ctx: b.FeedContext) => [b.procedure(ctx, { code: hepatectomy(ctx), on: '2019-03-04' })];
    expect(await countedAs({ disease, need, consents: () => [] })).toEqual({ 'outside-period': 1 });
  });

  test('a hepatectomy in the period, no open request, no consent before: missed-window', async () => {
    const need = (ctx: b.FeedContext) => [b.procedure(ctx, { code: hepatectomy(ctx), on: '2025-05-20' })];
    const row = await rowFor({ disease, need, consents: () => [] });
    expect([row.status, row.reason]).toEqual(['not-registered', 'missed-window']);
  });
});
