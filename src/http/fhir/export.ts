import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import { NOT_FOUND } from '../../registry/answer.ts';
import type { KickOff } from '../../registry/export/kick-off.ts';
import type { EhrRoute } from '../ehr/router.ts';
import { readJson } from '../limits.ts';
import { localsOf } from '../locals.ts';
import { type HttpRefusal, issueOf, outcomeOf, refuse, sendFhir } from '../respond.ts';
import { NO_PARAMETERS, parametersOf } from './parameters.ts';
import type { FhirParts } from './parts.ts';
import { handlingOf, queryOf, viewerOf } from './viewer.ts';

const FHIR_NDJSON = 'application/fhir+ndjson';
/** Seconds. */
const RETRY_AFTER = '2';

/** Routes of bulk export (Bulk Data Access 2.0): kick-off at three levels, status, files, deletion. */
export function exportRoutes(parts: FhirParts): EhrRoute[] {
  const levels = [
    { path: '/$export', level: 'system' },
    { path: '/Patient/$export', level: 'patient' },
    { path: '/Group/:id/$export', level: 'group' },
  ] as const;
  return [
    ...levels.flatMap(({ path, level }): EhrRoute[] => [
      { method: 'get', path, handler: kickOff(parts, level) },
      { method: 'post', path, handler: kickOff(parts, level) },
    ]),
    { method: 'get', path: '/export/:id', handler: status(parts) },
    { method: 'delete', path: '/export/:id', handler: remove(parts) },
    { method: 'get', path: '/export/:id/:file', handler: file(parts) },
  ];
}

function kickOff(parts: FhirParts, level: KickOff['level']): RequestHandler {
  return async (req, res) => {
    const posted = req.method === 'POST';
    const given = posted ? await postedParameters(req, parts) : queryOf(req);
    if ('status' in given) return refuse(res, given);
    if (!/\brespond-async\b/i.test(String(req.headers.prefer ?? ''))) return refuse(res, NOT_ASYNC);
    const viewer = viewerOf(res, parts.lensFor);
    if (!viewer) return;
    const taken = await parts.exports.kickOff(viewer, {
      request: `${parts.desk.base}${req.originalUrl.slice(req.baseUrl.length)}`,
      level,
      group: level === 'group' ? String(req.params.id) : null,
      given,
      lenient: handlingOf(req) === 'lenient',
      posted,
    });
    if ('status' in taken) {
      if (taken.status === 429) res.set('Retry-After', RETRY_AFTER);
      return refuse(res, taken);
    }
    res.set('Content-Location', `${parts.desk.base}/export/${taken.id}`);
    sendFhir(res, 202, { resourceType: 'OperationOutcome', issue: [issueOf(TAKEN, 'information')] });
  };
}

async function postedParameters(req: Request, { limits }: FhirParts): Promise<URLSearchParams | HttpRefusal> {
  const body = await readJson(req, limits);
  return body.ok ? (parametersOf(body.value) ?? NO_PARAMETERS) : body.refusal;
}

function status(parts: FhirParts): RequestHandler {
  return async (req, res) => {
    const viewer = viewerOf(res, parts.lensFor);
    if (!viewer) return;
    const told = await parts.exports.status(viewer, String(req.params.id));
    if (!told) return refuse(res, NOT_FOUND);
    if (told.state === 'waiting') {
      res.status(202).set({ 'X-Progress': told.progress, 'Retry-After': RETRY_AFTER }).end();
      return;
    }
    if (told.state === 'failed') {
      localsOf(res).codes = [told.code];
      return sendFhir(res, 500, outcomeOf({ ...FAILED, code: told.code }));
    }
    res.set('Expires', new Date(told.expiresAt).toUTCString()).json(told.manifest);
  };
}

function remove(parts: FhirParts): RequestHandler {
  return async (req, res) => {
    const viewer = viewerOf(res, parts.lensFor);
    if (!viewer) return;
    if (!(await parts.exports.remove(viewer, String(req.params.id)))) return refuse(res, NOT_FOUND);
    res.status(202).end();
  };
}

/** A file: packed for whoever takes gzip, in parts for whoever asks for a range. */
function file(parts: FhirParts): RequestHandler {
  return async (req, res, next) => {
    const viewer = viewerOf(res, parts.lensFor);
    if (!viewer) return;
    const number = /^(\d{1,9})\.ndjson$/.exec(String(req.params.file))?.[1];
    const found = number ? await parts.exports.file(viewer, String(req.params.id), Number(number)) : NOT_FOUND;
    if ('status' in found) return refuse(res, found);
    res.type(FHIR_NDJSON).vary('Accept-Encoding');
    if (req.headers.range === undefined && req.acceptsEncodings('gzip', 'identity') === 'gzip') {
      await sendPacked(req, res, found.path);
      return;
    }
    res.sendFile(found.path, { dotfiles: 'allow', cacheControl: false, lastModified: false }, (error) => {
      if (!error) return;
      if (res.headersSent) res.destroy();
      else if ('status' in error && error.status === 416) sendFhir(res, 416, outcomeOf(RANGE));
      else next(error);
    });
  };
}

async function sendPacked(req: Request, res: Response, path: string): Promise<void> {
  res.set('Content-Encoding', 'gzip');
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  try {
    await pipeline(createReadStream(path), createGzip({ level: 1 }), res);
  } catch {
    // The client went away, or was told nothing whole.
    res.destroy();
  }
}

const TAKEN = {
  code: 'export-taken',
  issue: 'informational',
  message: 'Ask at Content-Location how far it is.',
} as const;
const NOT_ASYNC: HttpRefusal = {
  status: 400,
  code: 'respond-async',
  issue: 'not-supported',
  message: 'Exports are made in the background only. Send Prefer: respond-async.',
};
const RANGE = {
  code: 'range',
  issue: 'invalid',
  message: 'The file is shorter than the range that was asked for.',
} as const;
const FAILED = {
  issue: 'exception',
  message: 'The export could not be made. Delete it, and ask again; tell the operator if it happens again.',
} as const;
