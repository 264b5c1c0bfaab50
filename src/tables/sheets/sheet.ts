import { csv } from '../csv.ts';
import type { Gap, TableFile } from '../input.ts';

/** A column of a published sheet, restated. */
export interface SheetColumn {
  name: string;
  /** `laboratory`: only whoever sequences knows it, and it is left empty here. */
  by: 'gateway' | 'laboratory';
  required: boolean;
  /** The values that are allowed. */
  values?: readonly string[];
  /** The form of the whole value. */
  form?: RegExp;
}

export type SheetRow = Readonly<Record<string, string>>;

/** A sheet as CSV with all its columns, and what of it is missing or not allowed. */
export function sheetFile(name: string, columns: readonly SheetColumn[], rows: readonly SheetRow[]): TableFile {
  const cells = rows.map((row) => columns.map((column) => row[column.name] ?? ''));
  const names = columns.map((column) => column.name);
  return { name, content: csv(names, cells), rows: rows.length, gaps: sheetGaps(columns, rows) };
}

/** What a sheet lacks, by column: for the laboratory, unknown here, or against the published rules. */
export function sheetGaps(columns: readonly SheetColumn[], rows: readonly SheetRow[]): Gap[] {
  return columns.flatMap((column): Gap[] => {
    const kinds = rows.map((row) => gapOf(column, row[column.name] ?? ''));
    return (['laboratory', 'unknown', 'rule'] as const).flatMap((kind) => {
      const count = kinds.filter((one) => one === kind).length;
      return count === 0
        ? []
        : [{ kind, column: column.name, rule: kind === 'rule' ? 'value' : 'required', rows: count }];
    });
  });
}

/** An `unknown` that the sheet itself allows is no gap. */
function gapOf({ by, required, values, form }: SheetColumn, value: string): Gap['kind'] | null {
  const allowed = (values?.includes(value) ?? true) && (form?.test(value) ?? true);
  if (value === '') return required ? (by === 'laboratory' ? 'laboratory' : 'unknown') : null;
  if (allowed) return null;
  return value === 'unknown' ? 'unknown' : 'rule';
}
