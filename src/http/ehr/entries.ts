import type { Action } from '../../auth/scopes.ts';
import type { ShapeCheck } from '../../fhir/shape/check.ts';
import { namedBy } from '../../intake/identity.ts';
import { isObject, textOf } from '../../intake/json.ts';
import { type Precondition, splitToken } from '../../pipeline/push-condition.ts';
import type { Site } from '../../study/site.ts';
import type { HttpRefusal } from '../respond.ts';
import { NO_MATCH, noneExists, readCriteria, readIfMatch, UNOFFERED } from './condition.ts';
import { addressFault, basesOf, MADE_HERE } from './entry-request.ts';
import { areRequests, bundleFault, entryFault } from './frame.ts';

/** An entry of a Bundle with what its request asks for (R4, Bundle.entry.request). */
export interface Entry {
  /** As it is to be taken in: ids that conditional requests lead to are filled in. */
  entry: unknown;
  resource: object | null;
  method: 'POST' | 'PUT' | 'DELETE';
  /** What scopes are asked about; no type where none can be told. */
  type: string | null;
  action: Action;
  condition: Precondition | null;
  /** It is refused before anything of it is looked at. */
  refusal: HttpRefusal | null;
}

/** What entries are read with. */
export interface EntryReading {
  shape: ShapeCheck;
  site: Site;
  /** URL of the site's FHIR base here, without a slash at the end. */
  base: string;
  /** Ids of the resources of a type that carry an identifier (`system|value`). */
  idsWith(type: string, identifier: string): Promise<string[]>;
  /** Whether a resource is one of ours. */
  isMadeHere(type: string, id: string): Promise<boolean>;
}

export const ACTIONS = { POST: 'c', PUT: 'u', DELETE: 'd' } as const;

/**
 * Reads the requests of a Bundle's entries and follows their conditions; a refusal of the Bundle as a whole when it is
 * none that is taken, or when two entries of a transaction are or write the same resource (R4, http.html#transaction).
 */
export async function readEntries(
  bundle: Record<string, unknown>,
  reading: EntryReading,
): Promise<Entry[] | HttpRefusal> {
  const { shape } = reading;
  const fault = bundleFault(bundle, shape);
  if (fault) return fault;
  const atomic = bundle.type === 'transaction';
  const entries: Entry[] = [];
  for (const [at, entry] of ((bundle.entry ?? []) as unknown[]).entries()) {
    const refusal = entryFault(entry, at, bundle.type, shape);
    entries.push(refusal ? { ...plainEntry(entry), refusal } : await readEntry(entry, at, reading, bundle.type));
  }
  if (!atomic) return entries;
  const seen = new Set<string>();
  for (const [at, entry] of entries.entries()) {
    for (const name of namesOf(entry)) {
      if (seen.has(name)) return { ...TWICE, expression: `Bundle.entry[${at}]` };
      seen.add(name);
    }
  }
  return entries;
}

function plainEntry(entry: unknown): Entry {
  const { parts, asked, url } = partsOf(entry);
  const resource = isObject(parts.resource) ? parts.resource : null;
  const method = asked.method === 'PUT' || asked.method === 'DELETE' ? asked.method : 'POST';
  const type = method === 'DELETE' ? (namedBy(url)?.type ?? null) : textOf(resource?.resourceType);
  return { entry, resource, method, type, action: ACTIONS[method], condition: null, refusal: null };
}

function partsOf(entry: unknown) {
  const parts = isObject(entry) ? entry : {};
  const asked = isObject(parts.request) ? parts.request : {};
  return { parts, asked, url: textOf(asked.url) ?? '' };
}

