import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { localsOf, routeOf } from './locals.ts';

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export interface Observer {
  log: Log;
  metrics: Metrics;
  /** milliseconds since 1970 */
  clock: () => number;
  newId: () => string;
}

/**
 * Gives each request an id of ours (header X-Request-Id; what the client calls it goes back as X-Correlation-Id when
 * it is a UUID, and nowhere else), and tells of it once it is over: one line in the log and the metrics, by the
 * template of the route.
 */
export function observe({ log, metrics, clock, newId }: Observer): RequestHandler {
  const labels = ['route', 'method', 'status'] as const;
  const requests = metrics.counter('http_requests_total', 'Requests, by template of the route.', labels);
  const durations = metrics.histogram('http_request_seconds', 'From the header to the end of the answer.', BUCKETS, [
    'route',
    'method',
  ]);
  const received = metrics.counter('http_received_bytes_total', 'Bytes received, headers included.', ['route']);
  const sent = metrics.counter('http_sent_bytes_total', 'Bytes sent, headers included.', ['route']);
  const told = new WeakMap<Socket, { read: number; written: number }>();

  return (req, res, next) => {
    const begun = clock();
    const id = newId();
    localsOf(res).id = id;
    res.setHeader('X-Request-Id', id);
    const theirs = req.headers['x-request-id'];
    if (typeof theirs === 'string' && UUID.test(theirs)) res.set('X-Correlation-Id', theirs);
    const { socket, method } = req;
    res.once('close', () => {
      const route = routeOf(res);
      const ms = clock() - begun;
      // The client went away before it had the whole answer.
      const status = res.writableFinished ? String(res.statusCode) : 'cut';
      requests.add({ route, method, status });
      durations.observe({ route, method }, ms / 1_000);
      const before = told.get(socket) ?? { read: 0, written: 0 };
      const now = { read: socket.bytesRead, written: socket.bytesWritten };
      told.set(socket, now);
      received.add({ route }, Math.max(0, now.read - before.read));
      sent.add({ route }, Math.max(0, now.written - before.written));
      const { client, codes } = localsOf(res);
      log.info(res.writableFinished ? 'request' : 'request-cut', {
        ...{ id, route, method, status: res.statusCode, ms },
        ...(client ? { client: client.id, site: client.site ?? undefined } : {}),
        codes,
      });
    });
    next();
  };
}
