/**
 * Writes CSV (RFC 4180) with a header line. A text that a spreadsheet would take for a formula gets an apostrophe:
 * the texts come from hospitals.
 */
export function csv(columns: readonly string[], rows: readonly (string | number | null)[][]): string {
  return [columns, ...rows].map(csvLine).join('');
}

/** One line of it, with its end. */
export function csvLine(row: readonly (string | number | null)[]): string {
  return `${row.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
