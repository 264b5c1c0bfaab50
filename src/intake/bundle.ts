import type { Place, RefusalCode } from '../fhir/refusal.ts';
import type { FhirResource } from '../fhir/resource.ts';
import type { Arrival, BundleContext, SetAside } from './arrival.ts';
import { entryArrival } from './entry.ts';
import { idOfContent, idOfEntry } from './identity.ts';
import { isObject, textOf } from './json.ts';

/** Bundles whose entries are taken in. The answers to a batch or transaction name what a server did, not what is. */
export const TAKEN_BUNDLES: ReadonlySet<string> = new Set([
  'transaction',
  'batch',
  'collection',
  'searchset',
  'history',
  'document',
  'message',
]);

/** Whether Bundles of a type are taken. */
export function isTakenBundle(type: unknown): type is string {
  return typeof type === 'string' && TAKEN_BUNDLES.has(type);
}

/**
 * Makes arrivals of one JSON value: of a Bundle one for each entry (FHIR R4, Bundle), of a resource itself.
 * A resource without an id is given one that is the same each time (the value passed in is not changed).
 * @param place where it begins
 * @param spread it goes on over several lines, so that the line of an entry is not known
 */
export function* arrivalsOf(value: unknown, place: Place, spread: boolean): Generator<Arrival | SetAside> {
  if (!isObject(value) || typeof value.resourceType !== 'string' || value.resourceType === '') {
    const message = Array.isArray(value)
      ? 'A JSON array is no FHIR resource. Send one resource a line (NDJSON), or a Bundle.'
      : 'The JSON has no resourceType, so it is no FHIR resource. Export it again.';
    yield refused(value, place, 'not-a-resource', null, message);
    return;
  }
  const resource = value as FhirResource;
  if (resource.resourceType === 'Bundle') yield* entriesOf(resource, place, spread);
  else
    yield {
      kind: 'resource',
      place,
      resource: withId(resource, () => idOfContent(resource)),
      fullUrl: null,
      bundle: null,
    };
}

function* entriesOf(bundle: FhirResource, place: Place, spread: boolean): Generator<Arrival | SetAside> {
  const type = bundle.type;
  if (!isTakenBundle(type)) {
    const message = `Send resources, or a Bundle of type ${[...TAKEN_BUNDLES].join(', ')}.`;
    yield refused(bundle, place, 'bundle-type', 'Bundle.type', message);
    return;
  }
  const entries = bundle.entry ?? [];
  if (!Array.isArray(entries)) {
    yield refused(bundle, place, 'shape', 'Bundle.entry', 'Bundle.entry is an array in FHIR. Export the Bundle again.');
    return;
  }
  const named = entries.map((entry) => withEntryId(entry));
  const context: BundleContext = { ...headOf(bundle, type), fullUrls: fullUrlsOf(named) };
  for (const [index, entry] of named.entries())
    yield entryArrival(entry, { ...place, line: spread ? null : place.line, entry: index }, context);
}

function headOf(bundle: FhirResource, type: string): Omit<BundleContext, 'fullUrls'> {
  const meta: unknown = bundle.meta;
  const about = isObject(meta) ? meta : {};
  return {
    type,
    timestamp: textOf(bundle.timestamp) ?? textOf(about.lastUpdated),
    source: textOf(about.source),
  };
}

/** The entry with its resource having an id; anything that is no such entry as it is. */
function withEntryId(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry.resource)) return entry;
  const resource = entry.resource;
  return { ...entry, resource: withId(resource, () => idOfEntry(entry) ?? idOfContent(resource)) };
}

function fullUrlsOf(entries: unknown[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const entry of entries) {
    if (!isObject(entry) || !isObject(entry.resource)) continue;
    const { resourceType, id } = entry.resource;
    const fullUrl = textOf(entry.fullUrl);
    if (fullUrl && textOf(resourceType) && textOf(id)) map.set(fullUrl, `${resourceType}/${id}`);
  }
  return map;
}

function withId<T extends object>(resource: T, id: () => string): T {
  return 'id' in resource ? resource : { ...resource, id: id() };
}

function refused(
  value: unknown,
  place: Place,
  reason: RefusalCode,
  expression: string | null,
  message: string,
): SetAside {
  return { kind: 'refused', place, reason, expression, message, content: () => ({ form: 'value', value }) };
}
