import type { GroupCompiler } from './compile-group.ts';
import type { ElementDefinition, ElementForm } from './elements.ts';
import { elementOf, isConcreteResource, isPrimitive } from './elements.ts';
import { fits, isValid } from './primitives.ts';
import { refuse, type Step } from './run.ts';
import type { ParameterSyntax, RuleSyntax, TargetSyntax, TransformSyntax } from './syntax.ts';
import { fill, give, type Owner, partOf, type Slot } from './target.ts';
import type { Built, Parameter } from './transform.ts';
import { copyOf } from './transform-values.ts';
import { REFUSED_TRANSFORMS, TRANSFORMS } from './transforms.ts';
import type { Environment, SourceVariable, TargetVariable } from './variables.ts';

/** Compiles one target of a rule; a variable it names is added to the environment. */
export function compileTarget(
  target: TargetSyntax,
  rule: RuleSyntax,
  environment: Environment,
  compiler: GroupCompiler,
): Step | null {
  const fault = (message: string) => compiler.fault(rule, target.line, message);
  const base = targetVariable(target, environment, fault);
  if (!base) return null;
  if (target.element === null || isPrimitive(base.type)) return compileWhole(target, rule, base, environment, compiler);
  const element = elementOf(base.type, target.element);
  if (!element) return fault(`R4 has no element "${target.element}" in ${base.type}`);
  if (!target.transform || target.transform.name === 'create') {
    const form = formToCreate(target, element, base, fault);
    return form && compilePart(target, rule, base, element, form, environment, compiler);
  }
  if (target.variable) return fault('only what is created can be named: leave out "as"');
  if (target.listMode) return fault(`"${target.listMode}" goes with what is created, not with values`);
  const built = build(target.transform, rule, environment, compiler);
  return built && giving(built, base, element, rule, target.line, compiler);
}

/** `src.a -> tgt.a`: a copy of a primitive or a datatype of values and codes, or the group for the two types. */
export function compileCopy(
  rule: RuleSyntax,
  item: SourceVariable,
  environment: Environment,
  compiler: GroupCompiler,
): Step | null {
  const target = rule.targets[0]!;
  const fault = (message: string) => compiler.fault(rule, target.line, message);
  const base = targetVariable(target, environment, fault);
  if (!base) return null;
  const element = elementOf(base.type, target.element!);
  if (!element) return fault(`R4 has no element "${target.element}" in ${base.type}`);
  for (const form of element.forms) {
    const group = compiler.groupForTypes(item.type, form.type, rule, target.line);
    if (!group) continue;
    const part: TargetVariable = { type: form.type, slot: environment.newSlot(), contained: false };
    const call = compiler.call(group, [item, part], rule, target.line);
    const at = compiler.place(rule, target.line);
    return (frame, run) => {
      frame[part.slot] = partOf(frame[base.slot] as Owner, element, form, null, run, at);
      call?.(frame, run);
    };
  }
  const built = copyOf(item, fault);
  return built && giving(built, base, element, rule, target.line, compiler);
}

type Fault = (message: string) => null;

function targetVariable(target: TargetSyntax, environment: Environment, fault: Fault): TargetVariable | null {
  const base = environment.targets.get(target.context);
  if (base) return base;
  const isSource = environment.sources.has(target.context);
  return fault(
    isSource ? `"${target.context}" is a source, not a target` : `there is no target variable "${target.context}"`,
  );
}

/** `tgt as name` gives a second name; `tgt = value` and `tgt.value = value` fill a primitive. */
function compileWhole(
  target: TargetSyntax,
  rule: RuleSyntax,
  base: TargetVariable,
  environment: Environment,
  compiler: GroupCompiler,
): Step | null {
  const fault = (message: string) => compiler.fault(rule, target.line, message);
  if (!target.transform) {
    if (target.element !== null) return fault('the value of a primitive needs "= …"');
    if (target.variable === null) return fault('the target does nothing');
    environment.targets.set(target.variable, base);
    return () => {};
  }
  if (!isPrimitive(base.type)) return fault('name an element of the target');
  if (target.element !== null && target.element !== 'value')
    return fault(`R4 has no element "${target.element}" in ${base.type}`);
  const built = build(target.transform, rule, environment, compiler);
  if (!built) return null;
  if (!isOf(built, base.type)) return fault(`${named(built)} cannot stand where a ${base.type} is expected`);
  const at = compiler.place(rule, target.line);
  return (frame, run) => {
    const made = built.make(frame, run);
    const values = built.many ? ((made as unknown[] | null) ?? []) : [made];
    if (values.length > 1) refuse(run, 'several-values', at);
    else if (values[0] !== undefined) fill(frame[base.slot] as Slot, values[0], run, at);
  };
}

