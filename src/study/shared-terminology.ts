import { compileTextRules, type TextRules } from '../terminology/text.ts';
import { compileValueSets, type ValueSetInput, type ValueSets } from '../terminology/value-set.ts';

/** Compiles the terminology of a study. */
export interface Terminology {
  valueSets(inputs: readonly ValueSetInput[]): ReturnType<typeof compileValueSets>;
  /** @param sets those of the study, in which every rule names one */
  textRules(input: ValueSetInput, sets: ValueSets | null): ReturnType<typeof compileTextRules>;
}

/** That of one study alone. */
export const OWN: Terminology = { valueSets: compileValueSets, textRules: compileTextRules };

/**
 * Terminology of studies that are loaded together: what has the same content is compiled once, and then shares what is
 * remembered of codes. It knows nothing of the studies that name it. What has faults is compiled anew, for their places.
 */
export class SharedTerminology implements Terminology {
  #valueSets = new Map<string, ValueSets>();
  #textRules = new Map<string, { sets: ValueSets | null; rules: TextRules }[]>();

  valueSets(inputs: readonly ValueSetInput[]): ReturnType<typeof compileValueSets> {
    const content = JSON.stringify(inputs.map((input) => input.content));
    const known = this.#valueSets.get(content);
    if (known) return { ok: true, value: known };
    const compiled = compileValueSets(inputs);
    if (compiled.ok) this.#valueSets.set(content, compiled.value);
    return compiled;
  }

  textRules(input: ValueSetInput, sets: ValueSets | null): ReturnType<typeof compileTextRules> {
    const content = JSON.stringify(input.content);
    const known = this.#textRules.get(content) ?? [];
    this.#textRules.set(content, known);
    const same = known.find((one) => one.sets === sets);
    if (same) return { ok: true, value: same.rules };
    const compiled = compileTextRules(input, sets);
    if (compiled.ok) known.push({ sets, rules: compiled.value });
    return compiled;
  }
}
