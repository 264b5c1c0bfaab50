import type { RequestHandler, Response } from 'express';
import { localsOf } from './locals.ts';
import { type HttpRefusal, refuse } from './respond.ts';

const TOO_SLOW: HttpRefusal = {
  status: 408,
  code: 'upload-too-slow',
  issue: 'timeout',
  message: 'The body did not arrive in time. Send less at once, or over a faster line.',
};

/**
 * Cuts slow uploads: a body that has not arrived after some seconds is answered 408 where no answer has begun, and the
 * connection is closed. It also bounds what a client may send on after it was refused.
 */
export function uploadDeadline(seconds: number): RequestHandler {
  return (req, res, next) => {
    const timer = setTimeout(() => {
      if (req.complete || localsOf(res).streams) return;
      if (res.headersSent) req.socket.destroy();
      else refuse(res, TOO_SLOW);
    }, seconds * 1_000);
    timer.unref();
    req.once('close', () => clearTimeout(timer));
    next();
  };
}

/** Lets the body of this request take as long as the server lets any request take (streamSeconds). */
export function allowStream(res: Response): void {
  localsOf(res).streams = true;
}
