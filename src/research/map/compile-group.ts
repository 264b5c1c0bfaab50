import { compileSource } from './compile-source.ts';
import { compileCopy, compileTarget } from './compile-target.ts';
import { isKindOf } from './elements.ts';
import { type CompiledExpression, compileExpression } from './expression.ts';
import { inOrder } from './iterate.ts';
import type { MapFault, MapLanguage } from './language.ts';
import { Place } from './reads.ts';
import type { RulePlace, Step } from './run.ts';
import type { GroupScope, ScopedGroup } from './scope.ts';
import type { CallSyntax, ExpressionSyntax, RuleSyntax } from './syntax.ts';
import { Environment, type SourceVariable, type TargetVariable } from './variables.ts';

/** A group compiled for the types it is called with. */
export interface Instance {
  group: ScopedGroup;
  /** Runs with the inputs in the first slots of a new frame. */
  body: Step;
  /** The instances it calls; `consumes`: every source given is below an input, so that recursion comes to an end. */
  calls: { to: Instance; consumes: boolean; fault: MapFault }[];
}

/** What all groups of one loading share. */
export interface Shared {
  language: MapLanguage;
  scope: GroupScope;
  instances: Map<string, Instance>;
  /** Numbers places, so that a group is compiled anew where it reads another place. */
  places: Map<Place, number>;
  faults: MapFault[];
}

export type Argument = SourceVariable | TargetVariable;

/** The instance of a group for these arguments; the group is compiled when they are new. */
export function instanceOf(group: ScopedGroup, given: readonly Argument[], shared: Shared): Instance {
  const key = [group.map.url, group.syntax.name, ...given.map((argument) => keyOf(argument, shared))].join(' ');
  const known = shared.instances.get(key);
  if (known) return known;
  const instance: Instance = { group, body: () => {}, calls: [] };
  shared.instances.set(key, instance);
  const compiler = new GroupCompiler(group, instance, shared);
  instance.body = compiler.body(given);
  return instance;
}

function keyOf(argument: Argument, { places }: Shared): string {
  if ('contained' in argument) return `${argument.type}:${argument.contained}`;
  if (argument.place && !places.has(argument.place)) places.set(argument.place, places.size);
  return `${argument.type}:${argument.place && places.get(argument.place)}:${argument.ids ?? ''}`;
}

/** Compiles one group for one list of types. */
export class GroupCompiler {
  readonly language: MapLanguage;
  private readonly group: ScopedGroup;
  private readonly instance: Instance;
  private readonly shared: Shared;

  constructor(group: ScopedGroup, instance: Instance, shared: Shared) {
    this.language = shared.language;
    this.group = group;
    this.instance = instance;
    this.shared = shared;
  }

  body(given: readonly Argument[]): Step {
    const environment = new Environment();
    const { syntax } = this.group;
    for (const [index, input] of syntax.inputs.entries()) {
      const argument = given[index]!;
      const slot = environment.newSlot();
      if ('contained' in argument) environment.targets.set(input.name, { ...argument, slot });
      else environment.sources.set(input.name, { ...argument, slot, below: false });
    }
    const steps: Step[] = [];
    if (syntax.extends !== null) steps.push(this.base(syntax.extends, environment));
    return inOrder([...steps, ...this.rules(syntax.rules, environment)]);
  }

  /** The rules of the group that is extended come first, on the same inputs. */
  private base(name: string, environment: Environment): Step {
    const { syntax } = this.group;
    const found = this.find(name, null, syntax.line);
    const variables = syntax.inputs.map(({ name }) => environment.sources.get(name) ?? environment.targets.get(name)!);
    return (found && this.call(found, variables, null, syntax.line)) ?? (() => {});
  }

  private rules(rules: readonly RuleSyntax[], environment: Environment): Step[] {
    return rules.flatMap((rule) => {
      const bodyOf = (inner: Environment, item: SourceVariable) => this.ruleBody(rule, inner, item);
      return present(compileSource(rule, environment, this, bodyOf));
    });
  }

  private ruleBody(rule: RuleSyntax, inner: Environment, item: SourceVariable): Step[] {
    if (isSimpleCopy(rule)) return present(compileCopy(rule, item, inner, this));
    const steps: Step[] = [];
    for (const target of rule.targets) {
      const step = compileTarget(target, rule, inner, this);
      // What follows would only miss the variable: one fault is enough.
      if (!step) return [];
      steps.push(step);
    }
    const calls = rule.calls.flatMap((call) => present(this.namedCall(call, rule, inner)));
    return [...steps, ...calls, ...this.rules(rule.rules, inner)];
  }

