import fhirpath from 'fhirpath';
import { checkExpression, type Names } from './check.ts';
import type { ExpressionFault, Language, Node } from './language.ts';
import { type ExpressionNeeds, needsOf } from './needs.ts';
import { model } from './paths.ts';
import { treeOf } from './tree.ts';

/** A FHIR element or value as functions of the language see it. */
export type Item = unknown;

/** How a function of the language is carried out. Arguments are strings, numbers, and arrays for collections. */
export type FunctionBody = (inputs: Item[], ...args: never[]) => Item[] | boolean | number | string;

export interface CompiledExpression {
  text: string;
  /** Variables it names (without `%`). */
  variables: readonly string[];
  types: readonly string[];
  needs: ExpressionNeeds;
  /** Evaluates; the result holds the very objects that went in through the variables. */
  evaluate(variables: Readonly<Record<string, unknown>>): Item[];
}

/**
 * Checks an expression against R4 and the language and compiles it once.
 * Functions are bound by name to `bodies`; those without a body throw when called (enough for checking a study).
 */
export function compileExpression(
  text: string,
  language: Language,
  names: Names,
  bodies: Readonly<Record<string, FunctionBody>>,
): CompiledExpression | { faults: ExpressionFault[] } {
  let tree: Node;
  try {
    tree = treeOf(text);
  } catch (error) {
    return { faults: [syntaxFault(error)] };
  }
  const checked = checkExpression(tree, language, names);
  if (checked.faults.length > 0) return { faults: checked.faults };
  let run: Run | null = null;
  return {
    text,
    variables: [...checked.variables],
    types: checked.types,
    needs: needsOf(tree, language),
    evaluate: (variables) => {
      // Most expressions have nothing to select, and are never evaluated.
      run ??= runOf(text, language, bodies);
      return (run(NOTHING, variables as Record<string, unknown>) as Item[]).map(unwrap);
    },
  };
}

type Run = ReturnType<typeof compiled>;
const runs = new WeakMap<object, WeakMap<Language, Map<string, Run>>>();

/** Studies whose functions are carried out by the same bodies share what the same text was compiled to. */
function runOf(text: string, language: Language, bodies: Readonly<Record<string, FunctionBody>>): Run {
  const ofBodies = runs.get(bodies) ?? new WeakMap<Language, Map<string, Run>>();
  runs.set(bodies, ofBodies);
  const texts = ofBodies.get(language) ?? new Map<string, Run>();
  ofBodies.set(language, texts);
  const run = texts.get(text) ?? compiled(text, language, bodies);
  texts.set(text, run);
  return run;
}

function compiled(text: string, language: Language, bodies: Readonly<Record<string, FunctionBody>>) {
  return fhirpath.compile(text, model, {
    resolveInternalTypes: false,
    userInvocationTable: invocationTable(language, bodies),
  });
}

/** Expressions start from variables, never from a resource. */
const NOTHING = {};

/** The plain value inside a node of fhirpath.js. */
function unwrap(item: Item): Item {
  const node = item as { data?: unknown; constructor?: { name: string } } | null;
  if (node && typeof node === 'object' && node.constructor?.name === 'ResourceNode') return node.data;
  if (node && typeof node === 'object' && 'asStr' in node) return Number((node as { asStr: string }).asStr);
  return item;
}

function invocationTable(language: Language, bodies: Readonly<Record<string, FunctionBody>>) {
  const table: Record<string, unknown> = {};
  for (const [name, signature] of Object.entries(language.functions)) {
    const kinds = signature.parameters.map((kind) =>
      kind === 'number' ? 'Number' : kind === 'collection' ? 'AnyAtRoot' : 'String',
    );
    table[name] = {
      arity: { [kinds.length]: kinds },
      internalStructures: true,
      fn: (inputs: Item[], ...args: unknown[]) => call(name, bodies[name], inputs, args),
    };
  }
  return table as never;
}

/** Functions see plain values; nodes are handed back as they came, so that typed navigation goes on. */
function call(name: string, body: FunctionBody | undefined, inputs: Item[], args: unknown[]): unknown {
  if (!body) throw new Error(`The function ${name}() has no body here.`);
  const values = inputs.map(unwrap);
  const plain = args.map((arg) => (Array.isArray(arg) ? arg.map(unwrap) : unwrap(arg)));
  const answer = body(values, ...(plain as never[]));
  if (!Array.isArray(answer)) return answer;
  return answer.map((item) => {
    const index = values.indexOf(item);
    return index < 0 ? item : inputs[index];
  });
}

function syntaxFault(error: unknown): ExpressionFault {
  const message = error instanceof Error ? error.message : String(error);
  const at = /line[: ]+(\d+)[;, ]+column[: ]+(\d+)/i.exec(message);
  return {
    message: `the expression cannot be read: ${message.split('\n').slice(0, 2).join(' ')}`,
    line: at ? Number(at[1]) : 1,
    column: at ? Number(at[2]) : 1,
  };
}
