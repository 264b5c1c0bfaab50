import type { RequestHandler, Response } from 'express';
import type { Action } from '../../auth/scopes.ts';
import type { FhirResource } from '../../fhir/resource.ts';
import { arrivalsOf } from '../../intake/bundle.ts';
import { isId } from '../../intake/identity.ts';
import { isObject } from '../../intake/json.ts';
import type { Precondition } from '../../pipeline/push-condition.ts';
import { clientOf, scopeRefusal } from '../auth/authenticated.ts';
import { refuseAccess } from '../auth/refuse.ts';
import { readJson } from '../limits.ts';
import { type HttpRefusal, refuse } from '../respond.ts';
import { answerOf } from './answer.ts';
import { noneExists, OTHER_ID, queryOf, readCriteria, readIfMatch, resolved } from './condition.ts';
import { type EhrParts, type EhrRequest, isRefusal, pushed, requestOf, typeOf } from './parts.ts';
import { sendAnswer } from './prefer.ts';

type Sent = Parameters<RequestHandler>[0];

/** What a handler is about, once it is known that the client may. */
interface About {
  req: Sent;
  res: Response;
  type: string;
  request: EhrRequest;
}

/**
 * A handler for one resource type: refuses what is no type, clients without the scope, and sites that are not; sends
 * what `then` refuses.
 */
function onType(
  parts: EhrParts,
  action: Action,
  then: (about: About) => Promise<HttpRefusal | undefined>,
): RequestHandler {
  return async (req, res) => {
    const type = typeOf(req);
    if (isRefusal(type)) return refuse(res, type);
    const denied = scopeRefusal(clientOf(res), type, action);
    if (denied) return refuseAccess(res, denied);
    const request = requestOf(parts, req, res);
    const refusal = isRefusal(request) ? request : await then({ req, res, type, request });
    if (refusal) refuse(res, refusal);
  };
}

/** POST of a resource (R4, http.html#create, #ccreate). An id that it carries is kept: this base mirrors the hospital's. */
export function create(parts: EhrParts): RequestHandler {
  return onType(parts, 'c', async (about) => {
    const asked = about.req.headers['if-none-exist'];
    const criteria = asked === undefined ? null : readCriteria(String(asked));
    if (criteria && !criteria.ok) return criteria.refusal;
    const resource = await bodyOf(parts, about);
    if (isRefusal(resource)) return resource;
    return write(parts, about, resource, criteria && noneExists(about.type, criteria.identifier));
  });
}

/** PUT of a resource under its id (R4, http.html#update). */
export function update(parts: EhrParts): RequestHandler {
  return onType(parts, 'u', async (about) => {
    const condition = versionAsked(about);
    if (isRefusal(condition)) return condition;
    const resource = await bodyOf(parts, about);
    if (isRefusal(resource)) return resource;
    if (resource.id !== about.req.params.id) return { ...OTHER_ID, expression: `${about.type}.id` };
    return write(parts, about, resource, condition);
  });
}

/** PUT by an identifier (R4, http.html#cond-update). */
export function conditionalUpdate(parts: EhrParts): RequestHandler {
  return onType(parts, 'u', async (about) => {
    const { req, type, request } = about;
    const query = queryOf(req.url);
    if (query === null) return NO_ID;
    const criteria = readCriteria(query);
    if (!criteria.ok) return criteria.refusal;
    const resource = await bodyOf(parts, about);
    if (isRefusal(resource)) return resource;
    const found = await resolved(request, type, criteria.identifier, resource);
    return isRefusal(found) ? found : write(parts, about, found.resource as FhirResource, found.condition);
  });
}

/** DELETE (R4, http.html#delete). What was never known is deleted as well: an older version must not come after it. */
export function remove(parts: EhrParts): RequestHandler {
  return onType(parts, 'd', async (about) => {
    const condition = versionAsked(about);
    if (isRefusal(condition)) return condition;
    const { req, res, type, request } = about;
    const { place, at, base } = request;
    const id = String(req.params.id);
    const arrival = { kind: 'deletion', place, type, id, at, versionId: null, fullUrl: null, bundle: null } as const;
    const [done] = await pushed(parts, request, [{ arrival, condition }], { atomic: true });
    sendAnswer(req, res, answerOf(done!, 'DELETE'), base, null, at);
    return undefined;
  });
}

/** If-Match of a request that names a resource; null when it asks for no version. */
function versionAsked({ req, type }: About): Precondition | HttpRefusal | null {
  const id = String(req.params.id);
  if (!isId(id)) return BAD_ID;
  const match = readIfMatch(req.headers['if-match']);
  if (!match.ok) return match.refusal;
  return match.revision === null ? null : { kind: 'version', type, id, revision: match.revision };
}

async function write(
  parts: EhrParts,
  { req, res, request }: About,
  resource: FhirResource,
  condition: Precondition | null,
): Promise<undefined> {
  const [arrival] = arrivalsOf(resource, request.place, false);
  const [done] = await pushed(parts, request, [{ arrival: arrival!, condition }], { atomic: false });
  sendAnswer(req, res, answerOf(done!, req.method as 'POST' | 'PUT'), request.base, resource, request.at);
}

/** The resource of a body, of the type that the path names. */
async function bodyOf(parts: EhrParts, { req, type }: About): Promise<FhirResource | HttpRefusal> {
  const read = await readJson(req, parts.limits);
  if (!read.ok) return read.refusal;
  if (type === 'Bundle') return AT_BASE;
  const { value } = read;
  if (isObject(value) && value.resourceType === type) return value as FhirResource;
  const message = `The body must be a JSON object with resourceType ${type}.`;
  return { status: 400, code: 'resource-type', issue: 'invalid', message, expression: 'Resource.resourceType' };
}

const BAD_ID: HttpRefusal = {
  status: 400,
  code: 'invalid-id',
  issue: 'value',
  message: 'An id has 1 to 64 of these: letters, digits, - and . (R4, id).',
};
const NO_ID: HttpRefusal = {
  status: 400,
  code: 'criteria',
  issue: 'required',
  message: 'Name the resource by its id, or by ?identifier=system|value.',
};
const AT_BASE: HttpRefusal = {
  status: 422,
  code: 'bundle-type',
  issue: 'processing',
  message: 'Bundles are not kept as such: send it to the base, and its entries are taken in.',
};
