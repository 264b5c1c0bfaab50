import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { LINGER_MILLISECONDS } from './linger.ts';
import { FHIR_JSON, outcomeOf } from './respond.ts';

interface Broken {
  status: 400 | 408 | 417 | 431;
  code: string;
  issue: 'structure' | 'timeout' | 'too-long' | 'not-supported';
  message: string;
}

const HEADER_TOO_LONG: Broken = {
  status: 431,
  code: 'header-too-long',
  issue: 'too-long',
  message: 'The header of the request is too long. Send less in it.',
};
const TOO_SLOW: Broken = {
  status: 408,
  code: 'request-too-slow',
  issue: 'timeout',
  message: 'The request did not arrive in time. Send it again.',
};
const NOT_HTTP: Broken = {
  status: 400,
  code: 'not-http',
  issue: 'structure',
  message: 'This is not a well formed HTTP request (RFC 9112).',
};
const EXPECTATION: Broken = {
  status: 417,
  code: 'expectation',
  issue: 'not-supported',
  message: 'The header Expect asks for what is not known here. Send 100-continue, or leave it out.',
};
const BROKEN: Readonly<Record<string, Broken>> = {
  HPE_HEADER_OVERFLOW: HEADER_TOO_LONG,
  ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW,
};

/**
 * Answers what never became a request, was cut by a timeout of the server, or expects what is not known, with an
 * OperationOutcome; then closes.
 */
export function answerMalformed(server: Server, log: Log, metrics: Metrics): void {
  const count = metrics.counter('http_malformed_total', 'Connections closed over what was no whole request.', ['code']);
  const tell = ({ status, code }: Broken) => {
    count.add({ code });
    log.info('malformed', { status, codes: [code] });
  };
  server.on('checkExpectation', (_req, res: ServerResponse) => {
    tell(EXPECTATION);
    const { status, ...told } = EXPECTATION;
    res.writeHead(status, { 'Content-Type': `${FHIR_JSON}; charset=utf-8`, Connection: 'close' });
    res.end(JSON.stringify(outcomeOf(told)));
  });
  const running = new WeakMap<Socket, ServerResponse>();
  server.on('request', (req, res) => running.set(req.socket, res));
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const broken = BROKEN[error.code ?? ''] ?? NOT_HTTP;
    tell(broken);
    const { status, ...told } = broken;
    const answer = running.get(socket);
    // An answer that has begun must not be continued with another.
    if (answer?.headersSent && !answer.writableFinished) {
      socket.destroy();
      return;
    }
    const body = JSON.stringify(outcomeOf(told));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `Content-Type: ${FHIR_JSON}; charset=utf-8`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.setTimeout(LINGER_MILLISECONDS, () => socket.destroy());
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
