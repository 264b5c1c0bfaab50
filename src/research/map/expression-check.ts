import type { Node } from '../../fhir/fhirpath/language.ts';
import { choiceForm, elementOf, idsOf, isKnownType, isPrimitive } from './elements.ts';
import { CONDITIONS, FUNCTIONS, REFUSED_FUNCTIONS } from './functions.ts';
import type { MapLanguage } from './language.ts';
import { isText } from './primitives.ts';
import type { Place } from './reads.ts';

/** What an expression may stand for: a type, where in the source it stands, and of which resources it holds ids. */
export interface Shape {
  type: string;
  place: Place | null;
  ids: string | null;
}

export interface ExpressionScope {
  /** What plain paths start from; null where nothing is in focus. */
  focus: Shape | null;
  sources: ReadonlyMap<string, Shape>;
  targets: { has(name: string): boolean };
  language: MapLanguage;
  /** Values go into the target: they may not hold ids of the hospital. */
  use: 'condition' | 'value';
}

/** A replacement in the text of the expression. */
export interface Edit {
  line: number;
  column: number;
  length: number;
  text: string;
  /** Also takes away the dot before it. */
  withDot: boolean;
}

export interface CheckedExpression {
  shapes: Shape[];
  variables: Set<string>;
  edits: Edit[];
  faults: { line: number; message: string }[];
}

const NUMBERS = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt']);
const TIMES = new Set(['date', 'dateTime', 'instant', 'time', 'Quantity', 'Period']);
const OPERATORS = /^(And|Or|Implies|Equality|Membership|Inequality|Multiplicative|Additive)Expression$/;
const IDS = 'an id or reference of the hospital may not be given on: use pseudonym(…)';

