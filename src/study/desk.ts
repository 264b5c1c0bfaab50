import type { Names } from '../fhir/fhirpath/check.ts';
import { type CompiledExpression, compileExpression, type FunctionBody } from '../fhir/fhirpath/compile.ts';
import type { Language } from '../fhir/fhirpath/language.ts';
import type { StudyFault } from './fault.ts';
import { pathText } from './path.ts';
import type { SourceFile } from './source.ts';

type Path = readonly (string | number)[];

/**
 * Where a study is compiled: knows the language as it grows by the study's own parameters and sets,
 * and collects every fault with its file, line and path.
 */
export class Desk {
  readonly faults: StudyFault[] = [];
  readonly usedValueSets = new Set<string>();
  readonly usedConcepts = new Set<string>();
  private readonly variables: Record<string, readonly string[]>;
  private readonly language: Language;
  private readonly names: Names;
  private readonly bodies: Readonly<Record<string, FunctionBody>>;

  constructor(language: Language, names: Names, bodies: Readonly<Record<string, FunctionBody>>) {
    this.variables = { ...language.variables };
    this.language = { variables: this.variables, functions: language.functions };
    this.names = names;
    this.bodies = bodies;
  }

  fault(source: SourceFile, path: Path, message: string): void {
    this.faults.push({ file: source.file, line: source.lineOf(path), path: pathText(path), message });
  }

  /** Notes that a ValueSet is used; one that is not there is a fault. */
  valueSet(source: SourceFile, path: Path, id: string): void {
    if (this.requireValueSet(source, path, id)) this.usedValueSets.add(id);
  }

  /** A ValueSet that is not there is a fault. */
  requireValueSet(source: SourceFile, path: Path, id: string): boolean {
    const there = this.names.valueSets.has(id);
    if (!there) this.fault(source, path, `there is no ValueSet "${id}"`);
    return there;
  }

  /** Makes a parameter or a named set usable in the expressions that follow. */
  declare(source: SourceFile, path: Path, name: string, types: readonly string[]): void {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) this.fault(source, path, `"${name}" is no name for a variable`);
    else if (this.variables[name]) this.fault(source, path, `the variable %${name} exists already`);
    else this.variables[name] = types;
  }

  /** Compiles one FHIRPath; null (and faults) when it is wrong. */
  expression(
    source: SourceFile,
    path: Path,
    text: unknown,
    language: unknown = 'text/fhirpath',
  ): CompiledExpression | null {
    if (typeof text !== 'string' || text.trim() === '') {
      this.fault(source, path, 'an expression is missing here');
      return null;
    }
    if (language !== 'text/fhirpath') {
      this.fault(source, path, `expressions must be text/fhirpath, not ${String(language)}`);
      return null;
    }
    const compiled = compileExpression(text, this.language, this.names, this.bodies);
    if ('faults' in compiled) {
      for (const fault of compiled.faults) {
        const at = fault.line > 1 ? `line ${fault.line}, column ${fault.column}` : `column ${fault.column}`;
        this.fault(source, path, `${fault.message} (${at} of the expression)`);
      }
      return null;
    }
    for (const match of text.matchAll(/\b(memberOf|suggests)\(\s*'([^']+)'/g)) {
      (match[1] === 'memberOf' ? this.usedValueSets : this.usedConcepts).add(match[2]!);
    }
    return compiled;
  }
}