  private namedCall(call: CallSyntax, rule: RuleSyntax, environment: Environment): Step | null {
    const found = this.find(call.group, rule, call.line);
    if (!found) return null;
    const { inputs } = found.syntax;
    if (inputs.length !== call.variables.length) {
      return this.fault(
        rule,
        call.line,
        `the group ${call.group} takes ${inputs.length} variables, not ${call.variables.length}`,
      );
    }
    const given: Argument[] = [];
    for (const [index, name] of call.variables.entries()) {
      const { mode } = inputs[index]!;
      const variable = (mode === 'source' ? environment.sources : environment.targets).get(name);
      if (!variable) return this.fault(rule, call.line, `there is no ${mode} variable "${name}"`);
      given.push(variable);
    }
    return this.call(found, given, rule, call.line);
  }

  /** A call of a group with variables whose modes are right; their types are checked here. */
  call(group: ScopedGroup, given: readonly Argument[], rule: RuleSyntax | null, line: number): Step | null {
    const { syntax } = group;
    for (const [index, input] of syntax.inputs.entries()) {
      const argument = given[index];
      if (!argument || 'contained' in argument !== (input.mode === 'target')) {
        return this.fault(rule, line, `the group ${syntax.name} takes other inputs`);
      }
      const type = input.type === null ? null : this.shared.scope.typeOf(group.map, input.type);
      if (type && !isKindOf(argument.type, type)) {
        return this.fault(
          rule,
          line,
          `the group ${syntax.name} takes a ${type} as "${input.name}", not a ${argument.type}`,
        );
      }
    }
    const to = instanceOf(group, given, this.shared);
    const sources = given.filter((argument) => 'place' in argument);
    const consumes = sources.length > 0 && sources.every(({ below }) => below);
    const message = `the group ${syntax.name} calls itself without going deeper into the source`;
    this.instance.calls.push({ to, consumes, fault: { ...this.place(rule, line), message } });
    const slots = given.map((argument) => argument.slot);
    return (frame, run) =>
      to.body(
        slots.map((slot) => frame[slot]),
        run,
      );
  }

  groupForTypes(source: string, target: string, rule: RuleSyntax, line: number): ScopedGroup | null {
    const found = this.shared.scope.forTypes(this.group.map, source, target);
    if (found.length > 1) return this.fault(rule, line, `several groups are for the types ${source} and ${target}`);
    return found[0] ?? null;
  }

  private find(name: string, rule: RuleSyntax | null, line: number): ScopedGroup | null {
    const found = this.shared.scope.named(this.group.map, name);
    if (found.length === 0) return this.fault(rule, line, `there is no group "${name}" here or in what is imported`);
    return found.length > 1 ? this.fault(rule, line, `several imported maps have a group "${name}"`) : found[0]!;
  }

  expression(
    syntax: ExpressionSyntax,
    environment: Environment,
    focus: SourceVariable | null,
    use: 'condition' | 'value',
    rule: RuleSyntax,
  ): CompiledExpression | null {
    const { sources, targets } = environment;
    const scope = { focus, sources, targets, language: this.language, use };
    const at = this.place(rule, syntax.line);
    return compileExpression(syntax, scope, at, (line, message) => this.fault(rule, line, message));
  }

  place(rule: RuleSyntax | null, line: number): RulePlace {
    const { map, syntax } = this.group;
    const name = rule && (rule.name ?? [rule.source.context, rule.source.element].filter(Boolean).join('.'));
    return { file: map.file, line, path: name ? `${syntax.name} > ${name}` : syntax.name };
  }

  fault(rule: RuleSyntax | null, line: number, message: string): null {
    this.shared.faults.push({ ...this.place(rule, line), message });
    return null;
  }

  faultCount(): number {
    return this.shared.faults.length;
  }

  /** Of the faults since `before` keeps the first, with a hint added. Whether there was one. */
  keepOneFault(before: number, hint: string): boolean {
    const { faults } = this.shared;
    if (faults.length === before) return false;
    faults.splice(before + 1);
    faults[before]!.message += ` (${hint})`;
    return true;
  }
}

/** The place of a resource type as the source of a map. */
export function sourceOf(type: string): SourceVariable {
  return { type, place: new Place(type), ids: null, slot: 0, below: false };
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}

/** `src.a -> tgt.b` and nothing else. */
function isSimpleCopy({ source, targets, calls, rules }: RuleSyntax): boolean {
  const [target] = targets;
  if (!target || targets.length > 1 || calls.length > 0 || rules.length > 0) return false;
  const isPlain = target.transform === null && target.variable === null && target.listMode === null;
  return isPlain && target.element !== null && source.element !== null && source.variable === null;
}
