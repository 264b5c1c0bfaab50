import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import type { DatasetRecord, Domain } from '../../src/tables/cdisc/dataset.ts';
import { AE, BE, BS, DM, DS, IE, RELSPEC, SUPPDM } from '../../src/tables/cdisc/domains.ts';
import { datasetGaps } from '../../src/tables/cdisc/rules.ts';
import { condition, HOME, MORE_PEOPLE, made, pseudonym, recordsOf, specimen } from './people.ts';

const files = await made({ formats: ['dataset-json'] });
const of = (name: string) =>
  recordsOf(files[`${name}.json`]!.content).map(({ STUDYID: _, DOMAIN: __, ...rest }) => rest);
const USUBJID = (who: string) => `NCT07265544-${pseudonym(who)}`;
const EXAMPLE = 'NCT07265544-jv3uoqk6rwckdabeuyhdmtewvf';

test('DM: one record a person; partial dates stay partial; who has no arm has the reason', () => {
  expect(of('dm')).toEqual([
    {
      USUBJID: EXAMPLE,
      SUBJID: 'Fibrosis-1',
      RFSTDTC: '2025-06-01',
      RFICDTC: '2025-05-20T10:30:00+08:00',
      SITEID: 'ya',
      AGE: 34,
      AGEU: 'YEARS',
      SEX: 'F',
      ARMCD: 'FIBROSIS',
      ARM: 'Fibrosis',
      ACTARMCD: 'FIBROSIS',
      ACTARM: 'Fibrosis',
      COUNTRY: 'CHN',
    },
    {
      USUBJID: USUBJID('p2'),
      SUBJID: 'Normal-1',
      RFSTDTC: '2025-04-01',
      RFENDTC: '2025-04-20',
      RFICDTC: '2025-03-30',
      RFPENDTC: '2025-04-20',
      DTHFL: 'Y',
      SITEID: 'nf',
      AGE: 16,
      AGEU: 'YEARS',
      SEX: 'M',
      ARMCD: 'NORMAL',
      ARM: 'Normal',
      ACTARMCD: 'NORMAL',
      ACTARM: 'Normal',
      COUNTRY: 'CHN',
    },
    {
      USUBJID: USUBJID('p3'),
      SUBJID: pseudonym('sp3'),
      RFICDTC: '2025-05',
      SEX: 'UNDIFFERENTIATED',
      ARMNRS: 'NOT ASSIGNED',
      COUNTRY: 'CHN',
    },
    {
      USUBJID: USUBJID('p4'),
      SUBJID: pseudonym('sp4'),
      RFICDTC: '2025-05-02T09:00:00+08:00',
      SITEID: 'zn',
      AGE: 41,
      AGEU: 'YEARS',
      SEX: 'F',
      ARMNRS: 'SCREEN FAILURE',
      COUNTRY: 'CHN',
    },
    {
      USUBJID: USUBJID('p5'),
      SUBJID: 'FattyLiver-1',
      RFSTDTC: '2024-02-01',
      RFENDTC: '2024-09-01',
      RFICDTC: '2024-01-15',
      RFPENDTC: '2024-09-01',
      SITEID: 'bf',
      AGE: 82,
      AGEU: 'YEARS',
      SEX: 'U',
      ARMCD: 'FATTYLIVER',
      ARM: 'FattyLiver',
      ACTARMCD: 'FATTYLIVER',
      ACTARM: 'FattyLiver',
      COUNTRY: 'CHN',
    },
  ]);
  expect(files['dm.json']!.gaps).toEqual([{ kind: 'unknown', column: 'SITEID', rule: 'required', rows: 1 }]);
});

test('SUPPDM: the stratum, its basis, and all groups in their precedence', () => {
  expect(of('suppdm').map(({ USUBJID: who, QNAM, QVAL }) => [String(who).slice(12, 14), QNAM, QVAL])).toEqual([
    ['jv', 'GROUP1', 'Fibrosis'],
    ['jv', 'GROUP2', 'HBV'],
    ['jv', 'STRATUM', 'severe'],
    ['jv', 'STRBASIS', 'histology'],
    ['p2', 'GROUP1', 'Normal'],
    ['p2', 'STRATUM', 'minor'],
    ['p2', 'STRBASIS', 'age'],
    ['p3', 'GROUP1', 'HBV'],
    ['p4', 'GROUP1', 'FattyLiver'],
    ['p5', 'GROUP1', 'FattyLiver'],
    ['p5', 'STRATUM', 'mild'],
    ['p5', 'STRBASIS', 'elastography'],
  ]);
});

