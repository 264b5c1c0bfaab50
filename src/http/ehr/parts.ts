import type { Request, Response } from 'express';
import { R4_TYPES } from '../../fhir/shape/types.ts';
import type { Gateway } from '../../pipeline/gateway.ts';
import { isFailure, type Pushed, type PushItem, push } from '../../pipeline/push.ts';
import type { Site } from '../../study/site.ts';
import { clientOf } from '../auth/authenticated.ts';
import type { BodyLimits } from '../limits.ts';
import { localsOf } from '../locals.ts';
import type { HttpRefusal } from '../respond.ts';
import type { Ahead } from './ahead/pool.ts';

/** What the routes of an EHR are made of. */
export interface EhrParts {
  gateway: Gateway;
  limits: BodyLimits;
  /** Reads large Bundles in a thread; without it they are read as all others. */
  ahead?: Ahead | undefined;
  /** Whether a resource is one of ours, which hospitals read at the same base; without it none is. */
  isMadeHere?: (type: string, site: string, id: string) => Promise<boolean>;
  /** URL under which clients reach the service, without a slash at the end. */
  publicUrl: string;
  /** Called when something became durable that somebody is to be screened for. */
  onWritten(): void;
  /** Called when something is about to be written; what it returns, once it is. */
  onWriting(): () => void;
  /** Counts what became of each resource; outcome is a code. */
  count(site: string, outcome: string): void;
}

/** Who asks for what: the site of the route, the site's base URL, and where a thing stood for messages. */
export interface EhrRequest {
  site: Site;
  base: string;
  gateway: Gateway;
  place: { file: string; line: null; entry: null };
  /** ISO 8601 */
  at: string;
}

const NO_SITE: HttpRefusal = {
  status: 404,
  code: 'site-unknown',
  issue: 'not-found',
  message: 'There is no such site.',
};

/** The request in the terms of the pipeline; a refusal for a site that is not known. */
export function requestOf(parts: EhrParts, req: Request, res: Response): EhrRequest | HttpRefusal {
  const site = parts.gateway.sites.get(String(req.params.site));
  if (!site) return NO_SITE;
  const actor = `client:${clientOf(res).id}`;
  return {
    site,
    base: `${parts.publicUrl}/ehr/${site.id}/fhir`,
    gateway: { ...parts.gateway, actor },
    place: { file: localsOf(res).id, line: null, entry: null },
    at: new Date(parts.gateway.clock()).toISOString(),
  };
}

/** Writes, counts, and tells that there is something to screen. */
export async function pushed(
  parts: EhrParts,
  { gateway, site }: EhrRequest,
  items: readonly PushItem[],
  options: { atomic: boolean },
): Promise<Pushed[]> {
  const over = parts.onWriting();
  const done = await push(gateway, site, items, options).finally(over);
  for (const one of done) parts.count(site.id, outcomeCode(one));
  if (done.some((one) => (one.kind === 'written' || one.kind === 'decided') && !isFailure(one))) parts.onWritten();
  return done;
}

function outcomeCode(one: Pushed): string {
  if (one.kind === 'written') return one.outcome;
  if (one.kind === 'refused') return one.refused.reason;
  return one.kind;
}

const AT_BASE: HttpRefusal = {
  status: 422,
  code: 'bundle-type',
  issue: 'processing',
  message: 'Bundles are not kept as such: send it to the base, and its entries are taken in.',
};

/** The resource type of a path; a refusal for what R4 does not have, and for Bundles. */
export function typeOf(req: Request): string | HttpRefusal {
  const type = String(req.params.type);
  if (type === 'Bundle') return AT_BASE;
  if (R4_TYPES.has(type)) return type;
  const message = 'R4 has no such resource type; types are written with a capital letter.';
  return { status: 404, code: 'unknown-type', issue: 'not-supported', message };
}
