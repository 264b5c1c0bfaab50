/** A variable of a dataset (CDISC SDTMIG 3.4) as Dataset-JSON 1.1 describes it. */
export interface Variable {
  name: string;
  label: string;
  /** `decimal` is written as text, so that no digit is lost. */
  type: 'string' | 'integer' | 'decimal';
  /** Characters at most, of a text. */
  length?: number;
  /** Required variables are never empty; expected ones are always there. */
  core: 'Req' | 'Exp' | 'Perm';
}

export interface Domain {
  name: string;
  label: string;
  variables: readonly Variable[];
  /** Variables that identify a record, in the order in which records are sorted. */
  keys: readonly string[];
}

export type Cell = string | number | null;
/** A record by the names of its variables; what is missing is empty. */
export type DatasetRecord = Readonly<Record<string, Cell | undefined>>;

/** What every file says of itself. */
export interface DatasetHeader {
  /** Identifier of the study, e.g. `NCT07265544`. */
  studyId: string;
  /** Instant of the making (ISO 8601). */
  createdAt: string;
  /** Version of the source, for `sourceSystem`. */
  version: string;
}

/** `Req|Exp|Perm NAME length|integer|decimal label`, one variable a line. */
export function variables(text: string): Variable[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [core, name, kind, ...label] = line.trim().split(' ') as [Variable['core'], string, string, ...string[]];
      const length = Number(kind);
      const shape: Pick<Variable, 'type' | 'length'> = Number.isNaN(length)
        ? { type: kind as 'integer' | 'decimal' }
        : { type: 'string', length };
      return { name, label: label.join(' '), ...shape, core };
    });
}

/** Orders records by the keys of their domain and numbers them within a subject, where the domain has a sequence. */
export function ordered(domain: Domain, records: readonly DatasetRecord[]): DatasetRecord[] {
  const sorted = [...records].sort((a, b) => compare(domain.keys, a, b));
  const sequence = domain.variables.find(({ name }) => name === `${domain.name}SEQ`)?.name;
  if (!sequence) return sorted;
  let [person, number] = ['', 0];
  return sorted.map((record) => {
    number = record.USUBJID === person ? number + 1 : 1;
    person = String(record.USUBJID);
    return { ...record, [sequence]: number };
  });
}

/** What is not known comes last. */
function compare(keys: readonly string[], a: DatasetRecord, b: DatasetRecord): number {
  for (const key of keys) {
    const [one, other] = [a[key] ?? '\uffff', b[key] ?? '\uffff'];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/**
 * A dataset as Dataset-JSON 1.1: columns, then one record a line in the order of the columns. What is empty is null;
 * a decimal is text with targetDataType.
 */
export function datasetJson(domain: Domain, records: readonly DatasetRecord[], header: DatasetHeader): string {
  const about = {
    datasetJSONCreationDateTime: header.createdAt,
    datasetJSONVersion: '1.1.0',
    originator: 'Study Gateway',
    sourceSystem: { name: 'Study Gateway', version: header.version },
    studyOID: header.studyId,
    itemGroupOID: `IG.${domain.name}`,
    records: records.length,
    name: domain.name,
    label: domain.label,
    columns: domain.variables.map((variable) => columnOf(domain, variable)),
  };
  const rows = records.map((record) => JSON.stringify(domain.variables.map(({ name }) => record[name] ?? null)));
  return `${JSON.stringify(about).slice(0, -1)},"rows":[${rows.map((row) => `\n${row}`).join(',')}\n]}\n`;
}

function columnOf({ name: domain, keys }: Domain, { name, label, type, length }: Variable): object {
  const key = keys.indexOf(name);
  return {
    itemOID: `IT.${domain}.${name}`,
    name,
    label,
    dataType: type,
    ...(type === 'decimal' ? { targetDataType: 'decimal' } : {}),
    ...(length === undefined ? {} : { length }),
    ...(key < 0 ? {} : { keySequence: key + 1 }),
  };
}
