import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that publishes keys on loopback; what it answers is the test's. */
export interface KeyHost {
  url: string;
  host: string;
  /** Requests so far. */
  asked: number;
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  close(): Promise<void>;
}

export async function openKeyHost(): Promise<KeyHost> {
  const server = createServer((req, res) => {
    found.asked += 1;
    found.answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found: KeyHost = {
    url: `http://${host}/jwks.json`,
    host,
    asked: 0,
    answer: (_req, res) => res.writeHead(404).end(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return found;
}

/** Answers with a key set, and what it says of keeping it. */
export function publishing(keys: unknown[], cacheControl?: string): KeyHost['answer'] {
  return (_req, res) => {
    if (cacheControl) res.setHeader('Cache-Control', cacheControl);
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
  };
}
