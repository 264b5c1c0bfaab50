import type { Node } from '../fhir/fhirpath/language.ts';
import { argumentsOf, bare, nameOf, treeOf } from '../fhir/fhirpath/tree.ts';
import { LANGUAGE } from '../study/language.ts';
import type { Study } from '../study/model.ts';

/** By what a resource of one type may speak of a disease of the study: ValueSets, and concepts of text rules. */
export interface Names {
  /** Of the ValueSets and concepts here, a resource has one or says nothing. */
  names: Set<string>;
  /** Nothing bounds it: every resource of the type may. */
  all: boolean;
}

/** Type → what its evidence is; other types have none. */
export type Evidence = ReadonlyMap<string, Names>;

/** Sets whose people are told from the rest: subjects, and who is counted as `root-only`. */
const TELLING = ['diseaseEvidence', 'rootOnly'] as const;

/** Functions that leave a part of what they are called on. */
const NARROWING = new Set(['where', 'ofType', 'newest', 'oldest', 'first', 'distinct', 'intersect', 'exclude']);

/** What an expression may select: for each type the names of which one must hold; null while nothing bounds it. */
type Selected = Map<string, Set<string> | null>;

/**
 * Reads out of the study's expressions what may make somebody a subject, or counted otherwise than as having nothing:
 * the codes and texts that its sets of evidence ask for, followed through the sets they are made of. Where an
 * expression asks for no code, all resources of its types may be evidence: it errs on the side of reading.
 */
export function evidenceOf(study: Pick<Study, 'sets'>): Evidence {
  const sets = new Map(study.sets.map(({ name, expression }) => [name, expression.text]));
  const known = new Map<string, Selected>();
  const ofVariable = (name: string): Selected => {
    const text = sets.get(name);
    if (text === undefined) return new Map((LANGUAGE.variables[name] ?? []).map((type) => [type, null]));
    const selected = known.get(name) ?? selectedBy(bare(treeOf(text)), ofVariable);
    known.set(name, selected);
    return selected;
  };
  const found = new Map<string, Names>();
  for (const [type, names] of TELLING.flatMap((name) => [...ofVariable(name)])) {
    const before = found.get(type) ?? { names: new Set(), all: false };
    found.set(type, { names: new Set([...before.names, ...(names ?? [])]), all: before.all || names === null });
  }
  return found;
}

function selectedBy(node: Node, ofVariable: (name: string) => Selected): Selected {
  const [left, right] = (node.children ?? []).map(bare) as [Node | undefined, Node | undefined];
  if (node.type === 'ExternalConstantTerm') return ofVariable(nameOf(node));
  if (node.type === 'UnionExpression') {
    return united(selectedBy(left!, ofVariable), selectedBy(right!, ofVariable));
  }
  if (node.type !== 'InvocationExpression') return everything();
  const base = selectedBy(left!, ofVariable);
  const name = nameOf(right!);
  if (right!.type !== 'FunctionInvocation') return everything();
  const [argument] = argumentsOf(right!).map(bare);
  if (name === 'union') return united(base, selectedBy(argument!, ofVariable));
  if (!NARROWING.has(name)) return everything();
  if (name === 'ofType') return new Map([...base].filter(([type]) => type === nameOf(argument!)));
  const asked = name === 'where' ? requiredBy(argument!) : null;
  // What is bounded already stays as it is: a second condition can only leave less.
  return new Map([...base].map(([type, names]) => [type, names ?? asked]));
}

/** Names of which one must hold for the condition to hold; null when it can hold without. */
function requiredBy(node: Node): Set<string> | null {
  const [left, right] = (node.children ?? []).map(bare) as [Node | undefined, Node | undefined];
  if (node.type === 'AndExpression') return requiredBy(left!) ?? requiredBy(right!);
  if (node.type === 'OrExpression') {
    const [one, other] = [requiredBy(left!), requiredBy(right!)];
    return node.text !== 'xor' && one && other ? new Set([...one, ...other]) : null;
  }
  if (node.type === 'FunctionInvocation' && nameOf(node) === 'suggests') return named(node);
  const ofCode = node.type === 'InvocationExpression' && CODES.has(nameOf(left!)) && nameOf(right!) === 'memberOf';
  return ofCode ? named(right!) : null;
}

/** The elements whose codes the scan reads. */
const CODES = new Set(['code', 'conclusionCode']);

function named(call: Node): Set<string> {
  return new Set([nameOf(bare(argumentsOf(call)[0]!))]);
}

function united(one: Selected, other: Selected): Selected {
  const all = new Map(one);
  for (const [type, names] of other) {
    const before = all.get(type);
    all.set(type, all.has(type) ? (names && before ? new Set([...before, ...names]) : null) : names);
  }
  return all;
}

/** An expression of a form that is not understood may select anything. */
function everything(): Selected {
  return new Map(Object.values(LANGUAGE.variables).flatMap((types) => types.map((type) => [type, null] as const)));
}
