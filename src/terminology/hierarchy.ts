import { readIcd9Procedure, readIcd10, readIcd10Cm } from './icd.ts';
import { ATC, ICD_9_CM, ICD_10, ICD_10_CM, ICD_10_CN } from './systems.ts';

const ATC_LEVELS = /^[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?$/;

/** Systems in which the beginning of a code names its ancestors, with the function that gives a code its one form. */
const BY_PREFIX: ReadonlyMap<string, (code: string) => string | null> = new Map([
  [ICD_10, (code: string) => readIcd10(code)?.code ?? null],
  [ICD_10_CN, (code: string) => readIcd10(code)?.code ?? null],
  [ICD_10_CM, readIcd10Cm],
  [ICD_9_CM, readIcd9Procedure],
  [ATC, (code: string) => (ATC_LEVELS.test(code.toUpperCase()) ? code.toUpperCase() : null)],
]);

/** Whether `is-a` can be decided in the system by the code alone: the ICD family and ATC. */
export function hasPrefixHierarchy(system: string): boolean {
  return BY_PREFIX.has(system);
}

/** The one form of a code of the ICD family or ATC; null for what is not a code of it, or for another system. */
export function hierarchyCode(system: string, code: string): string | null {
  return BY_PREFIX.get(system)?.(code) ?? null;
}

/**
 * Whether `code` is `ancestor` or stands below it. Both in their one form (see {@link hierarchyCode}); a code that is
 * not in it is below nothing, so that a field with two codes or a remark in it never counts.
 */
export function isBelow(system: string, code: string, ancestor: string): boolean {
  return code.startsWith(ancestor) && hierarchyCode(system, code) === code;
}
