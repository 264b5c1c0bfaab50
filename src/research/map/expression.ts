import fhirpath from 'fhirpath';
import type { Node } from '../../fhir/fhirpath/language.ts';
import { model } from '../../fhir/fhirpath/paths.ts';
import { checkExpression, type Edit, type ExpressionScope, type Shape } from './expression-check.ts';
import type { PseudonymKind } from './language.ts';
import { codesIn, pseudonymOf, type RulePlace, type Run, refuse } from './run.ts';
import type { ExpressionSyntax } from './syntax.ts';

export interface CompiledExpression {
  shapes: readonly Shape[];
  /** The plain items it yields; null when it could not be evaluated (the run then holds a refusal). */
  evaluate(focus: unknown, frame: readonly unknown[], run: Run): unknown[] | null;
}

/** A variable an expression may name: its shape and where the frame holds it. */
export interface Variable extends Shape {
  slot: number;
}

export interface CompileScope extends ExpressionScope {
  sources: ReadonlyMap<string, Variable>;
}

/**
 * Checks an expression and compiles it once with the R4 model.
 * @param fault is told of every fault, with its line in the file
 * @returns null when it has faults
 */
export function compileExpression(
  syntax: ExpressionSyntax,
  scope: CompileScope,
  at: RulePlace,
  fault: (line: number, message: string) => void,
): CompiledExpression | null {
  let tree: Node;
  try {
    tree = fhirpath.parse(syntax.text) as Node;
  } catch {
    fault(syntax.line, `the FHIRPath expression "${syntax.text}" cannot be read`);
    return null;
  }
  const { shapes, variables, edits, faults } = checkExpression(tree, scope);
  for (const { line, message } of faults) fault(syntax.line + line - 1, message);
  if (faults.length > 0) return null;

  const asking: { run: Run | null } = { run: null };
  const run = fhirpath.compile(edited(syntax.text, edits), model, {
    resolveInternalTypes: false,
    userInvocationTable: ownFunctions(scope.language.pseudonyms, asking, at) as never,
  });
  const named = [...variables].map((name) => ({ name, ...scope.sources.get(name)! }));
  const focusType = scope.focus?.type ?? null;
  return {
    shapes,
    evaluate(focus, frame, current) {
      asking.run = current;
      const values: Record<string, unknown> = {};
      for (const { name, type, slot } of named) values[name] = lifted(type, frame[slot]);
      try {
        return (run((focusType ? lifted(focusType, focus) : NOTHING) as never, values) as unknown[]).map(plain);
      } catch {
        // The library's message could hold values of the source.
        refuse(current, 'expression-failed', at);
        return null;
      }
    },
  };
}

const NOTHING = {};

const lifters = new Map<string, (value: unknown) => unknown[]>();

/** A value as a node of fhirpath.js that knows its type, so that choice elements are found below it. */
function lifted(type: string, value: unknown): unknown {
  let lift = lifters.get(type);
  if (!lift) {
    const compiled = fhirpath.compile({ base: type, expression: '$this' }, model, { resolveInternalTypes: false });
    lift = (item) => compiled(item as never) as unknown[];
    lifters.set(type, lift);
  }
  return lift(value)[0];
}

/** The plain value inside a node of fhirpath.js. */
function plain(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if (item.constructor.name === 'ResourceNode') return (item as { data: unknown }).data;
  return 'asStr' in item ? Number(item.asStr) : item;
}

/** Applies edits from the last to the first, so that earlier places stay where they are. */
function edited(text: string, edits: readonly Edit[]): string {
  const starts = [0];
  for (const match of text.matchAll(/\n/g)) starts.push(match.index + 1);
  const placed = edits.map((edit) => ({ ...edit, from: starts[edit.line - 1]! + edit.column - 1 }));
  let result = text;
  for (const { from, length, text: insert, withDot } of placed.sort((a, b) => b.from - a.from)) {
    const head = result.slice(0, from);
    result = (withDot ? head.replace(/\.\s*$/, '') : head) + insert + result.slice(from + length);
  }
  return result;
}

function ownFunctions(
  kinds: Readonly<Record<string, PseudonymKind>>,
  asking: { run: Run | null },
  at: RulePlace,
): Record<string, unknown> {
  const place = `${at.path} (line ${at.line})`;
  return {
    memberOf: {
      arity: { 1: ['String'] },
      internalStructures: true,
      fn: (inputs: unknown[], valueSet: string) =>
        inputs
          .flatMap((input) => codesIn(plain(input)))
          .some(({ system, code }) => asking.run!.context.memberOf(valueSet, system, code)),
    },
    pseudonym: {
      arity: { 1: ['String'] },
      internalStructures: true,
      fn: (inputs: unknown[], name: string) =>
        inputs
          .map((input) => pseudonymOf(name, kinds[name]!, plain(input), asking.run!, place))
          .filter((text) => text !== undefined),
    },
  };
}