async function readEntry(
  entry: unknown,
  at: number,
  { idsWith, isMadeHere, site, base }: EntryReading,
  bundleType: unknown,
): Promise<Entry> {
  const { parts, asked, url } = partsOf(entry);
  const plain = plainEntry(entry);
  const { method, type } = plain;
  const resource = plain.resource as Record<string, unknown> | null;
  const refuse = (refusal: Omit<HttpRefusal, 'expression'>, element: string): Entry => {
    return { ...plain, refusal: { ...refusal, expression: `Bundle.entry[${at}].${element}` } };
  };
  if (asked.method === 'GET' || asked.method === 'HEAD') return refuse(NO_READ, 'request.method');
  const fault = parts.request === undefined ? null : addressFault(method, url, type, [base, ...basesOf(site)]);
  if (fault) return refuse(fault, 'request.url');
  // What was asked when a version came to be is no question to us.
  if (!type || !areRequests(bundleType)) return plain;
  const named = method === 'POST' ? undefined : (namedBy(url)?.id ?? textOf(resource?.id));
  if (named && (await isMadeHere(type, named))) return refuse(MADE_HERE, 'request.url');
  const unoffered = (['ifNoneMatch', 'ifModifiedSince'] as const).find((one) => asked[one] !== undefined);
  if (unoffered) return refuse(UNOFFERED, `request.${unoffered}`);
  const match = readIfMatch(textOf(asked.ifMatch) ?? undefined);
  if (!match.ok) return refuse(match.refusal, 'request.ifMatch');
  if (match.revision !== null) {
    if (!named || url.includes('?')) return refuse(NO_MATCH, 'request.ifMatch');
    return { ...plain, condition: { kind: 'version', type, id: named, revision: match.revision } };
  }
  const query = method === 'POST' ? textOf(asked.ifNoneExist) : method === 'PUT' ? queryOf(url) : null;
  if (query === null || !resource) return plain;
  const criteria = readCriteria(query);
  const element = method === 'POST' ? 'request.ifNoneExist' : 'request.url';
  if (!criteria.ok) return refuse(criteria.refusal, element);
  const ids = await idsWith(type, criteria.identifier);
  const [only] = ids;
  // References of other entries to this one lead to what is there already.
  const found = ids.length === 1 ? { ...resource, id: only } : resource;
  const followed = { ...plain, resource: found, entry: { ...parts, resource: found } };
  const [system, value] = splitToken(criteria.identifier);
  const still: Precondition = { kind: 'still', type, system, value, ids };
  // The other entries of a transaction refer to what was found: nothing may have come in between.
  if (method === 'POST')
    return {
      ...followed,
      condition: bundleType === 'transaction' && !only ? still : noneExists(type, criteria.identifier),
    };
  if (ids.length > 1) return refuse(SEVERAL, element);
  if (only !== undefined && resource.id !== undefined && resource.id !== only) return refuse(OTHER_ID, 'resource.id');
  return { ...followed, condition: still };
}

function queryOf(url: string): string | null {
  const at = url.indexOf('?');
  return at < 0 ? null : url.slice(at + 1);
}

/** What an entry is known by: its fullUrl, `Type/id` that it writes, where it says so itself, and its criteria. */
function namesOf({ entry, condition }: Entry): string[] {
  const { parts, asked, url } = partsOf(entry);
  const resource = isObject(parts.resource) ? parts.resource : {};
  const byUrl = asked.method === 'POST' ? null : namedBy(url);
  const named = byUrl ?? { type: resource.resourceType, id: textOf(resource.id) };
  const fullUrl = textOf(parts.fullUrl);
  const criteria =
    condition && 'system' in condition ? [`${condition.type}?${condition.system}|${condition.value}`] : [];
  return [...(fullUrl ? [fullUrl] : []), ...(named.id ? [`${named.type}/${named.id}`] : []), ...criteria];
}

const TWICE: HttpRefusal = {
  status: 400,
  code: 'entry-twice',
  issue: 'duplicate',
  message: 'Two entries of the transaction have the same fullUrl, or write the same resource. Send each once.',
};
const NO_READ: HttpRefusal = {
  status: 405,
  code: 'entry-reads',
  issue: 'not-supported',
  message: 'Entries that read are not carried out here. Ask for them one by one.',
};
const SEVERAL: HttpRefusal = {
  status: 412,
  code: 'several-match',
  issue: 'conflict',
  message: 'Several resources carry this identifier: merge them at the source, or name one by its id.',
};
const OTHER_ID: HttpRefusal = {
  status: 400,
  code: 'other-id',
  issue: 'value',
  message: 'The resource has another id than the one its identifier leads to. Correct one.',
};
