import type { Reader } from './reader.ts';
import type {
  CallSyntax,
  LiteralSyntax,
  ParameterSyntax,
  RuleSyntax,
  SourceListMode,
  SourceSyntax,
  TargetSyntax,
  TransformSyntax,
} from './syntax.ts';
import { SOURCE_LIST_MODES } from './syntax.ts';

/** Reads `{ rule; rule; }`. */
export function parseRules(reader: Reader): RuleSyntax[] {
  const rules: RuleSyntax[] = [];
  reader.expect('{');
  while (!reader.takes('}')) rules.push(readRule(reader));
  return rules;
}

function readRule(reader: Reader): RuleSyntax {
  const { line } = reader.peek();
  const source = readSource(reader);
  if (reader.sees(',')) reader.fail('a rule has one source: nest a second one in "then { … }"');
  const targets: TargetSyntax[] = [];
  if (reader.takes('->')) {
    do targets.push(readTarget(reader));
    while (reader.takes(','));
  }
  const calls: CallSyntax[] = [];
  let rules: RuleSyntax[] = [];
  if (reader.takes('then')) {
    if (!reader.sees('{')) {
      do calls.push(readCall(reader));
      while (reader.takes(','));
    }
    if (reader.sees('{')) rules = parseRules(reader);
  }
  const name = reader.sees(';') ? null : reader.string('the name of the rule, or ";",');
  reader.expect(';');
  return { name, line, source, targets, calls, rules };
}

/** `context` or `context.element`; deeper paths are refused, not cut. */
function readPath(reader: Reader): { context: string; element: string | null } {
  const context = reader.name('a variable');
  const element = reader.takes('.') ? reader.name('an element') : null;
  if (reader.sees('.')) reader.fail('a rule goes one element deep: nest the next one in "then { … }"');
  return { context, element };
}

function readSource(reader: Reader): SourceSyntax {
  const { line } = reader.peek();
  const { context, element } = readPath(reader);
  const type = reader.takes(':') ? reader.name('a type') : null;
  if (reader.peek().kind === 'number') reader.fail('cardinalities are not supported: use only_one or check');
  let fallback: LiteralSyntax | null = null;
  if (reader.takes('default')) {
    const inParentheses = reader.takes('(');
    fallback = readLiteral(reader);
    if (inParentheses) reader.expect(')');
  }
  const listMode = SOURCE_LIST_MODES.find((mode) => reader.takes(mode)) ?? (null as SourceListMode | null);
  const variable = reader.takes('as') ? reader.name('a variable') : null;
  const source: SourceSyntax = {
    ...{ line, context, element, type, default: fallback, listMode, variable },
    where: null,
    check: null,
  };
  for (;;) {
    if (!source.where && reader.takes('where')) source.where = reader.expression(true);
    else if (!source.check && reader.takes('check')) source.check = reader.expression(true);
    // What a map logs would be the source's values: it is read and left alone.
    else if (reader.takes('log')) readLog(reader);
    else return source;
  }
}

function readLog(reader: Reader): void {
  if (reader.peek().kind === 'double') reader.next();
  else reader.expression(true);
}

function readTarget(reader: Reader): TargetSyntax {
  const { line } = reader.peek();
  const { context, element } = readPath(reader);
  if (reader.sees(':')) reader.fail("targets are typed by create('Type')");
  const transform = reader.takes('=') ? readTransform(reader) : null;
  const variable = reader.takes('as') ? reader.name('a variable') : null;
  const target: TargetSyntax = { line, context, element, transform, variable, listMode: null, share: null };
  if (reader.takes('share')) {
    target.listMode = 'share';
    target.share = reader.name('what is shared');
  } else if (reader.takes('collate')) {
    target.listMode = 'collate';
  } else if (['first', 'last', 'single'].some((mode) => reader.sees(mode))) {
    reader.fail('of the list modes of targets only "share name" and "collate" are supported');
  }
  return target;
}

function readTransform(reader: Reader): TransformSyntax {
  const { line, kind } = reader.peek();
  if (reader.sees('(')) {
    const parameters: ParameterSyntax[] = [{ kind: 'expression', expression: reader.expression(false) }];
    return { name: 'evaluate', line, parameters };
  }
  if (kind !== 'name' && kind !== 'quotedName') {
    return { name: 'copy', line, parameters: [{ kind: 'literal', literal: readLiteral(reader) }] };
  }
  if (reader.sees('true') || reader.sees('false') || reader.peek(1).text !== '(') {
    const parameters = [readParameter(reader)];
    if (reader.sees('.')) reader.fail('write a FHIRPath expression in parentheses');
    return { name: 'copy', line, parameters };
  }
  const name = reader.name('a transform');
  reader.expect('(');
  const parameters: ParameterSyntax[] = [];
  while (!reader.sees(')')) {
    if (name === 'evaluate' && parameters.length === 1) {
      parameters.push({ kind: 'expression', expression: reader.upTo((token) => token.text === ')') });
    } else parameters.push(readParameter(reader));
    if (!reader.takes(',') && !reader.sees(')')) reader.fail('"," or ")" is expected here');
  }
  reader.expect(')');
  return { name, line, parameters };
}

function readParameter(reader: Reader): ParameterSyntax {
  const { line, kind } = reader.peek();
  const isWord = kind === 'quotedName' || (kind === 'name' && !reader.sees('true') && !reader.sees('false'));
  if (!isWord) return { kind: 'literal', literal: readLiteral(reader) };
  const token = reader.next();
  return { kind: 'name', name: kind === 'name' ? token.text.replace(/^%/, '') : token.text, line };
}

function readLiteral(reader: Reader): LiteralSyntax {
  const negative = reader.takes('-');
  const { kind, text, line } = reader.peek();
  if (kind === 'number') {
    reader.next();
    const value = negative ? -Number(text) : Number(text);
    return { value, type: text.includes('.') ? 'decimal' : 'integer', line };
  }
  if (negative) reader.fail('a number is expected here');
  if (kind === 'single' || kind === 'double') return { value: reader.next().text, type: 'string', line };
  if (reader.takes('true')) return { value: true, type: 'boolean', line };
  if (reader.takes('false')) return { value: false, type: 'boolean', line };
  return reader.fail('a value in quotes, a number, true or false is expected here');
}

function readCall(reader: Reader): CallSyntax {
  const { line } = reader.peek();
  const group = reader.name('a group');
  const variables: string[] = [];
  reader.expect('(');
  do variables.push(reader.name('a variable'));
  while (reader.takes(','));
  reader.expect(')');
  return { group, line, variables };
}