/** Checks an expression against R4, the variables in scope and the closed list of functions. */
export function checkExpression(root: Node, scope: ExpressionScope): CheckedExpression {
  const variables = new Set<string>();
  const edits: Edit[] = [];
  const faults: { line: number; message: string }[] = [];
  const fault = (node: Node, message: string): Shape[] => {
    faults.push({ line: startOf(node).line, message });
    return [];
  };
  /** In conditions within a value ids may be looked at. */
  let use = scope.use;

  function given(node: Node, context: Shape[]): Shape[] {
    const shapes = visit(node, context);
    if (use === 'value' && shapes.some((shape) => shape.ids)) fault(node, IDS);
    return shapes;
  }

  function visit(node: Node, context: Shape[]): Shape[] {
    const [left, right] = node.children ?? [];
    switch (node.type) {
      case 'EntireExpression':
      case 'TermExpression':
      case 'InvocationTerm':
      case 'ParenthesizedTerm':
        return visit(left!, context);
      case 'InvocationExpression': {
        const input = right?.text === 'pseudonym' ? visit(left!, context) : given(left!, context);
        return right?.type === 'MemberInvocation' ? member(right, input) : visit(right!, input);
      }
      case 'MemberInvocation':
        return rootName(node, context);
      case 'FunctionInvocation':
        return call(node, context);
      case 'ThisInvocation':
        return context.length > 0 ? context : fault(node, '$this has no meaning here');
      case 'ExternalConstantTerm':
        return variable(node, unquote(node.text ?? ''));
      case 'LiteralTerm':
        return literal(node, left!);
      case 'IndexerExpression':
        given(right!, context);
        return given(left!, context);
      case 'UnionExpression':
        return [...given(left!, context), ...given(right!, context)];
      case 'PolarityExpression':
        return given(left!, context);
      default:
        return operator(node, context);
    }
  }

  function operator(node: Node, context: Shape[]): Shape[] {
    if (!OPERATORS.test(node.type)) return fault(node, `"${node.type}" is not part of the language of maps`);
    const before = faults.length;
    const sides = (node.children ?? []).map((child) => given(child, context));
    if (faults.length > before) return [];
    const all = (types: { has(type: string): boolean }) => sides.flat().every((shape) => types.has(shape.type));
    switch (node.type) {
      case 'AndExpression':
      case 'OrExpression':
      case 'ImpliesExpression':
        return [of('boolean')];
      case 'EqualityExpression':
      case 'MembershipExpression':
        if (sides.flat().some((shape) => TIMES.has(shape.type)))
          fault(node, 'times and quantities may not be compared');
        return [of('boolean')];
      case 'InequalityExpression':
        if (!all(NUMBERS)) fault(node, 'only numbers may be compared with < and >');
        return [of('boolean')];
      case 'MultiplicativeExpression':
        return all(NUMBERS) ? [of('decimal')] : fault(node, 'only numbers may be multiplied and divided');
      default:
        if (node.text === '&' || (node.text === '+' && all({ has: isText }))) return [of('string')];
        return all(NUMBERS) ? [of('decimal')] : fault(node, `"${node.text}" works on numbers and texts, not on times`);
    }
  }

  function rootName(node: Node, context: Shape[]): Shape[] {
    const name = unquote(node.text ?? '');
    const isElement = context.some((shape) => shape.type === name || elementOf(shape.type, name));
    if (scope.sources.has(name) || scope.targets.has(name)) {
      if (isElement) return fault(node, `"${name}" is a variable and an element: write %${name} or $this.${name}`);
      edits.push({ ...startOf(node), length: 0, text: '%', withDot: false });
      return variable(node, name);
    }
    const same = context.filter((shape) => shape.type === name);
    if (same.length > 0) return same;
    return context.length > 0 ? member(node, context, true) : fault(node, `there is no variable "${name}"`);
  }

  function variable(node: Node, name: string): Shape[] {
    const shape = scope.sources.get(name);
    if (!shape) {
      return fault(
        node,
        scope.targets.has(name) ? `%${name} is a target: only sources are read` : `there is no variable %${name}`,
      );
    }
    variables.add(name);
    return [shape];
  }

  function member(node: Node, context: Shape[], atRoot = false): Shape[] {
    const name = unquote(node.text ?? '');
    if (name === 'value' && context.length > 0 && context.every((shape) => isPrimitive(shape.type))) {
      // The library finds nothing in a primitive: its value is the primitive itself.
      edits.push({ ...startOf(node), length: name.length, text: atRoot ? '$this' : '', withDot: !atRoot });
      return context;
    }
    const found = context.flatMap((shape) => below(shape, name));
    // Nothing comes before only where a fault was found already.
    if (found.length > 0 || context.length === 0) return found;
    return fault(node, `R4 has no element "${name}" in ${context.map((shape) => shape.type).join(' or ')}`);
  }

  function call(node: Node, context: Shape[]): Shape[] {
    const name = node.text ?? '';
    const parameters = node.children?.[0]?.children?.[1]?.children ?? [];
    const effect = FUNCTIONS.get(name);
    if (!effect) {
      const why = Object.hasOwn(REFUSED_FUNCTIONS, name) ? `: ${REFUSED_FUNCTIONS[name]}` : '';
      return fault(node, `the function ${name}() is not part of the language of maps${why}`);
    }
    if (effect === 'pseudonym') return pseudonym(node, context, literalText(parameters[0]), parameters.length);
    if (effect === 'ofType') return ofType(node, context, lastText(parameters[0]).replace(/^FHIR\./, ''));
    if (name === 'memberOf') return memberOf(node, context, literalText(parameters[0]), parameters.length);
    const before = use;
    if (CONDITIONS.has(name)) use = 'condition';
    const inner = parameters.flatMap((parameter) => given(parameter, context));
    use = before;
    if (effect === 'extension') return context.flatMap((shape) => below(shape, 'extension'));
    if (effect === 'project') return inner;
    if (effect === 'combine') return [...context, ...inner];
    return effect === 'filter' || effect === 'same' ? context : [of(effect)];
  }

  function ofType(node: Node, context: Shape[], name: string): Shape[] {
    if (!isKnownType(name)) return fault(node, `R4 has no type "${name}"`);
    const found = context.filter((shape) => shape.type === name);
    if (found.length > 0) return found;
    return fault(node, `nothing here is a ${name}`);
  }

  function pseudonym(node: Node, context: Shape[], name: string | null, count: number): Shape[] {
    const kind = name !== null && Object.hasOwn(scope.language.pseudonyms, name) && scope.language.pseudonyms[name];
    if (count !== 1 || !kind) return fault(node, `pseudonym('kind') takes one of the kinds ${kindsOf(scope.language)}`);
    if (context.some((shape) => !shape.ids)) return fault(node, 'pseudonym() works on ids and Reference.reference');
    const other = context.find((shape) => shape.ids !== '*' && shape.ids !== kind.of);
    if (other) return fault(node, `pseudonym('${name}') is of ids of ${kind.of}, not of ${other.ids}`);
    return [of('string')];
  }

  function memberOf(node: Node, context: Shape[], name: string | null, count: number): Shape[] {
    if (count !== 1 || name === null) return fault(node, 'memberOf() takes the name of a ValueSet in quotes');
    if (!scope.language.valueSets.has(name)) fault(node, `there is no ValueSet "${name}"`);
    const coded = (shape: Shape) => ['CodeableConcept', 'Coding'].includes(shape.type) || isText(shape.type);
    if (!context.every(coded)) fault(node, 'memberOf() works on code, Coding and CodeableConcept');
    return [of('boolean')];
  }

  function literal(node: Node, value: Node): Shape[] {
    if (value.type === 'BooleanLiteral') return [of('boolean')];
    if (value.type === 'NumberLiteral') return [of((node.text ?? '').includes('.') ? 'decimal' : 'integer')];
    if (value.type === 'StringLiteral') return [of('string')];
    if (value.type === 'NullLiteral') return [];
    return fault(node, 'times and quantities are not part of the language of maps');
  }

  return { shapes: given(root, scope.focus ? [scope.focus] : []), variables, edits, faults };
}

function of(type: string): Shape {
  return { type, place: null, ids: null };
}

/** The element of a shape; `valueString` is understood as `value` of type string (older maps write it so). */
export function below(shape: Shape, name: string): Shape[] {
  const forms = elementOf(shape.type, name)?.forms ?? choiceForm(shape.type, name);
  return forms.map(({ type, key }) => ({
    type,
    place: shape.place?.child(key, type) ?? null,
    ids: idsOf(shape.type, name),
  }));
}

export function kindsOf(language: MapLanguage): string {
  return Object.keys(language.pseudonyms).join(', ') || '(none)';
}

function literalText(node: Node | undefined): string | null {
  let at = node;
  while (at && at.type !== 'StringLiteral') at = at.children?.length === 1 ? at.children[0] : undefined;
  return at ? unquote(at.text ?? '') : null;
}

function lastText(node: Node | undefined): string {
  let text = node?.text ?? '';
  for (const child of node?.children ?? []) text = lastText(child) || text;
  return text;
}

function unquote(text: string): string {
  return text.replace(/^%/, '').replace(/^['"`]|['"`]$/g, '');
}

function startOf(node: Node): { line: number; column: number } {
  let at: Node | undefined = node;
  while (at && !at.start) at = at.children?.[0];
  return at?.start ?? { line: 1, column: 1 };
}
