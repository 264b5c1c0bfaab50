import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { readJsonBody } from '../../fhir/json-body.ts';
import { type Notification, readNotification } from '../../intake/notification.ts';
import { checkSignature, SIGNATURE_HEADERS } from '../../intake/signature.ts';
import type { Acted, NotReadable } from '../../pipeline/notified.ts';
import type { Site } from '../../study/site.ts';
import { refuse } from '../respond.ts';
import { faultRefusal, jsonRefusal, NOTIFY_REFUSALS } from './refusals.ts';

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
  router.post(endpoint, raw, deliver);
  router.put(`${endpoint}/:type/:id`, raw, deliver);
  router.delete(`${endpoint}/:type/:id`, raw, deliver);
  router.all(endpoint, (_, res) => refuse(res.set('Allow', 'POST'), NOTIFY_REFUSALS.method));
  router.all(`${endpoint}/:type/:id`, (_, res) => refuse(res.set('Allow', 'PUT, DELETE'), NOTIFY_REFUSALS.method));
  router.use(endpoint, unread);
  return router;
}

async function take(parts: NotifyParts, req: Request, res: Response): Promise<void> {
  const site = parts.sites.get(String(req.params.site));
  if (!site) return refuse(res, NOTIFY_REFUSALS.site);
  const client = res.locals.client as { site?: unknown } | undefined;
  if (client && client.site !== site.id) return refuse(res, NOTIFY_REFUSALS.otherSite);

  const body: Buffer = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  const secrets = parts.secretsOf(site.id);
  const own = site.connection?.signatureHeader;
  const signed = checkSignature(body, req.headers, own ? [own] : SIGNATURE_HEADERS, secrets);
  if (secrets.length === 0) {
    // A signature that nobody can check says nothing.
    if (!client) return refuse(res, NOTIFY_REFUSALS.client);
  } else if (signed !== 'valid') {
    return refuse(res, signed === 'missing' ? NOTIFY_REFUSALS.unsigned : NOTIFY_REFUSALS.signature);
  }

  if (body.length > 0 && !req.is(['application/fhir+json', 'application/json'])) {
    return refuse(res, NOTIFY_REFUSALS.mediaType);
  }
  const json = body.length > 0 ? readJsonBody(body) : { ok: true as const, value: null };
  if (!json.ok) return refuse(res, jsonRefusal(json.code, json.message));
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
