import { BASE } from './case.ts';

/** Bytes as they are sent, and the statuses that may come back for the first request in them. */
export interface RawRequest {
  name: string;
  bytes: string | Buffer;
  /** 0: closed without an answer. */
  statuses: readonly number[];
  /** No more will come, and that is said: else it would be waited for. */
  cut?: true;
}

const BODY = '{"resourceType":"Patient","id":"p-raw"}';

/** What is no HTTP, or lies about its length. */
export function rawCases(token: string): RawRequest[] {
  const head = [
    `PUT ${BASE}/Patient/p-raw HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/fhir+json',
  ];
  const request = (more: string[], body: string | Buffer = BODY): Buffer =>
    Buffer.concat([Buffer.from(`${[...head, ...more].join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
  const chunked = (body: string) => request(['Transfer-Encoding: chunked', 'Connection: close'], body);
  const size = BODY.length.toString(16);
  const bad = [400];
  return [
    {
      name: 'length longer than the body',
      bytes: request([`Content-Length: ${BODY.length + 10}`]),
      statuses: bad,
      cut: true,
    },
    {
      name: 'length shorter than the body',
      bytes: request([`Content-Length: ${BODY.length - 10}`, 'Connection: close']),
      statuses: bad,
    },
    { name: 'length zero', bytes: request(['Content-Length: 0', 'Connection: close']), statuses: bad },
    { name: 'length negative', bytes: request(['Content-Length: -1']), statuses: bad },
    { name: 'length with a sign', bytes: request([`Content-Length: +${BODY.length}`]), statuses: bad },
    { name: 'length hexadecimal', bytes: request([`Content-Length: 0x${size}`]), statuses: bad },
    { name: 'length a word', bytes: request(['Content-Length: many']), statuses: bad },
    { name: 'length beyond all numbers', bytes: request([`Content-Length: ${'9'.repeat(40)}`]), statuses: bad },
    {
      name: 'length beyond the limit',
      bytes: request(['Content-Length: 99999999', 'Connection: close']),
      statuses: [400, 413],
    },
    {
      name: 'two lengths',
      bytes: request([`Content-Length: ${BODY.length}`, `Content-Length: ${BODY.length + 1}`]),
      statuses: bad,
    },
    { name: 'two lengths in one', bytes: request([`Content-Length: ${BODY.length}, ${BODY.length}`]), statuses: bad },
    {
      name: 'length and chunks',
      bytes: request(
        [`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked'],
        `${size}\r\n${BODY}\r\n0\r\n\r\n`,
      ),
      statuses: bad,
    },
    { name: 'no length', bytes: request(['Connection: close']), statuses: bad },
    { name: 'chunk size no number', bytes: chunked(`zz\r\n${BODY}\r\n0\r\n\r\n`), statuses: bad },
    { name: 'chunk size negative', bytes: chunked(`-1\r\n${BODY}\r\n0\r\n\r\n`), statuses: bad },
    { name: 'chunk size too large', bytes: chunked(`ffffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`), statuses: bad },
    { name: 'chunk longer than told', bytes: chunked(`5\r\n${BODY}\r\n0\r\n\r\n`), statuses: bad },
    { name: 'chunks without an end', bytes: chunked(`${size}\r\n${BODY}\r\n`), statuses: bad, cut: true },
    { name: 'chunks cut', bytes: chunked(`ff\r\n${BODY}`), statuses: bad, cut: true },
    { name: 'coding gzip without chunks', bytes: request(['Transfer-Encoding: gzip']), statuses: bad },
    { name: 'coding unknown', bytes: request(['Transfer-Encoding: xchunked']), statuses: bad },
    {
      name: 'coding twice',
      bytes: request(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n`),
      statuses: bad,
    },
    { name: 'a header without a colon', bytes: request(['Nonsense']), statuses: bad },
    { name: 'a header name with a space', bytes: request(['Content-Length : 0']), statuses: bad },
    { name: 'a folded header', bytes: request([`X-A: 1\r\n  2`, `Content-Length: ${BODY.length}`]), statuses: bad },
    { name: 'a NUL in a header', bytes: request([`X-A: 1\0`, `Content-Length: ${BODY.length}`]), statuses: bad },
    {
      name: 'a control character in a header',
      bytes: request([`X-A: \u0001`, `Content-Length: ${BODY.length}`]),
      statuses: bad,
    },
    { name: 'a bare line feed', bytes: request([`X-A: 1\nX-B: 2`, `Content-Length: ${BODY.length}`]), statuses: bad },
    { name: 'headers without an end', bytes: head.join('\r\n'), statuses: bad, cut: true },
    { name: 'headers too long', bytes: request([`X-A: ${'x'.repeat(20_000)}`]), statuses: [431] },
    { name: 'a path too long', bytes: `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, statuses: [431] },
    {
      name: 'thousands of headers',
      bytes: request(Array.from({ length: 3_000 }, (_, at) => `X-${at}: 1`)),
      statuses: [431],
    },
    { name: 'no host', bytes: 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', statuses: bad },
    { name: 'HTTP/0.9', bytes: 'GET /livez\r\n\r\n', statuses: [200, 400] },
    { name: 'HTTP/3.0', bytes: 'GET /livez HTTP/3.0\r\nHost: x\r\n\r\n', statuses: bad },
    { name: 'HTTP/2 prior knowledge', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', statuses: bad },
    { name: 'another protocol', bytes: 'HELO x.example\r\n', statuses: bad },
    { name: 'TLS', bytes: Buffer.from('160301020001000001fc0303', 'hex'), statuses: bad },
    { name: 'zeros', bytes: Buffer.alloc(64), statuses: bad },
    { name: 'an unknown method', bytes: `BREW ${BASE} HTTP/1.1\r\nHost: x\r\n\r\n`, statuses: bad },
    { name: 'a method in small letters', bytes: `put ${BASE} HTTP/1.1\r\nHost: x\r\n\r\n`, statuses: bad },
    { name: 'a space in the path', bytes: `GET ${BASE}/a b HTTP/1.1\r\nHost: x\r\n\r\n`, statuses: bad },
    {
      name: 'bytes beyond ASCII in the path',
      bytes: Buffer.from(`GET ${BASE}/Patient/é HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 'latin1'),
      statuses: [400, 401],
    },
    {
      name: 'a whole address',
      bytes: `GET http://evil.example/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      statuses: [200, 404],
    },
    {
      name: 'an address of another scheme',
      bytes: 'GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      statuses: [400, 404],
    },
    { name: 'an asterisk', bytes: 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', statuses: [200, 404] },
    { name: 'CONNECT', bytes: 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n', statuses: [0, 400, 404, 405] },
    {
      name: 'an upgrade to WebSocket',
      bytes:
        'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
      statuses: [200],
    },
    {
      name: 'a request behind a refused one',
      bytes: Buffer.concat([Buffer.from('x'), request([`Content-Length: ${BODY.length}`])]),
      statuses: bad,
    },
    {
      name: 'smuggled behind an answered one',
      bytes: Buffer.concat([
        Buffer.from(`GET /livez HTTP/1.1\r\nHost: x\r\n\r\nx`),
        request([`Content-Length: ${BODY.length}`]),
      ]),
      statuses: [200],
    },
  ];
}
