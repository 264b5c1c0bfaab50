import type { ReportFault } from './definition-fault.ts';

/** An object of a parsed document, of which nothing is known but that it is one. */
export type ParsedObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object (neither an array nor null). */
export function isParsedObject(value: unknown): value is ParsedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; anything else is reported and null. */
export function objectAt(value: unknown, path: string, report: ReportFault): ParsedObject | null {
  if (isParsedObject(value)) return value;
  report(path, 'An object is expected here.');
  return null;
}

/** The value as a list; absent is the empty list, anything else is reported and also the empty list. */
export function listAt(value: unknown, path: string, report: ReportFault): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  report(path, 'A list is expected here.');
  return [];
}

/**
 * The value as a non-empty string. A number gets a message of its own: YAML reads an unquoted `197321007` or `50.20`
 * as a number and loses zeros.
 */
export function stringAt(value: unknown, path: string, report: ReportFault): string | null {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  const unquoted = typeof value === 'number' || typeof value === 'boolean';
  report(
    path,
    unquoted ? 'Put quotes around this value: it must be a string.' : 'A non-empty string is expected here.',
  );
  return null;
}
