import type { Language, Node } from './language.ts';
import { argumentsOf, bare, nameOf } from './tree.ts';

/**
 * What an expression needs of its variables, told from its syntax alone. Evaluated with no more than that it selects
 * the same, and calls the same functions on the same resources.
 */
export interface ExpressionNeeds {
  /**
   * Variables of which only the items matter whose `code` is in one of the ValueSets (their ids), or of whose texts one
   * suggests one of the concepts (`~` and the id): wherever the variable stands, `where()` asks for that at once.
   */
  coded: ReadonlyMap<string, readonly string[]>;
  /** When all of these are empty nothing is selected; null when that cannot be said. */
  nothingWithout: readonly string[] | null;
}

/** Functions that give nothing for nothing, and do not look at their arguments then. */
const FILTERS = new Set(['where', 'select', 'first', 'distinct', 'ofType']);
/** Functions that look at each item by itself. */
const ITEM_BY_ITEM = new Set(['where', 'distinct', 'ofType']);
/** Functions of the language that leave no word of what they could not decide. */
const SILENT = new Set([
  'memberOf',
  'suggests',
  'codedFor',
  'understood',
  'exists',
  'empty',
  'not',
  'hasValue',
  'count',
]);

/** @param root of an expression that has passed the check */
export function needsOf(root: Node, language: Language): ExpressionNeeds {
  const coded = new Map<string, string[] | null>();
  ask(root, null, coded);
  const narrow = [...coded].flatMap(([name, sets]) => (sets ? [[name, sets] as const] : []));
  const without = nothingWithout(root, language);
  return { coded: new Map(narrow), nothingWithout: without && [...new Set(without)] };
}

function nothingWithout(wrapped: Node, language: Language): string[] | null {
  const node = bare(wrapped);
  const [left, right] = node.children ?? [];
  if (node.type === 'ExternalConstantTerm') return [nameOf(node)];
  if (node.type === 'UnionExpression') {
    const [one, other] = [nothingWithout(left!, language), nothingWithout(right!, language)];
    return one && other && [...one, ...other];
  }
  if (node.type !== 'InvocationExpression') return null;
  const own = right!.type === 'FunctionInvocation' ? language.functions[right!.text ?? ''] : undefined;
  const keeps =
    right!.type === 'MemberInvocation' ||
    FILTERS.has(right!.text ?? '') ||
    (own?.returns === 'input' && own.parameters.length === 0);
  return keeps ? nothingWithout(left!, language) : null;
}

/**
 * Notes for every variable below a node which ValueSets its items are asked for.
 * @param sets what everything selected here is asked for next; null when for nothing
 */
function ask(wrapped: Node, sets: readonly string[] | null, into: Map<string, string[] | null>): void {
  const node = bare(wrapped);
  const [left, right] = node.children ?? [];
  if (node.type === 'ExternalConstantTerm') {
    const before = into.get(nameOf(node));
    const both = before === null || sets === null ? null : [...new Set([...(before ?? []), ...sets])];
    into.set(nameOf(node), both);
  } else if (node.type === 'UnionExpression') {
    ask(left!, sets, into);
    ask(right!, sets, into);
  } else if (node.type === 'InvocationExpression' && right!.type === 'FunctionInvocation') {
    const passes = ITEM_BY_ITEM.has(right!.text ?? '') && isSilent(right!);
    const condition = right!.text === 'where' ? argumentsOf(right!)[0] : undefined;
    ask(left!, (condition && isSilent(condition) ? setsOf(condition) : null) ?? (passes ? sets : null), into);
    for (const argument of argumentsOf(right!)) ask(argument, null, into);
  } else {
    for (const child of node.children ?? []) ask(child, null, into);
  }
}

/** The ValueSets and concepts of which one must be named wherever the condition holds; null when it may hold without. */
function setsOf(wrapped: Node): string[] | null {
  const node = bare(wrapped);
  const [left, right] = node.children ?? [];
  if (node.type === 'OrExpression' || node.type === 'AndExpression') {
    const [one, other] = [setsOf(left!), setsOf(right!)];
    if (node.type === 'AndExpression') return one ?? other;
    return one && other && [...one, ...other];
  }
  if (node.type === 'FunctionInvocation' && node.text === 'suggests') {
    const concept = only(argumentsOf(node)[0]!, 'StringLiteral');
    return concept && [`~${nameOf(concept)}`];
  }
  if (node.type !== 'InvocationExpression' || right!.type !== 'FunctionInvocation' || right!.text !== 'memberOf') {
    return null;
  }
  const member = only(left!, 'MemberInvocation');
  const set = only(argumentsOf(right!)[0]!, 'StringLiteral');
  return member?.text === 'code' && set ? [nameOf(set)] : null;
}

/** Nothing below leaves a word of what it could not decide. */
function isSilent(node: Node): boolean {
  if (node.type === 'FunctionInvocation' && !SILENT.has(node.text ?? '') && !FILTERS.has(node.text ?? '')) return false;
  return (node.children ?? []).every(isSilent);
}

/** The node of a type that a chain of only children leads to. */
function only(node: Node, type: string): Node | null {
  if (node.type === type) return node;
  return node.children?.length === 1 ? only(node.children[0]!, type) : null;
}