/** The form of the element that is created: the one of `create('Type')`, else the only one there is. */
function formToCreate(
  { transform, variable }: TargetSyntax,
  element: ElementDefinition,
  base: TargetVariable,
  fault: Fault,
): ElementForm | null {
  if (variable === null) return fault('what is created needs a name ("as x") to be filled, or "= value"');
  const path = `${base.type}.${element.name}`;
  const [given, ...more] = transform?.parameters ?? [];
  if (!given) {
    const [only] = element.forms;
    if (element.forms.length === 1 && only!.type !== 'Resource') return only!;
    return fault(`${path} may have several types: write create('Type')`);
  }
  if (more.length > 0 || given.kind !== 'literal') return fault('create takes a type in quotes');
  const type = String(given.literal.value);
  const form = element.forms.find((each) => each.type === type);
  if (form) return form;
  const [only] = element.forms;
  if (only?.type === 'Resource' && isConcreteResource(type)) return { key: only.key, type };
  return fault(`${path} is never a ${type}`);
}

function compilePart(
  target: TargetSyntax,
  rule: RuleSyntax,
  base: TargetVariable,
  element: ElementDefinition,
  form: ElementForm,
  environment: Environment,
  compiler: GroupCompiler,
): Step {
  const part: TargetVariable = {
    type: form.type,
    slot: environment.newSlot(),
    contained: element.name === 'contained',
  };
  environment.targets.set(target.variable!, part);
  const at = compiler.place(rule, target.line);
  const reuse = target.share === null ? (target.listMode as 'collate' | null) : { share: target.share };
  return (frame, run) => {
    frame[part.slot] = partOf(frame[base.slot] as Owner, element, form, reuse, run, at);
  };
}

/** Gives an element what a transform yields. */
function giving(
  built: Built,
  base: TargetVariable,
  element: ElementDefinition,
  rule: RuleSyntax,
  line: number,
  compiler: GroupCompiler,
): Step | null {
  const form = formFor(built, element);
  if (!form) {
    const types = element.forms.map(({ type }) => type).join(', ');
    return compiler.fault(
      rule,
      line,
      `${named(built)} cannot stand in ${base.type}.${element.name} (${types}); use create or cast`,
    );
  }
  const at = compiler.place(rule, line);
  const { slot } = base;
  if (!built.many) {
    return (frame, run) => {
      const value = built.make(frame, run);
      if (value !== undefined) give(frame[slot] as Owner, element, form, value, run, at);
    };
  }
  return (frame, run) => {
    const values = ((built.make(frame, run) as unknown[] | null) ?? []).filter((value) => value !== undefined);
    if (values.length > 1 && !element.repeats) refuse(run, 'several-values', at);
    else for (const value of values) give(frame[slot] as Owner, element, form, value, run, at);
  };
}

function formFor(built: Built, element: ElementDefinition): ElementForm | undefined {
  const exact = element.forms.find((form) => form.type === built.type);
  if (exact && isOf(built, exact.type)) return exact;
  const fitting = element.forms.filter((form) => isOf(built, form.type));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function isOf(built: Built, type: string): boolean {
  return built.literal === undefined ? fits(built.type, type) : isValid(type, built.literal);
}

function named({ type, literal }: Built): string {
  return literal === undefined ? `a value of type ${type}` : `"${literal}"`;
}

function build(
  transform: TransformSyntax,
  rule: RuleSyntax,
  environment: Environment,
  compiler: GroupCompiler,
): Built | null {
  const { name, line } = transform;
  const fault = (message: string) => compiler.fault(rule, line, message);
  if (name === 'create') return fault('create makes parts of elements, not values');
  const known = Object.hasOwn(TRANSFORMS, name) ? TRANSFORMS[name] : undefined;
  if (!known) {
    const why = Object.hasOwn(REFUSED_TRANSFORMS, name) ? `: ${REFUSED_TRANSFORMS[name]}` : '';
    return fault(`the transform ${name} is not supported${why}`);
  }
  const parameters = transform.parameters.map((given) => parameter(given, environment));
  const unknown = parameters.find((given) => typeof given === 'string');
  if (unknown !== undefined) return fault(`there is no variable "${unknown}"`);
  if (parameters.length < known.least || parameters.length > known.most) {
    return fault(`${name} takes ${known.takes}, not ${parameters.length} parameters`);
  }
  return known.build({
    parameters: parameters as Parameter[],
    language: compiler.language,
    at: compiler.place(rule, line),
    fault,
    expression: (syntax, focus) => compiler.expression(syntax, environment, focus, 'value', rule),
  });
}

/** A parameter with its variable found (a source before a target); the name when there is none. */
function parameter(given: ParameterSyntax, environment: Environment): Parameter | string {
  if (given.kind === 'literal') return { kind: 'literal', value: given.literal.value, type: given.literal.type };
  if (given.kind === 'expression') return given;
  const source = environment.sources.get(given.name);
  if (source) return { kind: 'source', variable: source };
  const target = environment.targets.get(given.name);
  return target ? { kind: 'target', variable: target } : given.name;
}
