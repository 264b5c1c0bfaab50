import type { Action } from '../../auth/scopes.ts';
import { namedBy } from '../../intake/identity.ts';
import { isObject, textOf } from '../../intake/json.ts';
import { idsWith } from '../../pipeline/push.ts';
import type { Precondition } from '../../pipeline/push-condition.ts';
import type { HttpRefusal } from '../respond.ts';
import { noneExists, queryOf, readCriteria, readIfMatch, resolved } from './condition.ts';
import { type EhrRequest, isRefusal } from './parts.ts';

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

const ACTIONS = { POST: 'c', PUT: 'u', DELETE: 'd' } as const;

/**
 * Reads the requests of a Bundle's entries and follows their conditions; a refusal of the Bundle as a whole when two
 * entries of a transaction write the same resource (R4, http.html#transaction).
 */
export async function readEntries(
  bundle: Record<string, unknown>,
  request: EhrRequest,
): Promise<Entry[] | HttpRefusal> {
  const given = Array.isArray(bundle.entry) ? bundle.entry : [];
  const entries: Entry[] = [];
  for (const entry of given) entries.push(await readEntry(entry, request));
  if (bundle.type !== 'transaction') return entries;
  const names = entries.flatMap(({ entry }) => nameOf(entry) ?? []);
  const double = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (double < 0) return entries;
  const message = 'Two entries of the transaction write the same resource. Send each once.';
  return { status: 400, code: 'entry-twice', issue: 'duplicate', message, expression: 'Bundle.entry' };
}

async function readEntry(entry: unknown, { gateway, site }: EhrRequest): Promise<Entry> {
  const parts = isObject(entry) ? entry : {};
  const asked = isObject(parts.request) ? parts.request : {};
  const resource = isObject(parts.resource) ? parts.resource : null;
  const said = asked.method;
  const method = said === 'PUT' || said === 'DELETE' ? said : 'POST';
  const url = textOf(asked.url) ?? '';
  const type = method === 'DELETE' ? (namedBy(url)?.type ?? null) : textOf(resource?.resourceType);
  const plain: Entry = { entry, resource, method, type, action: ACTIONS[method], condition: null, refusal: null };
  if (said === 'GET' || said === 'HEAD') return { ...plain, refusal: NO_READ };
  if (!type) return plain;
  const match = readIfMatch(textOf(asked.ifMatch) ?? undefined);
  if (!match.ok) return { ...plain, refusal: match.refusal };
  const id = textOf(resource?.id) ?? namedBy(url)?.id;
  if (match.revision !== null && id) {
    return { ...plain, condition: { kind: 'version', type, id, revision: match.revision } };
  }
  const query = method === 'POST' ? textOf(asked.ifNoneExist) : method === 'PUT' ? queryOf(url) : null;
  if (query === null || !resource) return plain;
  const criteria = readCriteria(query);
  if (!criteria.ok) return { ...plain, refusal: criteria.refusal };
  if (method === 'PUT') {
    const found = await resolved({ gateway, site }, type, criteria.identifier, resource);
    if (isRefusal(found)) return { ...plain, refusal: found };
    const { condition } = found;
    return { ...plain, resource: found.resource, entry: { ...parts, resource: found.resource }, condition };
  }
  const ids = await idsWith(gateway, site, type, criteria.identifier);
  // References of other entries to this one lead to what is there already.
  const found = ids.length === 1 ? { ...resource, id: ids[0] } : resource;
  const condition = noneExists(type, criteria.identifier);
  return { ...plain, resource: found, entry: { ...parts, resource: found }, condition };
}

/** `Type/id` that an entry writes, where it says so itself. */
function nameOf(entry: unknown): string | null {
  if (!isObject(entry)) return null;
  const request = isObject(entry.request) ? entry.request : {};
  const resource = isObject(entry.resource) ? entry.resource : {};
  if (request.method === 'DELETE') return textOf(request.url);
  const id = textOf(resource.id);
  return id && typeof resource.resourceType === 'string' ? `${resource.resourceType}/${id}` : null;
}

const NO_READ: HttpRefusal = {
  status: 405,
  code: 'entry-reads',
  issue: 'not-supported',
  message: 'Entries that read are not carried out here. Ask for them one by one.',
};
