import type { Request, RequestHandler, Response } from 'express';
import type { Site } from '../../study/site.ts';
import { localsOf } from '../locals.ts';
import { type HttpRefusal, refuse } from '../respond.ts';

/** Whether the scopes of who asks allow an action (SMART v2: create, read, update, delete, search) on a type. */
export type Allows = (res: Response, type: string, action: 'c' | 'r' | 'u' | 'd' | 's') => boolean;

export interface AccessParts {
  sites: ReadonlyMap<string, Site>;
  /** URL under which clients reach the service, without a closing slash. */
  publicUrl: string;
  allows: Allows;
}

/** Where a request is, once it may be there. */
export interface At {
  site: Site;
  /** URL of the site's FHIR base, without a closing slash. */
  base: string;
  /** Our id of the client. */
  client: string;
}

const OTHER_SITE: HttpRefusal = {
  status: 403,
  code: 'other-site',
  issue: 'forbidden',
  message: 'The client belongs to another site than this base.',
};
export const SCOPE: HttpRefusal = {
  status: 403,
  code: 'scope-insufficient',
  issue: 'forbidden',
  message: 'The scopes of the access token do not cover this.',
};

/** The site of a request; null when it is not that of the client, whoever let it pass so far. */
export function siteOf(res: Response, { sites, publicUrl }: Omit<AccessParts, 'allows'>): At | null {
  const site = sites.get(String(res.req.params.site));
  const { client } = localsOf(res);
  if (!site || client?.site !== site.id) return null;
  return { site, base: `${publicUrl}/ehr/${encodeURIComponent(site.id)}/fhir`, client: client.id };
}

/** Runs a handler for clients of the site whose scopes cover it; the others are answered 403. */
export function granted(
  parts: AccessParts,
  type: string,
  action: Parameters<Allows>[2],
  handle: (req: Request, res: Response, at: At) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    const at = siteOf(res, parts);
    if (!at) refuse(res, OTHER_SITE);
    else if (!parts.allows(res, type, action)) refuseScope(res);
    else await handle(req, res, at);
  };
}

/** 403 with the challenge of RFC 6750, section 3.1. */
export function refuseScope(res: Response): void {
  res.set('WWW-Authenticate', `Bearer realm="study-gateway", error="insufficient_scope"`);
  refuse(res, SCOPE);
}

/** 403: no client of this site. */
export function refuseSite(res: Response): void {
  refuse(res, OTHER_SITE);
}
