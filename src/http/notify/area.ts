import { Router } from 'express';
import type { Auth } from '../../auth/service.ts';
import type { Area } from '../app.ts';
import { authenticated } from '../auth/authenticated.ts';
import { type NotifyParts, notifyRouter } from './router.ts';

/**
 * Where hospitals' servers deliver notifications. A token is looked at where there is one; a server that only signs has
 * none, and the router asks for its signature.
 */
export function notifyArea(auth: Auth, parts: NotifyParts): Area {
  const router = Router({ caseSensitive: true });
  const known = authenticated(auth, { base: 'ehr' });
  router.use('/ehr/:site/notify', (req, res, next) =>
    req.headers.authorization === undefined ? next() : known(req, res, next),
  );
  router.use(notifyRouter(parts));
  return { mount: '/', router };
}
