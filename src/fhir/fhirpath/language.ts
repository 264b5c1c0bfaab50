/**
 * What expressions of a study may say beside plain paths: variables and functions, each with its types.
 * A type is an R4 type (`Condition`, `CodeableConcept`, `boolean`), or the path of a backbone element
 * (`Consent.provision`).
 */
export interface Language {
  /** Whose language it is, for messages; criteria when nothing is said. */
  of?: string;
  variables: Readonly<Record<string, readonly string[]>>;
  functions: Readonly<Record<string, FunctionSignature>>;
}

export interface FunctionSignature {
  /** Types it may be called on; empty: any. */
  on: readonly string[];
  parameters: readonly ParameterKind[];
  /** `input`: the same types as what it is called on. */
  returns: readonly string[] | 'input';
}

/**
 * `valueSet` and `concept` are names that must exist; `unit` is a UCUM code; `code` any fixed string;
 * `collection` an expression that starts from a variable.
 */
export type ParameterKind = 'valueSet' | 'concept' | 'unit' | 'calendarUnit' | 'code' | 'number' | 'collection';

/** A fault of an expression: `column` counts from 1. */
export interface ExpressionFault {
  message: string;
  line: number;
  column: number;
}

/** A node of the syntax tree as fhirpath.js builds it. */
export interface Node {
  type: string;
  text?: string;
  start?: { line: number; column: number };
  children?: Node[];
}
