import { normaliseText } from './normalise.ts';

/** What a result in words says. `below-limit`: something may be there, less than the assay can tell. */
export type QualitativeReading = 'positive' | 'negative' | 'indeterminate' | 'below-limit';

/** Something was looked for and is left open, or the report takes back what it says. */
const OPEN = [
  /弱\+|弱阳|弱反应|可疑|疑似|灰区|临界|不确定|不定|待(?:复|确|定|查|排)|不(?:能)?(?:排除|除外)|假阳|假阴/,
  /\b(?:indeterminate|inconclusive|equivocal|borderline|gr[ae]y[ -]?zone|trace|suspected|false)\b/,
  /\bweak(?:ly)?[ -](?:positive|reactive)\b/,
];
const NEGATIVE = [
  /阴性|(?:未|没有|没|无法|未能|不能)检(?:测)?(?:出|到)|(?:检测?|测)不(?:出|到)|(?:无|非|未见)反应性?/,
  /\bneg(?:ative)?\b|\bnon[ -]?reactive\b|\bundetect(?:ed|able)\b|\btnd\b/,
  /\b(?:not|none|no)\b[^.;]{0,30}\b(?:detect(?:ed|able)|reactive)\b/,
];
const POSITIVE = [/阳性|检测?(?:出|到)(?!限)|反应性/, /\bpos(?:itive)?\b|\breactive\b|\bdetect(?:ed|able)\b/];
const DENIED_POSITIVE = /(?:非|不是|不|无|未见|未)\s*阳性|\b(?:not|no|non)[ -]?pos(?:itive)?\b/;

/** A number below which nothing can be said, alone (`< 2.0E+01 IU/mL`) or beside a word. */
const LESS_THAN = /[<≤≦]=?\s*(?:\d|l?lo[dq]\b)/;
const BELOW_WORDS = [
  /(?:低于|小于|少于|<|≤)[^,。;]{0,8}(?:下限|检出限|检测限|定量限)/,
  /\b(?:below|under|less than)\b.{0,20}\b(?:limit|l?lo[dq])\b/,
];

/** Signs count only where nothing else can be meant: alone, in brackets, or pluses that end the text. */
const SIGN = String.raw`(?:\d?\+{1,4}|\+?-{1}|-\/\+|\+\/-|±)`;
const SIGN_ALONE = new RegExp(`^${SIGN}$`);
const SIGN_IN_BRACKETS = new RegExp(String.raw`[([]\s*(${SIGN})\s*[)\]]`, 'g');
const PLUSES_AT_END = /[^\d+\-/\s]\s*(\+{1,4})$/;

function signsIn(text: string): string[] {
  if (SIGN_ALONE.test(text)) return [text];
  const bracketed = [...text.matchAll(SIGN_IN_BRACKETS)].map((match) => match[1]!);
  const last = PLUSES_AT_END.exec(text)?.[1];
  return last === undefined ? bracketed : [...bracketed, last];
}

function meaningOfSign(sign: string): 'positive' | 'negative' | 'indeterminate' {
  if (sign.includes('±') || (sign.includes('+') && sign.includes('-'))) return 'indeterminate';
  return sign.includes('+') ? 'positive' : 'negative';
}

function without(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((rest, pattern) => rest.replace(new RegExp(pattern, 'g'), ' '), text);
}

/**
 * Reads a qualitative result out of free text, Chinese or English, of any width. What contradicts itself is
 * `indeterminate`; null says that the text holds no such result ("-" is negative, "—" and "not tested" are nothing).
 *
 * A limit beside a word: with "not detected" it only tells the assay's reach (`negative`); with "detected" or alone it
 * is `below-limit`, because less than the limit of quantification proves neither presence nor absence.
 */
export function readQualitative(text: string): QualitativeReading | null {
  const read = normaliseText(text).replace(/[−–]/g, '-').trim();
  if (read === '') return null;
  const signs = signsIn(read).map(meaningOfSign);
  const isIn = (patterns: readonly RegExp[], where: string) => patterns.some((pattern) => pattern.test(where));
  if (isIn(OPEN, read) || DENIED_POSITIVE.test(read) || signs.includes('indeterminate')) return 'indeterminate';

  const negative = isIn(NEGATIVE, read) || signs.includes('negative');
  const positive = isIn(POSITIVE, without(read, NEGATIVE)) || signs.includes('positive');
  if (negative && positive) return 'indeterminate';
  if (negative) return 'negative';
  if (LESS_THAN.test(read) || isIn(BELOW_WORDS, read)) return 'below-limit';
  return positive ? 'positive' : null;
}
