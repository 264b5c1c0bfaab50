import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { answerMalformed } from './malformed.ts';

/** Where to listen, and how long things may take, in seconds. */
export interface ServeSettings {
  host: string;
  /** 0 takes any free one */
  port: number;
  /** without one, from host and port */
  publicUrl: string | null;
  headersSeconds: number;
  streamSeconds: number;
  shutdownSeconds: number;
}

export interface ServeParts {
  log: Log;
  metrics: Metrics;
  /** Makes the app once the public URL is known. */
  app: (publicUrl: string) => RequestListener;
  /** Closed one after another when nothing is in progress any more: jobs, then the store. */
  closers: readonly (() => Promise<void>)[];
}

export interface Service {
  /** Where it listens. */
  url: string;
  publicUrl: string;
  /**
   * Takes no more connections, lets what was begun finish for at most shutdownSeconds, then closes everything.
   * @returns whether everything had finished; the same promise however often it is called
   */
  close(): Promise<boolean>;
}

/** Listens. Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL) where that cannot be. */
export function listen(settings: ServeSettings, { log, metrics, app, closers }: ServeParts): Promise<Service> {
  const server = createServer({
    headersTimeout: settings.headersSeconds * 1_000,
    requestTimeout: settings.streamSeconds * 1_000,
    // Refused by the app, in words.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(5_000, settings.headersSeconds * 500),
  });
  answerMalformed(server, log, metrics);
  const drain = drainable(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => {
      const url = urlOf(settings.host, server.address() as AddressInfo);
      const publicUrl = settings.publicUrl ?? url;
      // No connection is taken before this turn is over.
      server.on('request', app(publicUrl));
      let closing: Promise<boolean> | null = null;
      const close = async () => {
        log.info('stopping');
        const finished = await drain(settings.shutdownSeconds * 1_000);
        for (const closer of closers) await closer();
        log.info(finished ? 'stopped' : 'stopped-late');
        return finished;
      };
      log.info('listening');
      resolve({
        url,
        publicUrl,
        close() {
          closing ??= close();
          return closing;
        },
      });
    });
  });
}

function urlOf(host: string, { port, family }: AddressInfo): string {
  return `http://${family === 'IPv6' && host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Follows what is in progress, so that connections are closed as soon as nothing is. */
function drainable(server: Server): (milliseconds: number) => Promise<boolean> {
  const running = new Set<ServerResponse>();
  let draining = false;
  // Whatever is still open then is idle, or has not sent a whole header.
  const closeWhenDone = () => {
    if (running.size === 0) server.closeAllConnections();
  };
  server.on('request', (_req, res) => {
    running.add(res);
    if (draining && !res.headersSent) res.setHeader('Connection', 'close');
    res.once('close', () => {
      running.delete(res);
      if (draining) setImmediate(closeWhenDone);
    });
  });
  return (milliseconds) =>
    new Promise((resolve) => {
      draining = true;
      for (const res of running) if (!res.headersSent) res.setHeader('Connection', 'close');
      let finished = true;
      const timer = setTimeout(() => {
        finished = false;
        server.closeAllConnections();
      }, milliseconds);
      server.close(() => {
        clearTimeout(timer);
        resolve(finished);
      });
      closeWhenDone();
    });
}
