/** An ICD-10 code taken apart. */
export interface Icd10Code {
  /** Dotted form: `K76.0`, `K76.000`, `K76.0x001`, `B24.x01`. */
  code: string;
  /** The part every edition shares: category and fourth character (`K76.0`), or the category alone (`B24`). */
  root: string;
  /**
   * What follows the root: nothing; a suffix in the form of the Chinese lists (`K76.000`, `K76.0x001`: three characters
   * or an `x` extension after the dot); or another one (`D18.03`).
   */
  suffix: 'none' | 'chinese' | 'other';
}

const CHINESE_OR_WHO = /^([A-Z]\d\d)\.?([0-9X][0-9X]{0,2}(?:X\d{1,4})?)?$/;
const CLINICAL_MODIFICATION = /^([A-Z]\d[0-9AB])\.?([0-9A-Z]{1,4})?$/;
const PROCEDURE_DOTTED = /^(\d{2})\.(\d(?:\d(?:\d{2})?)?(?:x\d{2,3})?)$/;
const PROCEDURE_UNDOTTED = /^(\d{2})(\d(?:\d(?:\d{2})?)?(?:x\d{2,3})?)?$/;

/** Without dagger and asterisk marks, and without a dot that ends the code; a multiplication sign is a mistyped `x`. */
function bare(code: string): string {
  const marked = code.replace(/×/g, 'x').replace(/[*†]/g, '');
  return marked
    .replace(/\s*\.\s*/, '.')
    .replace(/\.$/, '')
    .trim();
}

/**
 * Reads one code of WHO ICD-10 or of a Chinese list, dotted or not, in any case.
 * @returns null for what is not in the form of one: a morphology code (`M91200/0`), a range, two codes in one field.
 */
export function readIcd10(code: string): Icd10Code | null {
  const match = CHINESE_OR_WHO.exec(bare(code).toUpperCase());
  if (match === null) return null;
  const category = match[1]!;
  const rest = (match[2] ?? '').toLowerCase();
  // `x` fills the place of a fourth character the category does not have.
  const root = rest === '' || rest.startsWith('x') ? category : `${category}.${rest[0]}`;
  const dotted = rest === '' ? category : `${category}.${rest}`;
  return { code: dotted, root, suffix: dotted === root ? 'none' : rest.length >= 3 ? 'chinese' : 'other' };
}

/** Dotted form of one ICD-10-CM code, upper case throughout (its `X` is a placeholder, `T45.1X5A`); null if it is none. */
export function readIcd10Cm(code: string): string | null {
  const match = CLINICAL_MODIFICATION.exec(bare(code).toUpperCase());
  if (match === null) return null;
  return match[2] === undefined ? match[1]! : `${match[1]}.${match[2]}`;
}

/**
 * Dotted form of one ICD-9-CM volume 3 code: `5022` → `50.22`, `502200x003` → `50.2200x003`; null if it is none.
 * An undotted code of three or four digits is read as a procedure although volume 1 (diseases) knows the same digits;
 * five digits can only be a disease and are refused.
 */
export function readIcd9Procedure(code: string): string | null {
  const text = bare(code).toLowerCase();
  const match = PROCEDURE_DOTTED.exec(text) ?? PROCEDURE_UNDOTTED.exec(text);
  if (match === null) return null;
  return match[2] === undefined ? match[1]! : `${match[1]}.${match[2]}`;
}
