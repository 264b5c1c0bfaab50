import type { FhirResource, r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import { type Answer, found, NOT_FOUND, type Refusal, refused, warnings } from './answer.ts';
import { instant, type RegistryDesk } from './desk.ts';
import { standingNow } from './read.ts';
import { spansOf, valuesAt } from './search/values.ts';
import { createShower, type Shown } from './shown.ts';
import { servedType } from './types.ts';
import { may, typeRefusal, type Viewer } from './viewer.ts';

/** Resources of a page, unless another number is asked for. */
const PAGE_SIZE = 500;
const LARGEST_PAGE = 1_000;

interface Asked {
  types: ReadonlySet<string> | null;
  /** Milliseconds since 1970. */
  since: number | null;
  start: number | null;
  end: number | null;
  count: number;
  /** When the first page was asked for, and how many resources came before. */
  at: number | null;
  from: number;
  ignored: Refusal[];
}

/** Everything of a patient that the registry may see (R4, Patient/$everything). */
export async function everything(
  desk: RegistryDesk,
  viewer: Viewer,
  id: string,
  given: URLSearchParams,
  strict: boolean,
): Promise<Answer> {
  const refusal = typeRefusal(viewer, 'Patient', 'r');
  if (refusal) return refused(refusal);
  const asked = read(given, strict, desk.study.timezone);
  if ('status' in asked) return refused(asked);
  const now = desk.clock();
  const at = instant(Math.min(asked.at ?? now, now));
  return desk.store.read(async ({ study }) => {
    const patient = await standingNow(study, desk, viewer, 'Patient', id);
    if ('status' in patient) return refused(patient);
    const subject = await study.standing('ResearchSubject', patient.subject, at);
    const rows = [...(subject && !subject.deleted ? [subject] : []), ...(await study.standingOf(patient.subject, at))];
    const shower = createShower(viewer.lens);
    const all: Shown[] = [];
    for (const row of rows) {
      if (row.gone || !may(viewer, row.type, row.type === 'Patient' ? 'r' : 's')) continue;
      if (asked.types && !asked.types.has(row.type)) continue;
      if (asked.since !== null && Date.parse(row.lastUpdated) <= asked.since) continue;
      const shown = await shower.show(study, row);
      if (shown && isInTime(shown.resource, asked, desk.study.timezone)) all.push(shown);
    }
    const page = all.slice(asked.from, asked.from + asked.count);
    if (asked.from > 0 && page.length === 0) return refused(NOT_FOUND);
    return found(bundleOf(desk.base, id, given, asked, all.length, page, Date.parse(at)));
  });
}

function bundleOf(
  base: string,
  id: string,
  given: URLSearchParams,
  asked: Asked,
  total: number,
  page: readonly Shown[],
  at: number,
): r4.Bundle {
  const url = (from: number) => {
    const text = new URLSearchParams(given);
    text.delete('_cursor');
    if (from > 0) text.set('_cursor', `${at}.${from}`);
    return `${base}/Patient/${id}/$everything${text.size > 0 ? `?${text}` : ''}`;
  };
  const next = asked.from + asked.count;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link: [{ relation: 'self', url: url(asked.from) }, ...(next < total ? [{ relation: 'next', url: url(next) }] : [])],
    entry: [
      ...page.map(({ type, id: own, resource }) => ({
        fullUrl: `${base}/${type}/${own}`,
        resource: resource as r4.FhirResource,
        search: { mode: 'match' as const },
      })),
      ...(asked.ignored.length > 0
        ? [{ resource: warnings(asked.ignored), search: { mode: 'outcome' as const } }]
        : []),
    ],
  };
}

/** Whether something happened in the time asked for; what has no time of its own did. */
function isInTime(resource: FhirResource, { start, end }: Asked, zone: string): boolean {
  if (start === null && end === null) return true;
  const served = servedType(resource.resourceType);
  const paths = served?.parameters.find(({ name }) => name === served.care)?.paths ?? [];
  const spans = paths.flatMap((path) => valuesAt(resource, path).flatMap((value) => spansOf(value, zone)));
  return (
    spans.length === 0 ||
    spans.some((span) => (start === null || span.end > start) && (end === null || span.start < end))
  );
}

function read(given: URLSearchParams, strict: boolean, zone: string): Asked | Refusal {
  const asked: Asked = {
    types: null,
    since: null,
    start: null,
    end: null,
    count: PAGE_SIZE,
    at: null,
    from: 0,
    ignored: [],
  };
  for (const [name, value] of given) {
    const span = spanOf(value.replace(' ', '+'), zone);
    if (value === '' || name === '_format' || name === '_pretty') continue;
    if (name === '_type') asked.types = new Set([...(asked.types ?? []), ...value.split(',')]);
    else if (name === '_count' && /^[1-9]\d{0,8}$/.test(value)) asked.count = Math.min(Number(value), LARGEST_PAGE);
    else if (name === '_since' && span) asked.since = span.start;
    else if (name === 'start' && span) asked.start = span.start;
    else if (name === 'end' && span) asked.end = span.end;
    else if (name === '_cursor' && /^\d{1,15}\.\d{1,9}$/.test(value)) [asked.at, asked.from] = cursorFrom(value);
    else if (['_count', '_since', 'start', 'end', '_cursor'].includes(name)) return BAD_VALUE;
    else if (strict) return UNKNOWN;
    else asked.ignored.push(UNKNOWN);
  }
  return asked;
}

function cursorFrom(text: string): [number, number] {
  const [at, from] = text.split('.').map(Number);
  return [at!, from!];
}

const BAD_VALUE: Refusal = {
  status: 400,
  code: 'parameter-value',
  issue: 'invalid',
  message: 'A parameter of $everything has a value that cannot be understood. See R4, Patient/$everything.',
};
const UNKNOWN: Refusal = {
  status: 400,
  code: 'parameter-unknown',
  issue: 'not-supported',
  message: 'A parameter is not known to $everything: it takes start, end, _since, _type and _count.',
};
