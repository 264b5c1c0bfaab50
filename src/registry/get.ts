import { spanOf } from '../fhir/time.ts';
import { type Answer, type Refusal, refused } from './answer.ts';
import { instant, type RegistryDesk } from './desk.ts';
import { everything } from './everything.ts';
import { elementsFrom, type Part, WHOLE } from './part.ts';
import { history, read, readVersion } from './read.ts';
import { search } from './search/search.ts';
import { servedType } from './types.ts';
import type { Viewer } from './viewer.ts';

/**
 * Answers whatever is asked by GET below the base, alone or as an entry of a batch.
 * @param segments of the path, decoded: `Patient`, `Patient/a`, `Patient/a/_history` …
 * @param strict `Prefer: handling=strict`
 */
export async function answerGet(
  desk: RegistryDesk,
  viewer: Viewer,
  segments: readonly string[],
  given: URLSearchParams,
  strict: boolean,
): Promise<Answer> {
  const [type, id, third, version, more] = segments;
  if (more !== undefined || type === undefined) return refused(NO_ROUTE);
  const operation = segments.find((segment) => segment.startsWith('$'));
  if (operation !== undefined && !(type === 'Patient' && third === '$everything' && version === undefined))
    return refused(OPERATION);
  if (!servedType(type)) return refused(TYPE);
  if (id === undefined) return search(desk, viewer, type, given, strict);
  if (third === '$everything') return everything(desk, viewer, id, given, strict);
  if (id === '_history') return refused(TYPE_HISTORY);
  if (third === undefined) {
    const part = partFrom(given);
    return part === null ? refused(VALUE) : read(desk, viewer, type, id, part);
  }
  if (third !== '_history') return refused(NO_ROUTE);
  if (version !== undefined) return readVersion(desk, viewer, type, id, version);
  const options = historyOptions(given, desk.study.timezone);
  return options === null ? refused(VALUE) : history(desk, viewer, type, id, options);
}

/** `_summary` and `_elements` of a read; null where a value cannot be understood. */
function partFrom(given: URLSearchParams): Part | null {
  const [summary, elements] = [given.get('_summary'), given.get('_elements')];
  if (elements) return elementsFrom(elements);
  if (!summary || summary === 'false') return WHOLE;
  if (summary === 'true') return { kind: 'summary' };
  return summary === 'text' || summary === 'data' ? { kind: summary } : null;
}

function historyOptions(given: URLSearchParams, zone: string): { since: string | null; count: number | null } | null {
  const [since, count] = [given.get('_since'), given.get('_count')];
  const span = since ? spanOf(since.replace(' ', '+'), zone) : null;
  if ((since && !span) || (count && !/^\d{1,9}$/.test(count))) return null;
  return { since: span ? instant(span.start) : null, count: count ? Number(count) : null };
}

const NO_ROUTE: Refusal = {
  status: 404,
  code: 'no-such-route',
  issue: 'not-found',
  message: 'There is nothing at this address. The CapabilityStatement says what there is.',
};
const TYPE: Refusal = {
  status: 404,
  code: 'type-unknown',
  issue: 'not-supported',
  message: 'There are no resources of this type here. The CapabilityStatement names those there are.',
};
const OPERATION: Refusal = {
  status: 400,
  code: 'operation-unknown',
  issue: 'not-supported',
  message: 'There is no such operation here. The CapabilityStatement names those there are.',
};
const TYPE_HISTORY: Refusal = {
  status: 400,
  code: 'history-type',
  issue: 'not-supported',
  message: 'There is no history of a whole type. Use $export with _since for what changed.',
};
const VALUE: Refusal = {
  status: 400,
  code: 'parameter-value',
  issue: 'invalid',
  message: 'A parameter has a value that cannot be understood. See R4, RESTful API.',
};
