import type { Request, Response } from 'express';
import { localsOf } from '../locals.ts';
import { sendFhir } from '../respond.ts';
import type { Answer } from './answer.ts';

/** What an answer should hold (R4, http.html#ops: `Prefer: return=…`). */
export type Return = 'minimal' | 'representation' | 'OperationOutcome';

/** What the sender prefers; the resource as it stands, where nothing is said. */
export function preferred(req: Request): Return {
  const said = /\breturn\s*=\s*"?(minimal|representation|OperationOutcome)\b/i.exec(String(req.headers.prefer ?? ''));
  const word = said?.[1]?.toLowerCase();
  return word === 'minimal' ? 'minimal' : word === 'operationoutcome' ? 'OperationOutcome' : 'representation';
}

/** ETag of a counter (R4, http.html#versioning). */
export const etagOf = (revision: number) => `W/"${revision}"`;

/**
 * Sends the answer to one write.
 * @param base URL of the site's FHIR base, without a slash at the end
 * @param resource what was sent; null for a deletion
 * @param at when it was written (ISO 8601)
 */
export function sendAnswer(
  req: Request,
  res: Response,
  answer: Answer,
  base: string,
  resource: object | null,
  at: string,
): void {
  const { status, name, revision, outcome, codes } = answer;
  localsOf(res).codes = [...(localsOf(res).codes ?? []), ...codes];
  if (status < 400 && name !== null) {
    const version = revision === null ? '' : `/_history/${revision}`;
    if (status === 201 || req.method === 'POST') res.set('Location', `${base}/${name}${version}`);
    if (revision !== null) res.set('ETag', etagOf(revision));
    res.set('Last-Modified', new Date(at).toUTCString());
  }
  const wish = preferred(req);
  if (status === 204 || (status < 400 && wish === 'minimal')) {
    res.status(status).end();
    return;
  }
  if (outcome) sendFhir(res, status, outcome);
  else if (wish === 'OperationOutcome' || resource === null || name === null) sendFhir(res, status, ALL_WELL);
  else sendFhir(res, status, asStands(resource, name, revision, at));
}

const ALL_WELL = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Taken in.' }],
};

/** What was sent, with the id and version it has here. */
export function asStands(resource: object, name: string, revision: number | null, at: string): object {
  const { meta, ...rest } = resource as { meta?: object };
  const version = revision === null ? {} : { versionId: String(revision) };
  return { ...rest, id: name.slice(name.indexOf('/') + 1), meta: { ...meta, ...version, lastUpdated: at } };
}
