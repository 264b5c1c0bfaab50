import type { Identifier, IdentifierKind } from './identifiers-of.ts';
import { foldText } from './scan-view.ts';

/** One text to look for, folded. */
export interface Pattern {
  kind: IdentifierKind;
  text: string;
  /** It must stand alone: letters or digits beside it make it something else. */
  alone: boolean;
  /** So short that bytes of something else may read like it in UTF-16: there it counts only amid such text. */
  faint: boolean;
}

/** Shorter ones are everywhere: four characters of ASCII, two of anything else. */
const SHORTEST = { ascii: 4, other: 2 };
/** From this length on a run of letters and digits is no accident, whatever stands beside it. */
const UNMISTAKABLE = 8;
/** A name in Latin letters may be the beginning of another. */
const LATIN = /^[\p{Script=Latin}\p{M}\s.'-]+$/u;

/** The patterns of all identifiers, each once, and how many identifiers are too short to be looked for. */
export function patternsOf(identifiers: Iterable<Identifier>): { patterns: Pattern[]; tooShort: number } {
  const patterns = new Map<string, Pattern>();
  const short = new Set<string>();
  for (const { kind, value } of identifiers) {
    for (const form of formsOf(kind, value)) {
      const text = foldText(form).trim();
      const ascii = /^[\x20-\x7e]*$/.test(text);
      if (text.length < (ascii ? SHORTEST.ascii : SHORTEST.other)) short.add(text);
      else if (!patterns.has(text)) {
        const word = /^[a-z0-9]+$/.test(text) && (text.length < UNMISTAKABLE || kind === 'birth-date');
        const alone = word || (kind === 'name' && LATIN.test(text));
        patterns.set(text, { kind, text, alone, faint: !ascii && text.length <= 2 });
      }
    }
  }
  return { patterns: [...patterns.values()], tooShort: short.size };
}

/** An identifier as it is, and as people and systems write it otherwise. */
function formsOf(kind: IdentifierKind, value: string): string[] {
  if (kind === 'birth-date') {
    const [year, month, day] = value.split('-') as [string, string, string];
    const [m, d] = [Number(month), Number(day)];
    const joined = ['-', '/', '.', ''].map((by) => [year, month, day].join(by));
    return [...joined, `${year}年${month}月${day}日`, `${year}年${m}月${d}日`, `${year}/${m}/${d}`];
  }
  if (kind !== 'contact' || /[^\d\s()+-]/.test(value)) return [value];
  const digits = value.replaceAll(/\D/g, '');
  const number = digits.length > 11 ? digits.replace(/^(00)?86/, '') : digits;
  const groups = /^(\d{3})(\d{4})(\d{4})$/.exec(number)?.slice(1) ?? [];
  const grouped = groups.length > 0 ? [groups.join(' '), groups.join('-')] : [];
  return [value, digits, number, ...grouped];
}
