import express, { type ErrorRequestHandler, type Response, type Router } from 'express';
import { type AuthRefusal, type AuthRefusalCode, authRefusal, isAuthRefusal } from '../../auth/refusal.ts';
import type { Auth } from '../../auth/service.ts';
import { TOKEN_PATH } from '../../auth/settings.ts';

const FORM = 'application/x-www-form-urlencoded';
const MAX_BYTES = 16 * 1024;

/**
 * `POST /auth/token` of SMART Backend Services. Errors are those of RFC 6749 5.2, with our stable code as `code`. To be
 * mounted at the root, before anything that reads bodies.
 */
export function tokenRouter(auth: Auth): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router
    .route(TOKEN_PATH)
    .post(express.text({ type: FORM, limit: MAX_BYTES, inflate: false }), async (req, res) => {
      if (typeof req.body !== 'string') return answerError(res, authRefusal('request-media-type'), 415);
      const granted = await auth.grant(new URLSearchParams(req.body));
      if (isAuthRefusal(granted)) answerError(res, granted);
      else answer(res, 200, granted);
    })
    .all((_req, res) => {
      res.set('Allow', 'POST').status(405).end();
    });
  router.use(TOKEN_PATH, unreadable);
  return router;
}

/** What the reader of bodies could not read; anything else is a fault, and the service's matter. */
const unreadable: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  if (res.headersSent || typeof status !== 'number' || status < 400 || status > 499) return next(error);
  const known: Partial<Record<number, AuthRefusalCode>> = { 413: 'request-too-large', 415: 'request-media-type' };
  const code = known[status];
  answerError(res, authRefusal(code ?? 'request-unreadable'), code ? status : 400);
};

function answerError(res: Response, { error, code, message }: AuthRefusal, status = 400): void {
  answer(res, status, { error, error_description: message, code });
}

function answer(res: Response, status: number, body: object): void {
  res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).status(status).json(body);
}
