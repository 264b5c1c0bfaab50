import type { ReadType, Search } from '../../views/hospital-fhir.ts';
import { isJsonFormat } from '../format.ts';
import type { HttpRefusal } from '../respond.ts';
import { decodeCursor } from './cursor.ts';
import { readLastUpdated, within } from './last-updated.ts';

/** A search as it was asked for and understood. */
export interface Asked {
  search: Search;
  /** The parameters that were understood, for the links; without the cursor. */
  used: URLSearchParams;
  cursor: string | null;
  /** Places in the query, from 1 on, of parameters that were passed over. */
  ignored: number[];
}

type Filter = keyof Search['where'];

/** Search parameters by type, beside `_id` and `_lastUpdated`. */
export const FILTERS: Readonly<Record<ReadType, readonly Filter[]>> = {
  ResearchSubject: ['status'],
  Task: ['status', 'code', 'focus'],
  Flag: [],
  List: [],
  Subscription: ['status'],
};
const PAGE = 50;
const MOST = 500;
const FILTER_NAMES: readonly string[] = ['status', 'code', 'focus'];

const refused = (at: number, message: string): HttpRefusal => ({
  status: 400,
  code: 'search-parameter',
  issue: 'value',
  message: `Parameter ${at} of the search: ${message}`,
});
const NOT_OFFERED = 'it is not offered here. The CapabilityStatement lists what is.';

/**
 * Reads the parameters of a search (R4, "Search"). A parameter that is not known is passed over, or refused where the
 * client asks for strict handling; a value that cannot be read is always refused.
 * @param zone of times without an offset
 */
export function readSearch(
  type: ReadType,
  given: URLSearchParams,
  { zone, strict }: { zone: string; strict: boolean },
): { ok: true; asked: Asked } | { ok: false; refusal: HttpRefusal } {
  const used = new URLSearchParams();
  const ignored: number[] = [];
  const seen = new Set<string>();
  let cursor: string | null = null;
  let search: Search = {
    ...{ from: null, until: null, ids: null, where: {}, falling: false, after: null, limit: PAGE, total: false },
  };

  /** What a parameter makes of the search; a sentence when its value cannot be read, null when it is not known. */
  function read(name: string, value: string): Search | string | null {
    if (name === '_id') return { ...search, ids: both(search.ids, value.split(',')) };
    if (FILTER_NAMES.includes(name)) {
      if (!FILTERS[type].includes(name as Filter)) return null;
      const values = value.split(',').map((one) => (name === 'focus' ? one : one.slice(one.lastIndexOf('|') + 1)));
      return { ...search, where: { ...search.where, [name]: both(search.where[name as Filter] ?? null, values) } };
    }
    switch (name) {
      case '_lastUpdated': {
        const bounds = readLastUpdated(value, zone);
        return bounds
          ? { ...search, ...within(search, bounds) }
          : 'give a date or an instant, after eq, gt, ge, lt or le.';
      }
      case '_count':
        return /^\d{1,9}$/.test(value)
          ? { ...search, limit: Math.min(Number(value), MOST), total: search.total || Number(value) === 0 }
          : 'give a whole number.';
      case '_sort':
        if (!/^-?_lastUpdated$/.test(value)) return 'only _lastUpdated and -_lastUpdated are offered.';
        return { ...search, falling: value.startsWith('-') };
      case '_total':
        if (!['none', 'estimate', 'accurate'].includes(value)) return 'give none, estimate or accurate.';
        return { ...search, total: search.total || value !== 'none' };
      case '_summary':
        if (value === 'count') return { ...search, limit: 0, total: true };
        return value === 'false' ? search : null;
      case '_format':
        return isJsonFormat(value) ? search : 'only JSON is offered.';
      default:
        return null;
    }
  }

  for (const [index, [name, value]] of [...given].entries()) {
    if (value === '') continue;
    const at = index + 1;
    const repeatable = name === '_id' || name === '_lastUpdated' || FILTER_NAMES.includes(name);
    if (seen.has(name) && !repeatable) return { ok: false, refusal: refused(at, 'it is given twice. Give it once.') };
    seen.add(name);
    if (name === '_cursor') {
      cursor = value;
      continue;
    }
    // A modifier would change what is meant (R4 search, "Modifiers").
    const modified = name.includes(':') && read(name.slice(0, name.indexOf(':')), value) !== null;
    const now = modified ? NOT_OFFERED : read(name, value);
    if (typeof now === 'string') return { ok: false, refusal: refused(at, now) };
    if (now === null && strict) return { ok: false, refusal: refused(at, NOT_OFFERED) };
    if (now === null) ignored.push(at);
    else {
      search = now;
      used.append(name, value);
    }
  }
  // A search for the count alone has no pages.
  if (cursor !== null && search.limit > 0) {
    const after = decodeCursor(cursor, search.falling);
    if (!after) {
      const message = 'The cursor is none of this search. Follow the link to the next page as it was given.';
      return { ok: false, refusal: { status: 400, code: 'search-cursor', issue: 'value', message } };
    }
    search = { ...search, after };
  }
  return { ok: true, asked: { search, used, cursor, ignored } };
}

/** Repeated, a parameter asks for what all of its values allow. */
function both(known: readonly string[] | null, values: readonly string[]): readonly string[] {
  return known === null ? values : values.filter((value) => known.includes(value));
}
