import type { Request, RequestHandler, Response } from 'express';
import { type Base, baseOf } from '../../auth/client.ts';
import { type AuthRefusal, authRefusal, isAuthRefusal } from '../../auth/refusal.ts';
import { type Action, allows } from '../../auth/scopes.ts';
import type { Auth } from '../../auth/service.ts';
import type { ClientIdentity } from '../../auth/token.ts';
import { refuseAccess } from './refuse.ts';

/**
 * Lets nobody pass but clients of this base, and of this site where the path has a `:site`: mount it so that it sees
 * that parameter (`app.use('/ehr/:site/fhir', authenticated(auth, { base: 'ehr' }), …)`). Whom it lets pass is
 * `clientOf(res)`.
 */
export function authenticated(auth: Pick<Auth, 'identify'>, { base }: { base: Base }): RequestHandler {
  return async (req, res, next) => {
    const client = await auth.identify(req.headers.authorization);
    const refusal = isAuthRefusal(client) ? client : outOfReach(client, base, req.params.site);
    if (refusal) return refuseAccess(res, refusal);
    res.locals.client = client;
    next();
  };
}

function outOfReach(client: ClientIdentity, base: Base, site: unknown): AuthRefusal | null {
  if (baseOf(client) !== base) return authRefusal('other-base');
  // A base of sites mounted without :site lets nobody pass.
  return client.site === (site ?? null) ? null : authRefusal('other-site');
}

/** Who makes the request. Throws on a route that is not behind `authenticated`. */
export function clientOf(res: Response): ClientIdentity {
  const client: ClientIdentity | undefined = res.locals.client;
  if (!client) throw new Error('The route is not behind authenticated().');
  return client;
}

/**
 * Lets only clients pass whose scopes allow an action on a resource type.
 * @param type a type, or where the request names it
 */
export function requireScope(type: string | ((req: Request) => string), action: Action): RequestHandler {
  return (req, res, next) => {
    const refusal = scopeRefusal(clientOf(res), typeof type === 'string' ? type : type(req), action);
    if (refusal) refuseAccess(res, refusal);
    else next();
  };
}

/** The same question for handlers that learn the type only from the body (a Bundle's entries). */
export function scopeRefusal(client: ClientIdentity, type: string, action: Action): AuthRefusal | null {
  return allows(client.scopes, type, action) ? null : authRefusal('scope-insufficient');
}
