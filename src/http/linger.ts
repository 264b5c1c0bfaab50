import type { Response } from 'express';

/** How long a client that still sends is listened to, so that it can read why it was refused. */
export const LINGER_MILLISECONDS = 1_000;

/**
 * Answers at once while the body is still coming, then closes the connection. What comes in between is thrown away:
 * closing under a client that writes would lose it the answer (RFC 9112, section 9.6).
 */
export function answerAndClose(res: Response, status: number, type: string, body: string): void {
  const { req } = res;
  res
    .status(status)
    .type(type)
    .set('Connection', 'close')
    .set('Content-Length', String(Buffer.byteLength(body)));
  if (req.method !== 'HEAD') res.write(body);
  const close = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(close, LINGER_MILLISECONDS);
  req.once('end', close).once('close', close).resume();
}
