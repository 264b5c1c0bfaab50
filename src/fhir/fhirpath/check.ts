import { isUnit } from '../quantity.ts';
import type { ExpressionFault, Language, Node, ParameterKind } from './language.ts';
import { elementTypes, isType } from './paths.ts';
import { argumentsOf, nameOf } from './tree.ts';

/** What a check knows beside the language: which names may stand as arguments. */
export interface Names {
  valueSets: { has(id: string): boolean };
  concepts: { has(id: string): boolean };
}

/** Functions of FHIRPath that study expressions may use; how each changes the type of its input. */
const STANDARD: Record<string, 'filter' | 'project' | 'input' | 'boolean' | 'integer' | 'ofType' | 'combine'> = {
  where: 'filter',
  exists: 'boolean',
  all: 'boolean',
  empty: 'boolean',
  not: 'boolean',
  allTrue: 'boolean',
  anyTrue: 'boolean',
  startsWith: 'boolean',
  contains: 'boolean',
  hasValue: 'boolean',
  select: 'project',
  first: 'input',
  distinct: 'input',
  count: 'integer',
  ofType: 'ofType',
  union: 'combine',
  exclude: 'input',
  intersect: 'input',
};

/** How many arguments they take; fhirpath.js would silently select nothing. */
const ARITY: Record<string, readonly number[]> = {
  where: [1],
  exists: [0, 1],
  all: [1],
  select: [1],
  startsWith: [1],
  contains: [1],
  ofType: [1],
  union: [1],
  exclude: [1],
  intersect: [1],
};

/** Why some well-known functions are refused. */
const FORBIDDEN: Record<string, string> = {
  now: 'it depends on the machine; use within() and the other functions on days',
  today: 'it depends on the machine; use within() and the other functions on days',
  timeOfDay: 'it depends on the machine',
  resolve: 'references are followed before screening; use the variables',
  iif: 'an empty condition takes the second branch, so unknown would become no; write two rules',
  trace: 'it prints patient data',
};

const NUMBERS = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt']);

/**
 * Walks an expression and returns its types, its variables and all its faults.
 * @param focus the types that plain paths start from; none where an expression starts from variables
 */
