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
    // Where there is more to be said, nothing was written now.
    if (outcome === null) res.set('Last-Modified', new Date(at).toUTCString());
  }
  const wish = preferred(req);
  if (status === 204 || (status < 400 && wish === 'minimal')) {
    res.status(status).end();
    return;
  }
  const shown = wish === 'representation' ? shownOf(answer, resource, at) : null;
  sendFhir(res, status, shown ?? outcome ?? ALL_WELL);
}

const ALL_WELL = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Taken in.' }],
};

/**
 * What can be shown of what stands: what was sent, where it was written; of another that was found its name and version
 * only, marked as not the whole (R4, resource.html#simple-tags); null where neither is so.
 * @param resource what was sent
 * @param at when (ISO 8601)
 */
export function shownOf(
  { status, name, revision, outcome, found }: Answer,
  resource: object | null,
  at: string,
): object | null {
  if (name === null || resource === null || status >= 400 || status === 204) return null;
  const [resourceType, id] = name.split('/');
  const version = revision === null ? {} : { versionId: String(revision) };
  if (found) return { resourceType, id, meta: { ...version, tag: [SUBSETTED] } };
  if (outcome) return null;
  const { meta, ...rest } = resource as { meta?: object };
  return { ...rest, id, meta: { ...meta, ...version, lastUpdated: at } };
}

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