test('IE: criteria that failed; which sensitive one it was is not told', () => {
  const failed = (IETESTCD: string, IETEST: string, IECAT: string, answer: string) => ({
    USUBJID: USUBJID('p4'),
    IETESTCD,
    IETEST,
    IECAT,
    IEORRES: answer,
    IESTRESC: answer,
  });
  expect(of('ie')).toEqual([
    { ...failed('E2', 'Criterion E2, in "English"', 'EXCLUSION', 'Y'), IESEQ: 1 },
    { ...failed('EXCL', 'Exclusion criterion, not told', 'EXCLUSION', 'Y'), IESEQ: 2 },
    { ...failed('I4', 'Criterion I4, in "English"', 'INCLUSION', 'N'), IESEQ: 3 },
  ]);
  expect(files['ie.json']!.content).not.toContain('E1');
});

test('DS: each consent with its form, entry, and the end or the failure of screening', () => {
  expect(
    of('ds').map(({ USUBJID: who, DSSEQ, DSREFID, DSTERM, DSDECOD, DSSTDTC }) => [
      String(who).slice(12, 14),
      DSSEQ,
      DSREFID,
      DSTERM,
      DSDECOD,
      DSSTDTC,
    ]),
  ).toEqual([
    ['jv', 1, 'v3.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2025-05-20T10:30:00+08:00'],
    ['jv', 2, undefined, 'ENROLLED', 'ENTERED INTO TRIAL', '2025-06-01'],
    ['p2', 1, 'v3.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2025-03-30'],
    ['p2', 2, undefined, 'ENROLLED', 'ENTERED INTO TRIAL', '2025-04-01'],
    ['p2', 3, undefined, 'DECEASED', 'DEATH', '2025-04-20'],
    ['p3', 1, 'v3.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2025-05'],
    ['p4', 1, 'v3.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2025-05-02T09:00:00+08:00'],
    ['p4', 2, undefined, 'EXCLUSION-CRITERION', 'SCREEN FAILURE', undefined],
    ['p5', 1, 'v2.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2024-01-15'],
    ['p5', 2, undefined, 'ENROLLED', 'ENTERED INTO TRIAL', '2024-02-01'],
    ['p5', 3, 'v3.0', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', '2024-08-20T10:00:00+08:00'],
    ['p5', 4, undefined, 'LOST-TO-FOLLOW-UP', 'LOST TO FOLLOW-UP', '2024-09-01'],
  ]);
});

test('AE: seriousness with its criteria as Y and N', () => {
  const none = { AESCONG: 'N', AESDISAB: 'N', AESDTH: 'N', AESHOSP: 'N', AESLIFE: 'N', AESMIE: 'N' };
  expect(of('ae')).toEqual([
    {
      USUBJID: EXAMPLE,
      AESEQ: 1,
      AESPID: 'f'.repeat(26),
      AETERM: 'ICD-10-CN T81.000',
      AESEV: 'MODERATE',
      AESER: 'Y',
      AEREL: 'RELATED',
      AEOUT: 'RECOVERING/RESOLVING',
      ...none,
      AESHOSP: 'Y',
      AEDTC: '2025-06-03',
      AESTDTC: '2025-06-02T20:00:00+08:00',
    },
    {
      USUBJID: USUBJID('p2'),
      AESEQ: 1,
      AESPID: pseudonym('e2'),
      AETERM: 'SNOMED CT 22298006',
      AESER: 'Y',
      AEOUT: 'FATAL',
      ...none,
      AESDTH: 'Y',
      AESTDTC: '2025-04-20',
    },
  ]);
});

test('BE, BS, RELSPEC: events, findings and lineage of specimens under their kit ids', () => {
  expect(of('be').filter(({ USUBJID: who }) => who !== USUBJID('p3') && who !== USUBJID('p5'))).toEqual([
    {
      USUBJID: EXAMPLE,
      BESEQ: 1,
      BEREFID: 'KIT-000123',
      BETERM: 'COLLECTED BLOOD',
      BECAT: 'COLLECTION',
      BELOC: 'SNOMED CT 53120007',
      BESTDTC: '2025-06-01T08:00:00+08:00',
    },
    {
      USUBJID: EXAMPLE,
      BESEQ: 2,
      BEREFID: 'KIT-000123-1',
      BETERM: 'PROCESSED, SNOMED CT 85457002',
      BECAT: 'PREPARATION',
      BESTDTC: '2025-06-01T09:10:00+08:00',
    },
    {
      USUBJID: USUBJID('p2'),
      BESEQ: 1,
      BEREFID: 'NF-00010',
      BETERM: 'COLLECTED TISSUE',
      BECAT: 'COLLECTION',
      BESTDTC: '2025-04-02T11:00:00+08:00',
    },
    {
      USUBJID: USUBJID('p2'),
      BESEQ: 2,
      BEREFID: 'NF-00010-1',
      BETERM: 'RECEIVED',
      BECAT: 'TRANSPORT',
      BESTDTC: '2025-04-03T08:00:00+08:00',
    },
    {
      USUBJID: USUBJID('p2'),
      BESEQ: 3,
      BEREFID: 'NF-00011',
      BETERM: 'COLLECTED TISSUE',
      BECAT: 'COLLECTION',
      BESTDTC: '2025-04-05',
    },
  ]);
  expect(
    of('bs').map(({ BSREFID, BSTESTCD, BSORRES, BSORRESU, BSSTRESN, BSSPEC }) => [
      BSREFID,
      BSTESTCD,
      BSORRES,
      BSORRESU,
      BSSTRESN,
      BSSPEC,
    ]),
  ).toEqual([
    ['KIT-000123', 'DEVIATN', 'before-consent', undefined, undefined, 'BLOOD'],
    ['KIT-000123', 'DEVIATN', 'low-volume', undefined, undefined, 'BLOOD'],
    ['KIT-000123', 'HOLD', 'before-consent', undefined, undefined, 'BLOOD'],
    ['KIT-000123', 'STATUS', 'unavailable', undefined, undefined, 'BLOOD'],
    ['KIT-000123', 'VOLUME', '25', 'mL', '25', 'BLOOD'],
    ['KIT-000123-1', 'COND', 'FROZ', undefined, undefined, 'PLASMA'],
    ['KIT-000123-1', 'STATUS', 'available', undefined, undefined, 'PLASMA'],
    ['KIT-000123-1', 'VOLUME', '1.5', 'mL', '1.5', 'PLASMA'],
    ['NF-00010', 'COND', 'LIVE', undefined, undefined, 'TISSUE'],
    ['NF-00010', 'MASS', '0.4', 'g', '0.4', 'TISSUE'],
    ['NF-00010', 'STATUS', 'available', undefined, undefined, 'TISSUE'],
    ['NF-00010-1', 'STATUS', 'available', undefined, undefined, 'TISSUE'],
    ['NF-00011', 'STATUS', 'available', undefined, undefined, 'TISSUE'],
    [pseudonym('b3'), 'STATUS', 'available', undefined, undefined, 'BLOOD'],
    ['BF-00007', 'STATUS', 'available', undefined, undefined, 'BLOOD'],
  ]);
  expect(of('relspec').slice(0, 4)).toEqual([
    { USUBJID: EXAMPLE, REFID: 'KIT-000123', SPEC: 'BLOOD', LEVEL: 1 },
    { USUBJID: EXAMPLE, REFID: 'KIT-000123-1', SPEC: 'PLASMA', PARENT: 'KIT-000123', LEVEL: 2 },
    { USUBJID: USUBJID('p2'), REFID: 'NF-00010', SPEC: 'TISSUE', LEVEL: 1 },
    { USUBJID: USUBJID('p2'), REFID: 'NF-00010-1', SPEC: 'TISSUE', PARENT: 'NF-00010', LEVEL: 2 },
  ]);
});

test('a parent that was not handed over leaves the level open; so does a circle', async () => {
  const child = (id: string, parent: string) =>
    specimen('p3', id, null, { coding: [] }, { parent: [{ reference: `Specimen/${pseudonym(parent)}` }] });
  const { 'relspec.json': file } = await made({
    resources: [...MORE_PEOPLE, child('x2', 'gone'), child('y2', 'z2'), child('z2', 'y2')],
    formats: ['dataset-json'],
  });
  const open = recordsOf(file!.content).filter(({ REFID }) => /^[xyz]2/.test(String(REFID)));
  expect(open.map(({ PARENT, LEVEL }) => [PARENT, LEVEL])).toEqual([
    [pseudonym('gone'), undefined],
    [pseudonym('z2'), undefined],
    [pseudonym('y2'), undefined],
  ]);
  expect(file!.gaps).toEqual([{ kind: 'unknown', column: 'LEVEL', rule: 'required', rows: 3 }]);
});

test('nothing in the files of these people is against the rules, and every person of a file is in DM', () => {
  const people = new Set(of('dm').map(({ USUBJID: who }) => who));
  for (const [name, { content, gaps }] of Object.entries(files)) {
    expect([name, gaps.filter((gap) => (gap as { kind: string }).kind === 'rule')]).toEqual([name, []]);
    for (const { USUBJID: who } of recordsOf(content)) expect(people).toContain(who);
  }
});

test('names, labels and lengths keep the limits of SDTM transport', () => {
  for (const { name, label, variables, keys } of [DM, SUPPDM, IE, DS, AE, BE, BS, RELSPEC]) {
    expect(label.length).toBeLessThanOrEqual(40);
    expect(keys.filter((key) => !variables.some((one) => one.name === key))).toEqual([]);
    for (const variable of variables) {
      expect([name, variable.name]).toEqual([name, expect.stringMatching(/^[A-Z][A-Z0-9]{0,7}$/)]);
      expect(variable.label.length).toBeLessThanOrEqual(40);
      expect(variable.length ?? 1).toBeLessThanOrEqual(200);
    }
  }
});

const WRONG: [string, Domain, DatasetRecord, string][] = [
  ['a required variable is empty', DM, { SUBJID: null }, 'unknown SUBJID required'],
  ['too long a text', DM, { SITEID: 'x'.repeat(21) }, 'rule SITEID length'],
  ['no term of the list', DM, { SEX: 'male' }, 'rule SEX term'],
  ['no partial date', DM, { RFICDTC: '20.05.2025' }, 'rule RFICDTC date'],
  ['no whole number', DM, { AGE: 34.5 }, 'rule AGE integer'],
  ['an age without its unit', DM, { AGEU: null }, 'rule AGEU age-unit'],
  ['an arm and a reason against it', DM, { ARMNRS: 'SCREEN FAILURE' }, 'rule ARMNRS arm-or-reason'],
  ['neither arm nor reason', DM, { ARM: null }, 'rule ARMNRS arm-or-reason'],
  ['too long a name', SUPPDM, { QNAM: 'STRATUMBASIS' }, 'rule QNAM length'],
  ['a name in lower case', SUPPDM, { QNAM: 'stratum' }, 'rule QNAM name'],
  ['serious without a criterion', AE, { AESHOSP: 'N' }, 'rule AESER serious-by-criterion'],
  ['a criterion of what is not serious', AE, { AESER: 'N' }, 'rule AESER criterion-of-serious'],
  ['no Y and no N', AE, { AESHOSP: 'yes' }, 'rule AESHOSP term'],
  ['no decimal', BS, { BSSTRESN: '1e3' }, 'rule BSSTRESN decimal'],
];
test.each(WRONG)('the rules find: %s', (_what, domain, change, gap) => {
  const [sound] = recordsOf(files[`${domain.name.toLowerCase()}.json`]!.content).filter(
    (one) => domain !== BS || one.BSSTRESN,
  ) as DatasetRecord[];
  const told = (record: DatasetRecord) =>
    datasetGaps(domain, [record]).map(({ kind, column, rule }) => `${kind} ${column} ${rule}`);
  expect(told(sound!)).toEqual([]);
  expect(told({ ...sound!, ...change })).toContain(gap);
});

test('a record that stands twice is found', () => {
  const [first] = recordsOf(files['dm.json']!.content) as DatasetRecord[];
  expect(datasetGaps(DM, [first!, first!])).toEqual([{ kind: 'rule', column: 'USUBJID', rule: 'unique', rows: 1 }]);
});

const SCHEMA = join(HOME, '..', 'shared', 'data', 'rules', 'dataset-json-1.1.schema.json');
(existsSync(SCHEMA) ? test : test.skip)(
  'every file passes the published schema of Dataset-JSON 1.1, also when it is empty',
  async () => {
    const valid = new Ajv2019({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
    const empty = await made({
      formats: ['dataset-json'],
      resources: [condition('p9', 'k9', { coding: [] })],
    });
    for (const file of [...Object.values(files), ...Object.values(empty)]) {
      const dataset = JSON.parse(file.content);
      expect([dataset.name, valid(dataset), valid.errors]).toEqual([dataset.name, true, null]);
      expect(dataset.records).toBe(dataset.rows.length);
      for (const row of dataset.rows) expect(row).toHaveLength(dataset.columns.length);
    }
    expect(valid({ ...JSON.parse(files['dm.json']!.content), records: undefined, more: 1 })).toBe(false);
  },
);
