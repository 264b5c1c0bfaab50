import type { GroupCompiler } from './compile-group.ts';
import type { ElementForm } from './elements.ts';
import { elementOf, idsOf, isConcreteResource, isKindOf, isPrimitive } from './elements.ts';
import { type Filter, type Filters, type Iteration, inOrder, iterate } from './iterate.ts';
import { isValid } from './primitives.ts';
import { type RulePlace, refuse, type Step } from './run.ts';
import type { RuleSyntax, SourceSyntax } from './syntax.ts';
import type { Environment, SourceVariable } from './variables.ts';

/** Compiles the body of a rule for what its source yields. */
export type BodyOf = (environment: Environment, item: SourceVariable) => Step[];

interface Form extends ElementForm {
  /** Takes only contained resources of the type. */
  filtered: boolean;
}

/**
 * Compiles the source of a rule: what it iterates over, in the order of the specification – type, default, `where`,
 * `check`, list mode (R4 mapping language, "Source"). A choice element is compiled once for each type it may have.
 */
export function compileSource(
  rule: RuleSyntax,
  environment: Environment,
  compiler: GroupCompiler,
  bodyOf: BodyOf,
): Step | null {
  const { source } = rule;
  const fault = (message: string) => compiler.fault(rule, source.line, message);
  const base = environment.sources.get(source.context);
  if (!base) {
    const isTarget = environment.targets.has(source.context);
    return fault(
      isTarget ? `"${source.context}" is a target, not a source` : `there is no source variable "${source.context}"`,
    );
  }
  const at = compiler.place(rule, source.line);
  const slot = environment.newSlot();
  const steps: Step[] = [];

  const element = source.element === null ? null : elementOf(base.type, source.element);
  if (source.element !== null && !element) return fault(`R4 has no element "${source.element}" in ${base.type}`);

  /** One type of what the rule iterates over: null for the variable itself. */
  const add = (item: SourceVariable, form: Form | null, fallback: Iteration['fallback']) => {
    const inner = environment.inner();
    if (source.variable) inner.sources.set(source.variable, item);
    const filters = filtersOf(rule, inner, item, compiler, at);
    const body = bodyOf(inner, item);
    const { key, filtered } = form ?? { key: null, filtered: false };
    steps.push(iterate({ base: base.slot, slot, key, type: item.type, filtered, fallback, at }, filters, body));
  };

  if (!element || isPrimitive(base.type)) {
    if (source.type !== null && !isKindOf(base.type, source.type)) {
      return fault(`"${source.context}" is a ${base.type}, not a ${source.type}`);
    }
    if (source.default) return fault('a default needs an element that can be absent');
    add({ ...base, slot }, null, null);
    return inOrder(steps);
  }
  const forms = narrowed(element.forms, source.type);
  if (forms.length === 0) return fault(`${base.type}.${element.name} is never a ${source.type}`);
  const filled = fallbackForm(source, forms);
  if (source.default && !filled) return fault(`the default is no value of ${base.type}.${element.name}`);
  const before = compiler.faultCount();
  for (const form of forms) {
    const place = base.place?.child(form.key, form.type) ?? null;
    const item = { type: form.type, place, ids: idsOf(base.type, element.name), slot, below: true };
    const unless = element.forms.map(({ key }) => key);
    add(item, form, form === filled ? { value: source.default!.value, unless } : null);
    const path = `${source.context}.${element.name}`;
    const hint = `${path} may be a ${form.type}: narrow it to "${path} : Type"`;
    if (forms.length > 1 && compiler.keepOneFault(before, hint)) break;
  }
  return inOrder(steps);
}

function narrowed(forms: readonly ElementForm[], type: string | null): Form[] {
  if (type === null) return forms.map((form) => ({ ...form, filtered: false }));
  return forms.flatMap((form): Form[] => {
    if (form.type === type) return [{ ...form, filtered: false }];
    return form.type === 'Resource' && isConcreteResource(type) ? [{ key: form.key, type, filtered: true }] : [];
  });
}

/** The form of the element that the default is a value of: its very type, else the only one it is valid for. */
function fallbackForm({ default: given }: SourceSyntax, forms: readonly Form[]): Form | undefined {
  if (!given) return undefined;
  const exact = forms.find((form) => form.type === given.type);
  const valid = forms.filter((form) => isValid(form.type, given.value));
  return exact ?? (valid.length === 1 ? valid[0] : undefined);
}

function filtersOf(
  rule: RuleSyntax,
  inner: Environment,
  item: SourceVariable,
  compiler: GroupCompiler,
  at: RulePlace,
): Filters {
  const condition = (syntax: SourceSyntax['where']): Filter | null => {
    if (!syntax) return null;
    const compiled = compiler.expression(syntax, inner, item, 'condition', rule);
    if (!compiled) return null;
    if (compiled.shapes.length === 0 || compiled.shapes.some((shape) => shape.type !== 'boolean')) {
      return compiler.fault(rule, syntax.line, `"${syntax.text}" must say true or false`);
    }
    return (value, frame, run) => {
      const found = compiled.evaluate(value, frame, run);
      if (found && found.length > 1) refuse(run, 'expression-failed', at);
      return found?.length === 1 && found[0] === true;
    };
  };
  return { where: condition(rule.source.where), check: condition(rule.source.check), listMode: rule.source.listMode };
}
