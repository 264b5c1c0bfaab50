import type { Refusal } from '../answer.ts';
import { elementsFrom, type Part, WHOLE } from '../part.ts';
import { includesOf, reverseIncludesOf, type ServedType } from '../types.ts';
import { type Clause, type ClauseContext, clauseOf } from './clause.ts';

/** A search, read. */
export interface Query {
  served: ServedType;
  clauses: readonly Clause[];
  /** Parameters of this type whose targets are to come along. */
  includes: readonly string[];
  /** Types and parameters whose resources are to come along where they refer to a match. */
  reverse: readonly { type: string; name: string }[];
  /** Matches of a page. */
  count: number;
  part: Part;
  /** Only how many there are. */
  countOnly: boolean;
  /** How many there are in all is asked for. */
  total: boolean;
  cursor: string | null;
  /** What was understood, for the link to itself. */
  used: readonly [string, string][];
  /** What was not, where that is let pass. */
  ignored: readonly Refusal[];
}

/** Matches of a page, unless another number is asked for. */
export const PAGE_SIZE = 50;
export const LARGEST_PAGE = 500;

/** Known to R4 and of no meaning here: the answer is JSON in any case. */
const WITHOUT_MEANING = new Set(['_format', '_pretty']);

/**
 * Reads the parameters of a search. A value or a modifier that cannot be understood is always refused; an unknown
 * parameter is when `strict`, and else told of in the answer.
 */
export function readQuery(
  served: ServedType,
  given: URLSearchParams,
  strict: boolean,
  context: ClauseContext,
): Query | Refusal {
  const clauses: Clause[] = [];
  const includes: string[] = [];
  const reverse: Query['reverse'][number][] = [];
  const used: [string, string][] = [];
  const ignored: Refusal[] = [];
  const result = { count: PAGE_SIZE, part: WHOLE, countOnly: false, total: false, cursor: null as string | null };
  for (const [key, value] of given) {
    if (value === '' || WITHOUT_MEANING.has(key)) continue;
    const read = key.startsWith('_') ? resultParameter(key, value, result) : null;
    if (read === 'value') return valueRefused(key);
    if (read === 'read') {
      if (key !== '_cursor') used.push([key, value]);
      continue;
    }
    const include = includeFrom(served, key, value);
    if (include) {
      if (include.kind === 'include') includes.push(include.name);
      else reverse.push(include);
      used.push([key, value]);
      continue;
    }
    const [name, modifier = null] = key.split(':', 2);
    const parameter = served.parameters.find((one) => one.name === name);
    if (!parameter) {
      if (strict) return unknown(key);
      ignored.push(unknown(key));
      continue;
    }
    const clause = clauseOf(parameter, modifier, value, context);
    if (clause === 'modifier') return modifierRefused(key);
    if (clause === 'value') return valueRefused(key);
    clauses.push(clause);
    used.push([key, value]);
  }
  return { served, clauses, includes, reverse, used, ignored, ...result };
}

/** Parameters that shape the answer; null when it is none of them. */
function resultParameter(
  key: string,
  value: string,
  result: { count: number; part: Part; countOnly: boolean; total: boolean; cursor: string | null },
): 'read' | 'value' | null {
  if (key === '_count') {
    if (!/^\d{1,9}$/.test(value)) return 'value';
    // R4: `_count=0` is `_summary=count`.
    if (Number(value) === 0) result.countOnly = true;
    else result.count = Math.min(Number(value), LARGEST_PAGE);
    return 'read';
  }
  if (key === '_summary') {
    if (!['true', 'text', 'data', 'count', 'false'].includes(value)) return 'value';
    if (value === 'count') result.countOnly = true;
    else if (value !== 'false') result.part = { kind: value === 'true' ? 'summary' : (value as 'text' | 'data') };
    return 'read';
  }
  if (key === '_elements') {
    const part = elementsFrom(value);
    if (!part) return 'value';
    result.part = part;
    return 'read';
  }
  if (key === '_total') {
    if (!['none', 'estimate', 'accurate'].includes(value)) return 'value';
    result.total = value !== 'none';
    return 'read';
  }
  if (key === '_cursor') {
    result.cursor = value;
    return 'read';
  }
  return null;
}

type Include = { kind: 'include'; name: string } | { kind: 'reverse'; type: string; name: string };

/** `_include` and `_revinclude` that the CapabilityStatement names, with or without the type at the end; else null. */
function includeFrom(served: ServedType, key: string, value: string): Include | null {
  if (key !== '_include' && key !== '_revinclude') return null;
  const [type, name, target] = value.split(':') as [string, string | undefined, string | undefined];
  const said = `${type}:${name}`;
  if (key === '_revinclude')
    return name && (target === undefined || target === served.type) && reverseIncludesOf(served.type).includes(said)
      ? { kind: 'reverse', type, name }
      : null;
  const known = includesOf(served).includes(said);
  return name && known && target === undefined ? { kind: 'include', name } : null;
}

const NAME = /^[_A-Za-z][A-Za-z0-9_.:-]{0,60}$/;
const named = (key: string): string => (NAME.test(key) ? `The search parameter ${key}` : 'A search parameter');

function unknown(key: string): Refusal {
  const message = `${named(key)} is not known here, or not with this value. The CapabilityStatement names those that are.`;
  return { status: 400, code: 'parameter-unknown', issue: 'not-supported', message };
}

function valueRefused(key: string): Refusal {
  const message = `${named(key)} has a value that cannot be understood. See R4, Search.`;
  return { status: 400, code: 'parameter-value', issue: 'invalid', message };
}

function modifierRefused(key: string): Refusal {
  const message = `${named(key)} has a modifier that is not supported. Leave it out.`;
  return { status: 400, code: 'parameter-modifier', issue: 'not-supported', message };
}
