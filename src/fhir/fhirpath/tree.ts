import fhirpath from 'fhirpath';
import { keep, recall } from '../../kept/kept.ts';
import type { Node } from './language.ts';

/** The syntax tree of an expression. @throws what fhirpath.js says of a text that is none */
export function treeOf(text: string): Node {
  const known = recall('trees', text) as Node | undefined;
  if (known) return known;
  const tree = fhirpath.parse(text) as Node;
  keep('trees', text, tree);
  return tree;
}

/** A node without the wrappers that say nothing of their own. */
export function bare(node: Node): Node {
  let at = node;
  while (WRAPPERS.has(at.type) && at.children?.length === 1) at = at.children[0]!;
  return at;
}

const WRAPPERS = new Set(['EntireExpression', 'TermExpression', 'InvocationTerm', 'ParenthesizedTerm', 'LiteralTerm']);

/** The name of a variable, member or function, or a text literal, without its signs. */
export function nameOf(node: Node): string {
  return (node.text ?? '').replace(/^%/, '').replace(/^['"`]|['"`]$/g, '');
}

/** The arguments of a function. */
export function argumentsOf(node: Node): Node[] {
  return node.children?.[0]?.children?.[1]?.children ?? [];
}