export function checkExpression(
  root: Node,
  language: Language,
  names: Names,
  focus: readonly string[] = [],
): { types: string[]; variables: Set<string>; faults: ExpressionFault[] } {
  const faults: ExpressionFault[] = [];
  const variables = new Set<string>();
  const whose = language.of ?? 'criteria';

  function fault(node: Node, message: string): void {
    const at = place(node);
    faults.push({ message, line: at.line, column: at.column });
  }

  function each(node: Node, context: string[]): string[] {
    let types: string[] = [];
    for (const child of node.children ?? []) types = visit(child, context);
    return types;
  }

  function visit(node: Node, context: string[]): string[] {
    const [left, right] = node.children ?? [];
    switch (node.type) {
      case 'InvocationExpression':
        return visit(right!, visit(left!, context));
      case 'UnionExpression':
        return [...new Set([...visit(left!, context), ...visit(right!, context)])];
      case 'MemberInvocation':
        return member(node, context);
      case 'FunctionInvocation':
        return call(node, context);
      case 'ThisInvocation':
        return context;
      case 'ExternalConstantTerm':
        return variable(node);
      case 'LiteralTerm':
        return literal(left!);
      case 'InequalityExpression':
        return inequality(node, visit(left!, context), visit(right!, context));
      case 'AndExpression':
      case 'OrExpression':
      case 'ImpliesExpression':
      case 'EqualityExpression':
      case 'MembershipExpression':
        each(node, context);
        return ['boolean'];
      case 'AdditiveExpression':
      case 'MultiplicativeExpression':
      case 'PolarityExpression':
        each(node, context);
        return ['decimal'];
      case 'IndexerExpression':
        return visit(left!, context);
      case 'EntireExpression':
      case 'TermExpression':
      case 'InvocationTerm':
      case 'ParenthesizedTerm':
        return each(node, context);
      default:
        fault(node, `"${node.type}" is not part of the language of ${whose}`);
        return [];
    }
  }

  function member(node: Node, context: string[]): string[] {
    const name = nameOf(node);
    if (context.includes(name)) return [name];
    const found = context.flatMap((type) => elementTypes(type, name) ?? []);
    if (found.length === 0) fault(node, `R4 has no element "${name}" in ${context.join(' or ') || 'nothing'}`);
    return [...new Set(found)];
  }

  function variable(node: Node): string[] {
    const name = nameOf(node);
    variables.add(name);
    const types = language.variables[name];
    if (!types) fault(node, `there is no variable %${name}`);
    return [...(types ?? [])];
  }

  function call(node: Node, context: string[]): string[] {
    const name = node.text ?? '';
    const parameters = argumentsOf(node);
    const own = language.functions[name];
    if (own) {
      if (own.on.length > 0 && context.length > 0 && !context.some((type) => own.on.includes(type))) {
        fault(node, `${name}() works on ${own.on.join(', ')}, not on ${context.join(', ')}`);
      }
      if (parameters.length !== own.parameters.length) {
        fault(node, `${name}() takes ${own.parameters.length} arguments, not ${parameters.length}`);
      }
      own.parameters.forEach((kind, index) => {
        const given = parameters[index];
        if (given) argument(name, kind, given, context);
      });
      return own.returns === 'input' ? context : [...own.returns];
    }
    if (FORBIDDEN[name]) {
      fault(node, `${name}() may not be used: ${FORBIDDEN[name]}`);
      return [];
    }
    const kind = STANDARD[name];
    if (!kind) {
      fault(node, `the function ${name}() is not part of the language of ${whose}`);
      return [];
    }
    const arity = ARITY[name] ?? [0];
    if (!arity.includes(parameters.length)) {
      fault(node, `${name}() takes ${arity.join(' or ')} arguments, not ${parameters.length}`);
    }
    if (kind === 'ofType') return typed(node, parameters[0]);
    const inner = parameters.flatMap((parameter) => visit(parameter, context));
    if (kind === 'project') return inner;
    if (kind === 'combine') return [...new Set([...context, ...inner])];
    if (kind === 'boolean' || kind === 'integer') return [kind];
    return context;
  }

  function typed(node: Node, parameter: Node | undefined): string[] {
    const name = lastText(parameter).replace(/^(FHIR|System)\./, '');
    if (!isType(name)) fault(node, `R4 has no type "${name}"`);
    return [name];
  }

  function argument(name: string, kind: ParameterKind, node: Node, context: string[]): void {
    const text = literalText(node);
    if (kind === 'collection') {
      visit(node, []);
    } else if (kind === 'number') {
      const types = visit(node, context);
      if (!types.some((type) => NUMBERS.has(type))) fault(node, `${name}() takes a number here`);
    } else if (text === null) {
      fault(node, `${name}() takes a fixed name in quotes here`);
    } else if (kind === 'calendarUnit' && !/^(d|mo)$/.test(text)) {
      fault(node, `${name}() counts in 'd' (days) or 'mo' (months), not in '${text}'`);
    } else if (kind === 'unit' && !isUnit(text)) {
      fault(node, `'${text}' is no UCUM unit`);
    } else if (kind === 'valueSet' && !names.valueSets.has(text)) {
      fault(node, `there is no ValueSet "${text}"`);
    } else if (kind === 'concept' && !names.concepts.has(text)) {
      fault(node, `no text rule is for "${text}"`);
    }
  }

  function inequality(node: Node, left: string[], right: string[]): string[] {
    for (const types of [left, right]) {
      if (!types.every((type) => NUMBERS.has(type))) {
        fault(
          node,
          'only numbers may be compared with < and >; dates depend on the zone, quantities on the unit: use the functions',
        );
      }
    }
    return ['boolean'];
  }

  return { types: visit(root, [...focus]), variables, faults };
}

function literal(node: Node): string[] {
  switch (node.type) {
    case 'BooleanLiteral':
      return ['boolean'];
    case 'NumberLiteral':
      return ['decimal'];
    case 'NullLiteral':
      return [];
    default:
      return ['string'];
  }
}

function literalText(node: Node): string | null {
  let at: Node | undefined = node;
  while (at && at.type !== 'StringLiteral') at = at.children?.length === 1 ? at.children[0] : undefined;
  return at ? nameOf(at) : null;
}

function lastText(node: Node | undefined): string {
  if (!node) return '';
  let text = node.text ?? '';
  for (const child of node.children ?? []) text = lastText(child) || text;
  return text;
}

function place(node: Node): { line: number; column: number } {
  let at: Node | undefined = node;
  while (at && !at.start) at = at.children?.[0];
  return at?.start ?? { line: 1, column: 1 };
}
