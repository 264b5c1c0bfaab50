import type { RequestHandler, Response } from 'express';
import type { FhirResource } from '../../fhir/resource.ts';
import { arrivalsOf } from '../../intake/bundle.ts';
import { isId } from '../../intake/identity.ts';
import { isObject } from '../../intake/json.ts';
import { idsWith } from '../../pipeline/push.ts';
import { type Precondition, splitToken } from '../../pipeline/push-condition.ts';
import { clientOf, scopeRefusal } from '../auth/authenticated.ts';
import { refuseAccess } from '../auth/refuse.ts';
import { readJson } from '../limits.ts';
import { type HttpRefusal, isRefusal, refuse } from '../respond.ts';
import { answerOf } from './answer.ts';
import { conditionRefusal, NO_MATCH, noneExists, readCriteria, readIfMatch } from './condition.ts';
import { MADE_HERE } from './entry-request.ts';
import { type EhrParts, type EhrRequest, pushed, requestOf, typeOf } from './parts.ts';
import { sendAnswer } from './prefer.ts';

/** POST of a resource (R4, http.html#create, #ccreate). An id that it carries is kept: this base mirrors the hospital's. */
export function create(parts: EhrParts): RequestHandler {
  return writing(parts, 'c', async (req, res, type, request) => {
    if (req.headers['if-match'] !== undefined) return refuse(res, NO_MATCH);
    let condition: Precondition | null = null;
    const asked = req.headers['if-none-exist'];
    if (asked !== undefined) {
      const criteria = readCriteria(String(asked));
      if (!criteria.ok) return refuse(res, criteria.refusal);
      condition = noneExists(type, criteria.identifier);
    }
    const resource = await bodyOf(parts, req, type);
    if (isRefusal(resource)) return refuse(res, resource);
    await write(parts, request, req, res, resource, condition);
  });
}

/** PUT of a resource under its id (R4, http.html#update). */
export function update(parts: EhrParts): RequestHandler {
  return writing(parts, 'u', async (req, res, type, request) => {
    const id = String(req.params.id);
    if (!isId(id)) return refuse(res, BAD_ID);
    if (await parts.isMadeHere?.(type, request.site.id, id)) return refuseMadeHere(res);
    const match = readIfMatch(req.headers['if-match']);
    if (!match.ok) return refuse(res, match.refusal);
    const resource = await bodyOf(parts, req, type);
    if (isRefusal(resource)) return refuse(res, resource);
    if (resource.id !== id) return refuse(res, { ...OTHER_ID, expression: `${type}.id` });
    const { revision } = match;
    await write(parts, request, req, res, resource, revision === null ? null : { kind: 'version', type, id, revision });
  });
}

/** PUT by an identifier (R4, http.html#cond-update). */
export function conditionalUpdate(parts: EhrParts): RequestHandler {
  return writing(parts, 'u', async (req, res, type, request) => {
    if (req.headers['if-match'] !== undefined) return refuse(res, NO_MATCH);
    const criteria = readCriteria(req.url.slice(req.url.indexOf('?') + 1));
    if (!criteria.ok || !req.url.includes('?')) return refuse(res, criteria.ok ? NO_ID : criteria.refusal);
    const resource = await bodyOf(parts, req, type);
    if (isRefusal(resource)) return refuse(res, resource);
    const ids = await idsWith(request.gateway, request.site, type, criteria.identifier);
    if (ids.length > 1) return refuse(res, SEVERAL);
    const [id] = ids;
    if (id !== undefined && resource.id !== undefined && resource.id !== id)
      return refuse(res, { ...OTHER_ID, expression: `${type}.id` });
    const [system, value] = splitToken(criteria.identifier);
    const condition: Precondition = { kind: 'still', type, system, value, ids };
    await write(parts, request, req, res, id === undefined ? resource : { ...resource, id }, condition);
  });
}

/** DELETE (R4, http.html#delete). What was never known is deleted as well: an older version must not come after it. */
export function remove(parts: EhrParts): RequestHandler {
  return writing(parts, 'd', async (req, res, type, request) => {
    const id = String(req.params.id);
    if (!isId(id)) return refuse(res, BAD_ID);
    if (await parts.isMadeHere?.(type, request.site.id, id)) return refuseMadeHere(res);
    const match = readIfMatch(req.headers['if-match']);
    if (!match.ok) return refuse(res, match.refusal);
    const { place, at, base } = request;
    const arrival = { kind: 'deletion', place, type, id, at, versionId: null, fullUrl: null, bundle: null } as const;
    const { revision } = match;
    const condition = revision === null ? null : ({ kind: 'version', type, id, revision } as const);
    const [done] = await pushed(parts, request, [{ arrival, condition, supersedes: true }], { atomic: true });
    sendAnswer(req, res, answerOf(done!, 'DELETE'), base, null, at);
  });
}

function refuseMadeHere(res: Response): void {
  res.set('Allow', 'GET, HEAD');
  refuse(res, MADE_HERE);
}

type Sent = Parameters<RequestHandler>[0];

/** What every write of one resource begins with: its type, whether the client may, where it goes, what is not offered. */
function writing(
  parts: EhrParts,
  action: 'c' | 'u' | 'd',
  carryOut: (req: Sent, res: Response, type: string, request: EhrRequest) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    const type = typeOf(req);
    if (isRefusal(type)) return refuse(res, type);
    const denied = scopeRefusal(clientOf(res), type, action);
    if (denied) return refuseAccess(res, denied);
    const request = requestOf(parts, req, res);
    if (isRefusal(request)) return refuse(res, request);
    const unoffered = conditionRefusal(req.headers);
    if (unoffered) return refuse(res, unoffered);
    await carryOut(req, res, type, request);
  };
}

async function write(
  parts: EhrParts,
  request: EhrRequest,
  req: Sent,
  res: Response,
  resource: FhirResource,
  condition: Precondition | null,
): Promise<void> {
  const [arrival] = arrivalsOf(resource, request.place, false);
  const [done] = await pushed(parts, request, [{ arrival: arrival!, condition, supersedes: true }], {
    atomic: false,
  });
  const answer = answerOf(done!, req.method as 'POST' | 'PUT');
  sendAnswer(req, res, answer, request.base, resource, request.at);
}

/** The resource of a body, of the type that the path names. */
async function bodyOf(parts: EhrParts, req: Sent, type: string): Promise<FhirResource | HttpRefusal> {
  const read = await readJson(req, parts.limits);
  if (!read.ok) return read.refusal;
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
const OTHER_ID: HttpRefusal = {
  status: 400,
  code: 'other-id',
  issue: 'value',
  message: 'The resource has no id, or another one than the request names. Correct one.',
};
const NO_ID: HttpRefusal = {
  status: 400,
  code: 'criteria',
  issue: 'required',
  message: 'Name the resource by its id, or by ?identifier=system|value.',
};
const SEVERAL: HttpRefusal = {
  status: 412,
  code: 'several-match',
  issue: 'conflict',
  message: 'Several resources carry this identifier: merge them at the source, or name one by its id.',
};
