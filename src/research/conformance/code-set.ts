import type { r4 } from '../../fhir/resource.ts';
import { CODE_FORM } from './definition.ts';

/** The codes of a ValueSet. */
export interface CodeSet {
  hasCoding(system: unknown, code: unknown): boolean;
  /** For elements that carry a code without its system. */
  hasCode(code: unknown): boolean;
}

/**
 * Reads a ValueSet of the profiles: concepts by name, or whole systems with the form of their codes in the extension
 * `code-form`. Whatever else a ValueSet can say is a mistake here, and so is a system without the form of its codes:
 * anything could stand in for a code.
 */
export function codeSetOf(valueSet: r4.ValueSet, report: (path: string, message: string) => void): CodeSet {
  const listed = new Map<string, Set<string>>();
  const forms = new Map<string, RegExp>();
  for (const [index, include] of (valueSet.compose?.include ?? []).entries()) {
    const at = `compose.include[${index}]`;
    const { system, concept, extension, ...others } = include;
    if (Object.keys(others).length > 0) report(at, 'Only system, concept and the extension code-form are read here.');
    if (!system) report(at, 'The system is missing.');
    else if (concept) {
      const codes = listed.get(system) ?? new Set();
      for (const { code } of concept) codes.add(code);
      listed.set(system, codes);
    } else {
      const form = extension?.find(({ url }) => url === CODE_FORM)?.valueString;
      if (form === undefined) report(at, `A whole system needs the extension ${CODE_FORM}.`);
      else
        forms.set(
          system,
          wholeText(form, (message) => report(at, message)),
        );
    }
  }
  if (listed.size + forms.size === 0) report('compose', 'The set has no codes.');
  const hasCoding = (system: unknown, code: unknown) =>
    typeof system === 'string' &&
    typeof code === 'string' &&
    (listed.get(system)?.has(code) === true || forms.get(system)?.test(code) === true);
  const systems = [...new Set([...listed.keys(), ...forms.keys()])];
  return { hasCoding, hasCode: (code) => systems.some((system) => hasCoding(system, code)) };
}

/** A regular expression over a whole text. One that is wrong matches nothing and is told. */
export function wholeText(form: string, report: (message: string) => void): RegExp {
  try {
    return new RegExp(`^(?:${form})$`, 'u');
  } catch {
    report('The regular expression cannot be read.');
    return /^\b\B$/;
  }
}
