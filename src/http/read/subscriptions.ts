import type { Request, RequestHandler, Response, Router } from 'express';
import type { FhirResource } from '../../fhir/resource.ts';
import type { ShapeCheck } from '../../fhir/shape/check.ts';
import { isObject } from '../../intake/json.ts';
import type { NoticeBell } from '../../pipeline/notice-bell.ts';
import { resubscribe, type SubscribeParts, subscribe, unsubscribe } from '../../pipeline/subscribe.ts';
import { readSubscription, SECRET_EXTENSION, type SubscriptionRequest } from '../../pipeline/subscription-request.ts';
import { subscriptionResource } from '../../views/hospital-resources.ts';
import { UNOFFERED } from '../ehr/condition.ts';
import { type BodyLimits, readJson } from '../limits.ts';
import { type HttpRefusal, refuse } from '../respond.ts';
import { type AccessParts, type At, granted, refuseScope } from './access.ts';
import { SUBSCRIBE, UNKNOWN } from './refusals.ts';
import { sendVersion } from './routes.ts';

export interface SubscriptionParts extends AccessParts, SubscribeParts {
  limits: BodyLimits;
  /** Rung for the handshake. */
  bell: NoticeBell;
  shape: ShapeCheck;
  /** Allows endpoints of `http://` on loopback, for trials on one machine. */
  loopbackHttp: boolean;
}

const WRONG_TYPE: HttpRefusal = {
  status: 400,
  code: 'wrong-type',
  issue: 'invalid',
  message: 'The body must be a Subscription.',
  expression: 'Resource.resourceType',
};
const WRONG_ID: HttpRefusal = {
  status: 400,
  code: 'id-mismatch',
  issue: 'invalid',
  message: 'The id of the body must be that of the address.',
  expression: 'Subscription.id',
};

const NAMELESS: HttpRefusal = {
  status: 405,
  code: 'subscription-id',
  issue: 'not-supported',
  message: 'A Subscription is replaced by its id: PUT /Subscription/<id>.',
};

/** Creates, replaces and deletes Subscriptions at a hospital's base; to be registered before the intake of resources. */
export function hospitalSubscriptions(router: Router, parts: SubscriptionParts): void {
  router.use('/Subscription', byIdAlone);
  router.post(
    '/Subscription',
    granted(parts, 'Subscription', 'c', async (req, res, at) => {
      const request = await requestOf(parts, req, res, at, null);
      if (!request) return;
      const made = await subscribe(parts, { site: at.site.id, client: at.client }, request);
      if (typeof made === 'string') return refuse(res, SUBSCRIBE[made]);
      parts.bell.ring(at.site.id);
      const resource = subscriptionResource(made.row);
      const shown = { ...resource, extension: [{ url: SECRET_EXTENSION, valueString: made.secret }] };
      res.set('Location', `${at.base}/Subscription/${made.row.id}`);
      sendVersion(res, 201, made.secret === null ? resource : shown);
    }),
  );
  router.put(
    '/Subscription/:id',
    granted(parts, 'Subscription', 'u', async (req, res, at) => {
      const id = String(req.params.id);
      const request = await requestOf(parts, req, res, at, id);
      if (!request) return;
      const by = { site: at.site.id, client: at.client };
      const made = await resubscribe(parts, by, id, request, versionIn(req));
      if (typeof made === 'string') return refuse(res, SUBSCRIBE[made]);
      parts.bell.ring(at.site.id);
      sendVersion(res, 200, subscriptionResource(made.row));
    }),
  );
  router.delete(
    '/Subscription/:id',
    granted(parts, 'Subscription', 'd', async (req, res, at) => {
      const by = { site: at.site.id, client: at.client };
      const done = await unsubscribe(parts, by, String(req.params.id), versionIn(req));
      if (done === 'unknown') refuse(res, UNKNOWN);
      else if (done === 'stale') refuse(res, SUBSCRIBE.stale);
      else res.status(204).end();
    }),
  );
}

/** Nothing here has criteria: what would take a Subscription for a resource of the hospital must not get it. */
const byIdAlone: RequestHandler = (req, res, next) => {
  if (req.method === 'PUT' && req.path === '/') {
    res.set('Allow', 'POST, GET, HEAD');
    refuse(res, NAMELESS);
  } else if (req.headers['if-none-exist'] !== undefined) refuse(res, UNOFFERED);
  else next();
};

/** What a body asks for; null when it was refused. */
async function requestOf(
  { limits, shape, loopbackHttp, allows }: SubscriptionParts,
  req: Request,
  res: Response,
  { site }: At,
  id: string | null,
): Promise<SubscriptionRequest | null> {
  const body = await readJson(req, limits);
  if (!body.ok) return refusedWith(res, body.refusal);
  const resource = body.value as FhirResource;
  if (!isObject(resource) || resource.resourceType !== 'Subscription') return refusedWith(res, WRONG_TYPE);
  const [fault] = shape.check(resource);
  if (fault) {
    const { message, expression } = fault;
    return refusedWith(res, { status: 400, code: 'shape', issue: 'structure', message, expression });
  }
  if (id !== null && resource.id !== id) return refusedWith(res, WRONG_ID);
  const read = readSubscription(resource, { hosts: site.subscriptionHosts, loopbackHttp });
  if (!read.ok) return refusedWith(res, { status: 422, issue: 'business-rule', ...read.fault });
  // Who is told of a type must be allowed to read it.
  if (allows(res, read.value.type, 'r')) return read.value;
  refuseScope(res);
  return null;
}

function refusedWith(res: Response, refusal: HttpRefusal): null {
  refuse(res, refusal);
  return null;
}

/** The version of If-Match; null when any will do. What is no version of ours fits none. */
function versionIn(req: Request): number | null {
  const given = req.get('if-match');
  if (given === undefined) return null;
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given.trim()) ?? [];
  return version === undefined ? -1 : Number(version);
}
