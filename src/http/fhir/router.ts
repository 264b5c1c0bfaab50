import type { Request, RequestHandler, Response } from 'express';
import type { Answer } from '../../registry/answer.ts';
import { batch } from '../../registry/batch.ts';
import { answerGet } from '../../registry/get.ts';
import { search } from '../../registry/search/search.ts';
import { contentRefusal } from '../content.ts';
import { etagOf } from '../ehr/prefer.ts';
import type { EhrRoute } from '../ehr/router.ts';
import { formatRefusal } from '../format.ts';
import { readBytes, readJson } from '../limits.ts';
import { refuse, sendFhir } from '../respond.ts';
import { NO_PARAMETERS, parametersOf } from './parameters.ts';
import type { FhirParts } from './parts.ts';
import { handlingOf, queryOf, viewerOf } from './viewer.ts';

const FORM = 'application/x-www-form-urlencoded';
const SEGMENTS = ['type', 'id', 'third', 'version', 'more'] as const;

/** The reading routes of the research API. */
export function readRoutes(parts: FhirParts): EhrRoute[] {
  const get = answering(parts, (viewer, req, query, strict) => {
    const segments = SEGMENTS.flatMap((name) => (req.params[name] === undefined ? [] : [String(req.params[name])]));
    return answerGet(parts.desk, viewer, segments, query, strict);
  });
  const paths = SEGMENTS.map(
    (_, index) =>
      `/${SEGMENTS.slice(0, index + 1)
        .map((name) => `:${name}`)
        .join('/')}`,
  );
  return [
    { method: 'post', path: '/:type/_search', handler: postedSearch(parts) },
    { method: 'post', path: '/:type/:id/$everything', handler: postedEverything(parts) },
    { method: 'post', path: '/', handler: postedBatch(parts) },
    ...paths.map((path): EhrRoute => ({ method: 'get', path, handler: get })),
  ];
}

type Answering = (
  viewer: NonNullable<ReturnType<typeof viewerOf>>,
  req: Request,
  query: URLSearchParams,
  strict: boolean,
) => Promise<Answer>;

function answering({ lensFor }: FhirParts, answer: Answering): RequestHandler {
  return async (req, res) => {
    const query = queryOf(req);
    const refusal = formatRefusal(req, query);
    if (refusal) return refuse(res, refusal);
    const viewer = viewerOf(res, lensFor);
    if (viewer) send(req, res, await answer(viewer, req, query, handlingOf(req) === 'strict'));
  };
}

/** POST …/_search: the parameters come as a form, in the address, or both (R4, http.html#search). */
function postedSearch(parts: FhirParts): RequestHandler {
  return async (req, res) => {
    const refusal = contentRefusal(req, [FORM]);
    if (refusal) return refuse(res, refusal);
    const read = await readBytes(req, parts.limits.maxBodyBytes);
    if (!read.ok) return refuse(res, read.refusal);
    const query = new URLSearchParams([...queryOf(req), ...new URLSearchParams(read.bytes.toString('utf8'))]);
    const viewer = viewerOf(res, parts.lensFor);
    const strict = handlingOf(req) === 'strict';
    if (viewer) send(req, res, await search(parts.desk, viewer, String(req.params.type), query, strict));
  };
}

/** An operation that changes nothing may be asked by POST too (R4, operations.html#executing). */
function postedEverything(parts: FhirParts): RequestHandler {
  return async (req, res) => {
    const body = await readJson(req, parts.limits);
    if (!body.ok) return refuse(res, body.refusal);
    const query = parametersOf(body.value);
    if (!query) return refuse(res, NO_PARAMETERS);
    const viewer = viewerOf(res, parts.lensFor);
    const segments = [String(req.params.type), String(req.params.id), '$everything'];
    const strict = handlingOf(req) === 'strict';
    if (viewer) send(req, res, await answerGet(parts.desk, viewer, segments, query, strict));
  };
}

function postedBatch(parts: FhirParts): RequestHandler {
  return async (req, res) => {
    const body = await readJson(req, parts.limits);
    if (!body.ok) return refuse(res, body.refusal);
    const viewer = viewerOf(res, parts.lensFor);
    if (viewer) send(req, res, await batch(parts.desk, viewer, body.value, handlingOf(req) === 'strict'));
  };
}

function send(req: Request, res: Response, answer: Answer): void {
  if (!answer.ok) {
    refuse(res, answer.refusal);
    return;
  }
  const { version, resource } = answer;
  if (version) {
    const etag = etagOf(version.number);
    res.set({ ETag: etag, 'Last-Modified': new Date(version.lastUpdated).toUTCString() });
    // R4, http.html#cread
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end();
      return;
    }
  }
  sendFhir(res, 200, resource);
}
