import type { ReportFault } from './definition-fault.ts';
import { normaliseText } from './normalise.ts';
import { listAt, objectAt, type ParsedObject, stringAt } from './parsed.ts';
import type { NegationWords } from './text-clause.ts';

/** One rule: which words suggest a concept. */
export interface TextRule {
  concept: string;
  any: readonly RegExp[];
  unless: readonly RegExp[];
  /** Normalised; a text without any of them cannot match. */
  tokens: readonly string[];
}

/** The text rules of a study, read and compiled. */
export interface TextRulesFile {
  clauseBreaks: RegExp;
  negation: NegationWords;
  notAboutThePatient: RegExp;
  /** Words at the beginning of a clause that turn back to the patient (本人); null when none are given. */
  aboutThePatient: RegExp | null;
  rules: readonly TextRule[];
}

/** Used where the file says nothing else. */
const PREFIXES = ['非'];
const RESUMING = ['有', '伴', '见'];

/** The number of a list item (`2.`, `2、`, `(2)`) begins a clause whatever the file says; `1.5` and `1、2型` are none. */
const ITEM_NUMBER = String.raw`(?<![\d.a-z])\d{1,2}[.、](?!\d)|\(\d{1,2}\)`;

const FILE_KEYS = new Set(['clauseBreaks', 'negation', 'notAboutThePatient', 'aboutThePatient', 'rules']);
const NEGATION_KEYS = new Set(['before', 'after', 'protect', 'prefixes', 'resume']);
const RULE_KEYS = new Set(['concept', 'any', 'unless', 'tokens']);
/** Keys that only explain, allowed everywhere. */
const REMARKS = new Set(['id', 'title', 'description', 'note', 'extension']);

function refuseOthers(read: ParsedObject, allowed: ReadonlySet<string>, at: string, report: ReportFault): void {
  for (const key of Object.keys(read)) {
    if (!allowed.has(key) && !REMARKS.has(key)) report(`${at}${key}`, 'The text rules know no such element.');
  }
}

function readPattern(value: unknown, path: string, report: ReportFault): RegExp | null {
  const source = typeof value === 'string' && value !== '' ? value : stringAt(value, path, report);
  if (source === null) return null;
  try {
    const pattern = new RegExp(source, 'gu');
    if (!new RegExp(source, 'u').test('')) return pattern;
    report(path, 'This expression also matches nothing at all.');
  } catch {
    report(path, 'This is not a regular expression (JavaScript, unicode mode).');
  }
  return null;
}

/** A rule's pattern must be able to meet the normalised text: lower case, simplified, of ordinary width. */
function readRulePattern(value: unknown, path: string, report: ReportFault): RegExp | null {
  const pattern = readPattern(value, path, report);
  if (pattern === null) return null;
  const letters = pattern.source.replace(/\\[pPu]\{[^}]*\}|\\./g, '');
  if (letters === normaliseText(letters)) return pattern;
  report(path, 'Text is matched in lower case, simplified Chinese and ordinary width: write the expression so.');
  return null;
}

function readWords(value: unknown, path: string, report: ReportFault): string[] {
  const words = listAt(value, path, report).map((word, index) => stringAt(word, `${path}[${index}]`, report));
  return [...new Set(words.filter((word) => word !== null).map(normaliseText))];
}

/** Longest first; a word that begins or ends with a Latin letter or digit must not stand inside a longer one. */
function anyOf(words: readonly string[], flags: string, anchor = ''): RegExp {
  if (words.length === 0) return /(?!)/g;
  const sources = [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => {
      const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      return `${/^[a-z0-9]/.test(word) ? '(?<![a-z0-9])' : ''}${literal}${/[a-z0-9]$/.test(word) ? '(?![a-z0-9])' : ''}`;
    });
  return new RegExp(`${anchor}(?:${sources.join('|')})`, flags);
}

function readNegation(value: unknown, report: ReportFault): NegationWords {
  const negation = objectAt(value, 'negation', report) ?? {};
  refuseOthers(negation, NEGATION_KEYS, 'negation.', report);
  const words = (key: string) => readWords(negation[key], `negation.${key}`, report);
  const before = words('before');
  if (before.length === 0) report('negation.before', 'Name the words that negate what follows them.');
  return {
    before: anyOf(before, 'gu'),
    after: anyOf(words('after'), 'gu'),
    protect: anyOf(words('protect'), 'gu'),
    prefixes: new Set(negation.prefixes === undefined ? PREFIXES : words('prefixes')),
    resume: anyOf(negation.resume === undefined ? RESUMING : words('resume'), 'u', '^'),
  };
}

function readRule(value: unknown, at: string, known: KnownConcepts | null, report: ReportFault): TextRule | null {
  const rule = objectAt(value, at, report);
  if (rule === null) return null;
  refuseOthers(rule, RULE_KEYS, `${at}.`, report);
  const concept = stringAt(rule.concept, `${at}.concept`, report);
  if (concept !== null && known?.has(concept) === false)
    report(`${at}.concept`, 'The study has no ValueSet of this id.');
  const patterns = (key: 'any' | 'unless') =>
    listAt(rule[key], `${at}.${key}`, report).map((one, n) => readRulePattern(one, `${at}.${key}[${n}]`, report));
  const any = patterns('any');
  const unless = patterns('unless');
  const tokens = readWords(rule.tokens, `${at}.tokens`, report);
  if (any.length === 0) report(`${at}.any`, 'Give at least one expression.');
  if (tokens.length === 0) report(`${at}.tokens`, 'Give strings of which every match contains at least one.');
  if (concept === null) return null;
  const whole = (list: (RegExp | null)[]) => list.filter((pattern) => pattern !== null);
  return { concept, any: whole(any), unless: whole(unless), tokens };
}

/** The ids a rule may suggest. */
export interface KnownConcepts {
  has(id: string): boolean;
}

/** Reads the text rules of a study; null when they cannot be used, with the reasons reported. */
export function readTextRulesFile(
  value: unknown,
  known: KnownConcepts | null,
  report: ReportFault,
): TextRulesFile | null {
  const file = objectAt(value, '', report);
  if (file === null) return null;
  refuseOthers(file, FILE_KEYS, '', report);
  const clauseBreaks = readPattern(file.clauseBreaks, 'clauseBreaks', report);
  const negation = readNegation(file.negation, report);
  const others = readWords(file.notAboutThePatient, 'notAboutThePatient', report);
  const back = file.aboutThePatient === undefined ? [] : readWords(file.aboutThePatient, 'aboutThePatient', report);
  const listed = listAt(file.rules, 'rules', report);
  if (listed.length === 0) report('rules', 'Give at least one rule.');
  const rules = listed.map((rule, index) => readRule(rule, `rules[${index}]`, known, report));
  if (clauseBreaks === null) return null;
  return {
    clauseBreaks: new RegExp(`${ITEM_NUMBER}|${clauseBreaks.source}`, 'gu'),
    negation,
    notAboutThePatient: anyOf(others, 'u'),
    aboutThePatient: back.length === 0 ? null : anyOf(back, 'u', '^\\s*'),
    rules: rules.filter((rule) => rule !== null),
  };
}
