import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { type Notification, readNotification } from '../../intake/notification.ts';
import { checkSignature, SIGNATURE_HEADERS } from '../../intake/signature.ts';
import type { Acted, NotReadable } from '../../pipeline/notified.ts';
import type { Site } from '../../study/site.ts';
import { CHALLENGE } from '../auth/refuse.ts';
import { parseJson } from '../json-text.ts';
import { type HttpRefusal, refuse } from '../respond.ts';
import { faultRefusal, NOTIFY_REFUSALS } from './refusals.ts';

export interface NotifyParts {
  sites: ReadonlyMap<string, Site>;
  /** Secrets with which the server of a site signs; empty when it does not. */
  secretsOf: (site: string) => readonly Buffer[];
  /** Acts on a notification; durable when it resolves (pipeline, takeNotified). */
  notified: (site: Site, notification: Notification, signed: boolean) => Promise<Acted | NotReadable>;
  /** Work was queued. */
  wake: () => void;
  /** Longest body, in bytes. */
  maxBytes: number;
  /** Deepest nesting of its JSON. */
  maxDepth: number;
}

/** Medplum names a deleted resource here, and sends `{}`. */
const DELETED = 'x-medplum-deleted-resource';

/**
 * Where hospitals' servers deliver notifications: `POST /ehr/{site}/notify`, and `PUT` or `DELETE
 * /ehr/{site}/notify/{type}/{id}` (R4 Subscription, "REST Hook": a payload is delivered as an update of the endpoint).
 * Answered 202 when something was queued to be read again, 200 when nothing was; either is durable by then. The sender
 * must be a client of the site (`res.locals.client`, set by whoever is in front) or have signed; where a secret is
 * agreed, it must have signed.
 */
export function notifyRouter(parts: NotifyParts): Router {
  const router = express.Router();
  // Not unpacked: what was signed are the bytes as they came.
  const raw = express.raw({ type: () => true, limit: parts.maxBytes, inflate: false });
  const deliver = (req: Request, res: Response) => take(parts, req, res);
  const endpoint = '/ehr/:site/notify';
  const admitted = (req: Request, res: Response, next: NextFunction) => {
    const refusal = strangerAt(parts, req, res);
    if (!refusal) return next();
    if (refusal.status === 401) res.set('WWW-Authenticate', CHALLENGE);
    refuse(res, refusal);
  };
  router.post(endpoint, admitted, raw, deliver);
  router.put(`${endpoint}/:type/:id`, admitted, raw, deliver);
  router.delete(`${endpoint}/:type/:id`, admitted, raw, deliver);
  router.all(endpoint, (_, res) => refuse(res.set('Allow', 'POST'), NOTIFY_REFUSALS.method));
  router.all(`${endpoint}/:type/:id`, (_, res) => refuse(res.set('Allow', 'PUT, DELETE'), NOTIFY_REFUSALS.method));
  router.use(endpoint, unread);
  return router;
}

/** What can be refused before the body is read; null when nothing is. */
function strangerAt(parts: NotifyParts, req: Request, res: Response): HttpRefusal | null {
  const site = parts.sites.get(String(req.params.site));
  if (!site) return NOTIFY_REFUSALS.site;
  const client = res.locals.client as { site?: unknown } | undefined;
  if (client) return client.site === site.id ? null : NOTIFY_REFUSALS.otherSite;
  // A signature that nobody can check says nothing.
  return parts.secretsOf(site.id).length > 0 ? null : NOTIFY_REFUSALS.client;
}

async function take(parts: NotifyParts, req: Request, res: Response): Promise<void> {
  const site = parts.sites.get(String(req.params.site))!;
  const body: Buffer = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  const secrets = parts.secretsOf(site.id);
  const own = site.connection?.signatureHeader;
  const signed = checkSignature(body, req.headers, own ? [own] : SIGNATURE_HEADERS, secrets);
  if (secrets.length > 0 && signed !== 'valid') {
    res.set('WWW-Authenticate', CHALLENGE);
    return refuse(res, signed === 'missing' ? NOTIFY_REFUSALS.unsigned : NOTIFY_REFUSALS.signature);
  }

  if (body.length > 0 && !req.is(['application/fhir+json', 'application/json'])) {
    return refuse(res, NOTIFY_REFUSALS.mediaType);
  }
  const json = body.length > 0 ? parseJson(body, parts.maxDepth) : { ok: true as const, value: null };
  if (!json.ok) return refuse(res, json.refusal);
  const bases = [site.fhirBase, ...(site.connection ? [site.connection.base] : [])];
  const notification = readNotification(json.value, { path: pathOf(req), bases });
  if ('code' in notification) return refuse(res, faultRefusal(notification));

  const done = await parts.notified(site, notification, signed === 'valid' && secrets.length > 0);
  if (done.kind === 'not-readable') return refuse(res, NOTIFY_REFUSALS.noConnection);
  if (done.queued > 0) parts.wake();
  res.status(done.queued > 0 ? 202 : 200).end();
}

function pathOf(req: Request): { type: string; id: string } | null {
  const { type, id } = req.params;
  if (type !== undefined) return { type: String(type), id: String(id) };
  const deleted = req.get(DELETED);
  if (deleted === undefined) return null;
  const [named, rest] = deleted.split(/\/(.*)/s);
  return { type: named ?? '', id: rest ?? '' };
}

/** What express.raw gives up on; anything else is for the one who mounts this. */
function unread(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const status = (error as { status?: unknown }).status;
  const known = { 400: NOTIFY_REFUSALS.unfinished, 413: NOTIFY_REFUSALS.tooLong, 415: NOTIFY_REFUSALS.mediaType };
  const refusal = known[status as keyof typeof known];
  if (refusal) refuse(res, refusal);
  else next(error);
}
