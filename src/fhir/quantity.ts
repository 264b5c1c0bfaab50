import fhirpath from 'fhirpath';
import type { r4 } from './resource.ts';

/** The numbers a measured value may be: `<20` is everything from 0 to 20, 20 left out. */
export interface Interval {
  low: number;
  high: number;
  lowOpen: boolean;
  highOpen: boolean;
}

/** A measured value with its unit as UCUM code; null when no unit was given. */
export interface Measured extends Interval {
  unit: string | null;
}

/** Spellings hospitals use for UCUM units. Keys are NFKC-normalised. */
const SPELLINGS: Record<string, string> = {
  'IU/mL': '[IU]/mL',
  'IU/ml': '[IU]/mL',
  '[iU]/mL': '[IU]/mL',
  'G/L': '10*9/L',
  '/ul': '/uL',
  'copies/mL': '{copies}/mL',
  'copies/ml': '{copies}/mL',
  秒: 's',
  sec: 's',
  KPa: 'kPa',
  kpa: 'kPa',
  KPA: 'kPa',
  'db/m': 'dB/m',
  'DB/m': 'dB/m',
  INR: '1',
  'S/CO': '1',
  COI: '1',
  秒钟: 's',
};

/** Reads a Quantity; null when it carries no number. */
export function readQuantity(quantity: r4.Quantity): Measured | null {
  if (typeof quantity.value !== 'number') return null;
  return { ...withComparator(quantity.value, quantity.comparator), unit: unitOf(quantity.code ?? quantity.unit) };
}

/** Reads a Range; both ends are taken in the unit of the end that names one. */
export function readRange(range: r4.Range): Measured | null {
  const unit = unitOf(range.low?.code ?? range.low?.unit ?? range.high?.code ?? range.high?.unit);
  if (range.low?.value === undefined && range.high?.value === undefined) return null;
  return {
    low: range.low?.value ?? 0,
    high: range.high?.value ?? Infinity,
    lowOpen: false,
    highOpen: false,
    unit,
  };
}

const NUMBER =
  /^(<=|>=|<|>|≤|≥)?\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?!,\d)(?:\s*[-~–]\s*(\d+(?:\.\d+)?))?\s*(\S.*)?$/i;
const COMPARATORS: Record<string, '<' | '<=' | '>' | '>='> = { '≤': '<=', '≥': '>=' };

/** Reads a number with comparator and unit out of a text such as `<20 IU/mL`, `1.0E+03`, `５-10%`. */
export function readNumber(text: string): Measured | null {
  const match = NUMBER.exec(text.normalize('NFKC').trim());
  if (!match) return null;
  const [, comparator, first, second, unit] = match;
  const value = Number(first?.replaceAll(',', ''));
  if (second !== undefined) {
    return { low: value, high: Number(second), lowOpen: false, highOpen: false, unit: unitOf(unit) };
  }
  const sign = comparator ? (COMPARATORS[comparator] ?? (comparator as '<')) : undefined;
  return { ...withComparator(value, sign), unit: unitOf(unit) };
}

/**
 * The value in another unit; null when the units do not convert or one is missing.
 * A value without unit counts as `1` (INR is sent as `1`, `{INR}` or bare).
 */
export function inUnit(measured: Measured, unit: string): Interval | null {
  const factor = factorBetween(measured.unit ?? '1', unit);
  if (factor === null) return null;
  return { ...measured, low: measured.low * factor, high: measured.high * factor };
}

function withComparator(value: number, comparator: r4.Quantity['comparator'] | undefined): Interval {
  switch (comparator) {
    case '<':
      return { low: 0, high: value, lowOpen: false, highOpen: true };
    case '<=':
      return { low: 0, high: value, lowOpen: false, highOpen: false };
    case '>':
      return { low: value, high: Infinity, lowOpen: true, highOpen: false };
    case '>=':
      return { low: value, high: Infinity, lowOpen: false, highOpen: false };
    default:
      return { low: value, high: value, lowOpen: false, highOpen: false };
  }
}

function unitOf(text: string | undefined): string | null {
  if (!text) return null;
  // Superscripts and the micro sign first: NFKC would make digits and a Greek letter of them.
  const plain = text
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (digits) => `^${digits.normalize('NFKC')}`)
    .replace(/[µμ]/g, 'u')
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/^[×x*]?10(?:[\^*]+|e)(\d+)/i, '10*$1')
    // A superscript lost on the way: a count in units of 109 a litre does not exist.
    .replace(/^[×x*]?109\/L$/i, '10*9/L');
  return SPELLINGS[plain] ?? plain;
}

const factors = new Map<string, number | null>();

/** Dimensionless annotations (`{INR}`, `{ratio}`) are the unit 1. */
function factorBetween(from: string, to: string): number | null {
  const source = /^\{[^}]*\}$/.test(from) ? '1' : from;
  const target = /^\{[^}]*\}$/.test(to) ? '1' : to;
  if (source === target) return 1;
  const key = `${source} ${target}`;
  const known = factors.get(key);
  if (known !== undefined) return known;
  const answer = fhirpath.ucumUtils.convertUnitTo(source, 1, target);
  // Twelve digits: the library's factors carry the noise of binary fractions, and a cut-off must not hang on it.
  const factor = answer.status === 'succeeded' ? Number(Number(answer.toVal).toPrecision(12)) : null;
  factors.set(key, factor);
  return factor;
}

/** Whether every number of the interval is below (true), none is (false), or it depends (null). */
export function isBelow(value: Interval, bound: number): boolean | null {
  if (value.high < bound || (value.high === bound && value.highOpen)) return true;
  return value.low >= bound ? false : null;
}

/** Whether every number of the interval is above, none is, or it depends (null). */
export function isAbove(value: Interval, bound: number): boolean | null {
  if (value.low > bound || (value.low === bound && value.lowOpen)) return true;
  return value.high <= bound ? false : null;
}

/** Whether a text is a valid UCUM code; of a quotient each part is asked, since the library knows `dB` and not `dB/m`. */
export function isUnit(code: string): boolean {
  const isValid = (part: string) => fhirpath.ucumUtils.validateUnitString(part).status === 'valid';
  return /^\S+$/.test(code) && (isValid(code) || code.split('/').every(isValid));
}
