import { isPrimitive } from './elements.ts';
import type { CompiledExpression } from './expression.ts';
import type { MapLanguage } from './language.ts';
import type { RulePlace, Run } from './run.ts';
import type { ExpressionSyntax } from './syntax.ts';
import type { SourceVariable, TargetVariable } from './variables.ts';

export type Parameter =
  | { kind: 'literal'; value: string | number | boolean; type: string }
  | { kind: 'source'; variable: SourceVariable }
  | { kind: 'target'; variable: TargetVariable }
  | { kind: 'expression'; expression: ExpressionSyntax };

/** What a transform yields. */
export interface Built {
  type: string;
  /** The value itself when it is written in the map: it is checked against the target's type. */
  literal?: string | number | boolean;
  /** Whether `make` gives an array of values. */
  many: boolean;
  /** The value; undefined when there is none. */
  make(frame: unknown[], run: Run): unknown;
}

/** What a transform is built from. */
export interface Asked {
  parameters: Parameter[];
  language: MapLanguage;
  at: RulePlace;
  fault(message: string): null;
  /** Compiles an expression with a variable in focus (or none). */
  expression(syntax: ExpressionSyntax, focus: SourceVariable | null): CompiledExpression | null;
}

/** Reads a value out of the frame of a group. */
export type Read = (frame: unknown[]) => unknown;

/** Reads a parameter that must be a primitive and no id of the hospital. */
export function primitive({ parameters, fault }: Asked, index: number): Read | null {
  const given = parameters[index];
  if (given?.kind === 'literal') return () => given.value;
  if (given?.kind !== 'source' || !isPrimitive(given.variable.type))
    return fault('only values and variables of primitive types are taken here');
  if (given.variable.ids) return fault('an id or reference of the hospital may not be given on: use pseudonym(…)');
  const { slot } = given.variable;
  return (frame) => frame[slot];
}
