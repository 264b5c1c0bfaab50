import type { ErrorRequestHandler, RequestHandler } from 'express';
import { faultOf, framesOf } from '../operations/fault.ts';
import type { Log } from '../operations/log.ts';
import { tooLarge } from './limits.ts';
import { localsOf, routeOf } from './locals.ts';
import { type HttpRefusal, outcomeOf, refuse, sendFhir } from './respond.ts';

const NO_ROUTE: HttpRefusal = {
  status: 404,
  code: 'no-such-route',
  issue: 'not-found',
  message: 'There is nothing at this address. The CapabilityStatement says what there is.',
};

const NO_HOST: HttpRefusal = {
  status: 400,
  code: 'not-http',
  issue: 'structure',
  message: 'A request of HTTP/1.1 has the header Host (RFC 9112, section 3.2).',
};

/** Refuses a request of HTTP/1.1 that does not say to which host it goes. */
export const hostNamed: RequestHandler = (req, res, next) => {
  if (req.headers.host === undefined && req.httpVersion === '1.1') refuse(res, NO_HOST);
  else next();
};

/** The last of all routes. */
export const notFound: RequestHandler = (_req, res) => refuse(res, NO_ROUTE);

const told = (status: HttpRefusal['status'], code: string, issue: HttpRefusal['issue'], message: string) => {
  return { status, code, issue, message } satisfies HttpRefusal;
};

/** What the body parsers of Express refuse, by the `type` of their errors. */
const PARSERS: Readonly<Record<string, HttpRefusal>> = {
  'encoding.unsupported': told(415, 'content-encoding', 'not-supported', 'Send the body without a content coding.'),
  'charset.unsupported': told(415, 'charset', 'not-supported', 'Send the body as UTF-8.'),
  'entity.parse.failed': told(400, 'invalid-json', 'structure', 'The body cannot be read. Send it again, well formed.'),
  'entity.verify.failed': told(403, 'body-not-verified', 'forbidden', 'The body is not what was signed.'),
  'parameters.too.many': told(413, 'too-many-parameters', 'too-costly', 'The form has too many parameters.'),
  'querystring.parse.rangeError': told(400, 'too-deep', 'structure', 'The form is nested too deeply. Send it flat.'),
  'request.aborted': told(400, 'body-cut', 'incomplete', 'The body broke off. Send the request again.'),
  'request.size.invalid': told(400, 'body-length', 'structure', 'Content-Length is not the length of the body.'),
};
const PATH = told(400, 'path-encoding', 'structure', 'The address is not well encoded (percent signs, RFC 3986).');

/** What a client did wrong, where an error says just that; null for a fault of ours. */
function refusalOf(error: unknown): HttpRefusal | null {
  if (typeof error !== 'object' || error === null) return null;
  const { type, status, limit } = error as { type?: unknown; status?: unknown; limit?: unknown };
  if (type === 'entity.too.large') return tooLarge(Number(limit));
  // Express's router, about a parameter of the path.
  if (error instanceof URIError && status === 400) return PATH;
  return typeof type === 'string' && Object.hasOwn(PARSERS, type) ? PARSERS[type]! : null;
}

/** The last of all handlers: expected errors of parsers become refusals, everything else 500 with an id and no more. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const refusal = refusalOf(error);
    if (refusal) {
      refuse(res, refusal);
      return;
    }
    const { id } = localsOf(res);
    const about = { id, route: routeOf(res), ...faultOf(error) };
    log.error('fault', about);
    log.debug('fault-frames', { id, frames: framesOf(error) });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const message = `A fault of the gateway, id ${id}. What was not acknowledged may be sent again; tell the operator the id if it happens again.`;
    sendFhir(res, 500, outcomeOf({ code: 'fault', issue: 'exception', message }));
  };
}
