import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inUnit, readQuantity } from '../fhir/quantity.ts';
import type { r4 } from '../fhir/resource.ts';
import { normaliseText } from '../terminology/normalise.ts';
import { compileValueSets, type ValueSets } from '../terminology/value-set.ts';
import { extensionsNamed, valueNamed, valueX } from './extension.ts';
import type { StudyFault } from './fault.ts';
import type { Checked, OpenQuestion } from './model.ts';
import { pathSteps, pathText } from './path.ts';
import { parseSource, type SourceFile } from './source.ts';

/**
 * One of a study's R4 Parameters, read by the names of its parameters. A parameter that is missing, of the wrong kind or
 * asked for by nobody is a fault with its place; what is read instead of it must not be used.
 */
export class ParameterFile {
  readonly faults: StudyFault[] = [];
  readonly questions: OpenQuestion[] = [];
  private readonly source: SourceFile;
  private readonly parameters: readonly r4.ParametersParameter[];
  private readonly known = new Set<string>();
  private readonly sets = new Map<number, r4.ValueSet>();

  constructor(source: SourceFile, resource: r4.Parameters) {
    this.source = source;
    this.parameters = resource.parameter ?? [];
  }

  /** A number above zero. */
  positive(name: string): number {
    const [value, at] = this.one(name);
    if (typeof value === 'number' && value > 0) return value;
    return this.fault(at, `${name} must be a number above zero`, Number.NaN);
  }

  /** A quantity above zero, in a unit it converts to (UCUM). */
  quantity(name: string, unit: string): number {
    const [value, at] = this.one(name);
    const measured = value && typeof value === 'object' ? readQuantity(value as r4.Quantity) : null;
    const interval = measured && inUnit(measured, unit);
    if (interval && interval.low > 0 && interval.low === interval.high) return interval.low;
    return this.fault(at, `${name} must be a quantity above zero that converts to ${unit}`, Number.NaN);
  }

  text(name: string): string {
    const [value, at] = this.one(name);
    return typeof value === 'string' ? value : this.fault(at, `${name} must be a text`, '');
  }

  /** One of the words that are understood. */
  choice<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const [value, at] = this.one(name);
    const word = words.find((one) => one === value);
    return word ?? this.fault(at, `${name} must be ${words.join(' or ')}`, words[0]);
  }

  /** The form of a whole text, as a regular expression. */
  form(name: string): RegExp {
    const [value, at] = this.one(name);
    try {
      if (typeof value === 'string') return new RegExp(`^(?:${value})$`);
    } catch {
      // Said below, with its place.
    }
    return this.fault(at, `${name} must be a regular expression`, /(?!)/);
  }

  /** Codes and texts of a parameter that may repeat; at least one. */
  list(name: string): ReadonlySet<string> {
    const found = this.named(name);
    const values = found.map(([parameter, at]) => {
      const value = valueX(parameter as unknown as Record<string, unknown>);
      return typeof value === 'string' ? value : this.fault(at, `${name} must be a code or a text`, '');
    });
    if (found.length === 0) this.fault(null, `${name} is missing`, null);
    return new Set(values);
  }

  /** Texts in the form in which they are compared; each stands for a whole text, never for a part of one. */
  texts(name: string): ReadonlySet<string> {
    return new Set([...this.list(name)].map((text) => normaliseText(text).trim()));
  }

  /** A ValueSet written inside the parameter. @returns its id, under which `valueSets` has it */
  set(name: string): string {
    const found = this.named(name);
    const [parameter, at] = found[0] ?? [null, null];
    if (found.length > 1) this.fault(found[1]![1], `${name} is there twice`, null);
    const set = parameter?.resource as r4.ValueSet | undefined;
    if (parameter && at !== null && set?.resourceType === 'ValueSet' && set.id) {
      this.ask(parameter, set.title ?? set.id);
      this.sets.set(at, set);
      return set.id;
    }
    return this.fault(at, `${name} must hold a ValueSet with an id`, '');
  }

  /** The ValueSets that were asked for, compiled; to be called last, as it also reports parameters nobody asked for. */
  finish(): Checked<{ valueSets: ValueSets }> {
    this.parameters.forEach((parameter, index) => {
      if (!this.known.has(parameter.name)) this.fault(index, `"${parameter.name}" is no parameter of this file`, null);
    });
    const compiled = compileValueSets([...this.sets].map(([at, content]) => ({ source: String(at), content })));
    if (!compiled.ok) {
      for (const { source, path, message } of compiled.faults) {
        const at = ['parameter', Number(source), 'resource', ...pathSteps(path)];
        this.faults.push({
          file: this.source.file,
          line: this.source.lineOf(at),
          path: pathText(at),
          message,
        });
      }
    }
    if (this.faults.length > 0 || !compiled.ok) return { ok: false, faults: this.faults };
    return { ok: true, value: { valueSets: compiled.value } };
  }

  /** Reports a fault at a parameter (null: the file as a whole) and hands back what is to stand in for the value. */
  fault<T>(at: number | null, message: string, instead: T): T {
    const path = at === null ? ['parameter'] : ['parameter', at];
    this.faults.push({ file: this.source.file, line: this.source.lineOf(path), path: pathText(path), message });
    return instead;
  }

  private named(name: string): [r4.ParametersParameter, number][] {
    this.known.add(name);
    return this.parameters.flatMap((parameter, at): [r4.ParametersParameter, number][] =>
      parameter.name === name ? [[parameter, at]] : [],
    );
  }

  private one(name: string): [unknown, number | null] {
    const found = this.named(name);
    if (found.length > 1) this.fault(found[1]![1], `${name} is there twice`, null);
    const [parameter, at] = found[0] ?? [null, null];
    if (!parameter) return [undefined, null];
    const value = valueX(parameter as unknown as Record<string, unknown>);
    const quantity = value as r4.Quantity | undefined;
    this.ask(parameter, typeof value === 'object' ? `${quantity?.value} ${quantity?.code}` : (value as string));
    return [value, at];
  }

  /** An `open-question` waits for the principal investigator's yes. */
  private ask(parameter: r4.ParametersParameter, answer: OpenQuestion['answer']): void {
    const question = extensionsNamed(parameter, [], 'open-question')[0]?.extension;
    if (!question) return;
    const words = { zh: String(valueNamed(question, 'zh') ?? ''), en: String(valueNamed(question, 'en') ?? '') };
    this.questions.push({ parameter: parameter.name, answer, words });
  }
}

/** Finds the Parameters of an id in a study's folder, null when it has none; only files that name the id are parsed. */
export async function openParameters(root: string, id: string): Promise<Checked<ParameterFile | null>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile() && /\.(ya?ml|json)$/.test(one.name))) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    if (!text.includes(id)) continue;
    const parsed = parseSource(relative(root, path), text);
    const resource = parsed.file.value as { resourceType?: string; id?: string } | null;
    if (resource?.resourceType !== 'Parameters' || resource.id !== id) continue;
    if (parsed.faults.length > 0) return { ok: false, faults: parsed.faults };
    return { ok: true, value: new ParameterFile(parsed.file, parsed.file.value as r4.Parameters) };
  }
  return { ok: true, value: null };
}
