import type { Gap } from '../input.ts';
import type { Cell, DatasetRecord, Domain, Variable } from './dataset.ts';

/** ISO 8601 as SDTM has it: from the year on as precise as is known, with an offset where there is one. */
const PARTIAL = /^\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** Controlled terms that are checked here (CDISC SDTM terminology; those of extensible lists are left out). */
const TERMS: Readonly<Record<string, readonly string[]>> = {
  SEX: ['F', 'M', 'U', 'UNDIFFERENTIATED'],
  AGEU: ['YEARS'],
  ARMNRS: ['SCREEN FAILURE', 'NOT ASSIGNED'],
  DTHFL: ['Y'],
  IECAT: ['INCLUSION', 'EXCLUSION'],
  AESEV: ['MILD', 'MODERATE', 'SEVERE'],
  AEOUT: [
    'FATAL',
    'NOT RECOVERED/NOT RESOLVED',
    'RECOVERED/RESOLVED',
    'RECOVERED/RESOLVED WITH SEQUELAE',
    'RECOVERING/RESOLVING',
    'UNKNOWN',
  ],
  DSCAT: ['PROTOCOL MILESTONE', 'DISPOSITION EVENT', 'OTHER EVENT'],
  QORIG: ['Derived'],
};
const YES_NO = /^(AESER|AES(CONG|DISAB|DTH|HOSP|LIFE|MIE)|IEORRES|IESTRESC)$/;
const NAMES = /^(QNAM|IETESTCD|BSTESTCD)$/;

type Rule = [code: string, column: string, wrong: (record: DatasetRecord) => boolean];

/**
 * What of a dataset is against SDTMIG 3.4, by column and rule, with the number of records: `required` values that are
 * not known, and values of the wrong form.
 */
export function datasetGaps(domain: Domain, records: readonly DatasetRecord[]): Gap[] {
  const rules = [...domain.variables.flatMap(rulesOf), ...BETWEEN.filter(([, column]) => has(domain, column))];
  const found = rules.flatMap(([rule, column, wrong]): Gap[] => {
    const rows = records.filter(wrong).length;
    return rows === 0 ? [] : [{ kind: rule === 'required' ? 'unknown' : 'rule', column, rule, rows }];
  });
  const twice = records.length - new Set(records.map((record) => identity(domain, record))).size;
  return twice === 0 ? found : [...found, { kind: 'rule', column: domain.keys.at(-1)!, rule: 'unique', rows: twice }];
}

function rulesOf({ name, core, type, length = 0 }: Variable): Rule[] {
  const on = (code: string, wrong: (value: Exclude<Cell, null>) => boolean): Rule => [
    code,
    name,
    (record) => {
      const value = record[name] ?? null;
      return value !== null && wrong(value);
    },
  ];
  const rules: Rule[] = [];
  if (core === 'Req') rules.push(['required', name, (record) => (record[name] ?? null) === null]);
  if (type === 'string') rules.push(on('length', (value) => typeof value !== 'string' || value.length > length));
  if (type === 'integer') rules.push(on('integer', (value) => !Number.isInteger(value)));
  if (type === 'decimal') rules.push(on('decimal', (value) => !/^-?\d+(\.\d+)?$/.test(String(value))));
  if (name.endsWith('DTC')) rules.push(on('date', (value) => !PARTIAL.test(String(value))));
  if (TERMS[name]) rules.push(on('term', (value) => !TERMS[name]!.includes(String(value))));
  if (YES_NO.test(name)) rules.push(on('term', (value) => value !== 'Y' && value !== 'N'));
  if (NAMES.test(name)) rules.push(on('name', (value) => !/^[A-Z][A-Z0-9_]{0,7}$/.test(String(value))));
  return rules;
}

/** Rules between variables. */
const BETWEEN: readonly Rule[] = [
  ['age-unit', 'AGEU', ({ AGE, AGEU }) => ((AGE ?? null) === null) !== ((AGEU ?? null) === null)],
  // An arm, or the reason why there is none.
  ['arm-or-reason', 'ARMNRS', ({ ARM, ARMNRS }) => ((ARM ?? null) === null) === ((ARMNRS ?? null) === null)],
  ['serious-by-criterion', 'AESER', (record) => record.AESER === 'Y' && FLAGS.every((flag) => record[flag] === 'N')],
  ['criterion-of-serious', 'AESER', (record) => record.AESER !== 'Y' && FLAGS.some((flag) => record[flag] === 'Y')],
];
const FLAGS = ['AESCONG', 'AESDISAB', 'AESDTH', 'AESHOSP', 'AESLIFE', 'AESMIE'] as const;

function has({ variables }: Domain, column: string): boolean {
  return variables.some(({ name }) => name === column);
}

/** What may stand once only: the number within a subject where there is one, else all keys. */
function identity(domain: Domain, record: DatasetRecord): string {
  const names = has(domain, `${domain.name}SEQ`) ? ['USUBJID', `${domain.name}SEQ`] : domain.keys;
  return JSON.stringify(names.map((name) => record[name] ?? null));
}
