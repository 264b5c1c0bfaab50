import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PushParts, pushFiles } from '../../src/release/push.ts';

interface Got {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}
type Answer = { status: number; headers?: Record<string, string> } | 'reset';

let server: Server;
let got: Got[];
let answers: Answer[];
let waited: (readonly [number, number | null])[];

beforeEach(async () => {
  [got, answers, waited] = [[], [], []];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method, url, headers } = request;
    got.push({ method: method!, url: url!, headers, body: Buffer.concat(parts).toString() });
    const answer = answers.shift() ?? { status: 201 };
    if (answer === 'reset') request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end('body');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const file = (name: string, text: string) => ({ name, type: 'application/fhir+ndjson', bytes: Buffer.from(text) });
const push = (more: Partial<PushParts> = {}, files = [file('Patient.ndjson', '{"gender":"女"}\n')]) =>
  pushFiles('liver-0001', files, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    bearer: null,
    fetch,
    wait: async (...given) => void waited.push(given),
    attempts: 3,
    timeoutMilliseconds: 5_000,
    ...more,
  });

test('posts each file under its name, with digest, key and token, in order', async () => {
  const files = [file('Patient.ndjson', '{"gender":"女"}\n'), file('manifest.json', '{}')];
  expect(await push({ bearer: 'secret' }, files)).toBeNull();
  expect(got.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /in/liver-0001/Patient.ndjson',
    'POST /in/liver-0001/manifest.json',
  ]);
  expect(got[0]!.body).toBe('{"gender":"女"}\n');
  const digest = createHash('sha256').update('{"gender":"女"}\n').digest('base64');
  expect(got[0]!.headers).toMatchObject({
    'content-type': 'application/fhir+ndjson',
    'content-digest': `sha-256=:${digest}:`,
    'idempotency-key': '"liver-0001/Patient.ndjson"',
    authorization: 'Bearer secret',
  });
});

test('tries again what may pass: errors of the other side, a connection cut, a limit', async () => {
  answers = [{ status: 503, headers: { 'retry-after': '7' } }, 'reset', { status: 200 }];
  expect(await push()).toBeNull();
  expect(got).toHaveLength(3);
  expect(waited).toEqual([
    [1, 7000],
    [2, null],
  ]);
});

test('gives up after the last attempt, and says what it was', async () => {
  answers = [{ status: 429 }, 'reset', { status: 503 }];
  expect(await push()).toEqual({ file: 'Patient.ndjson', code: 'answer-5xx', status: 503 });
  expect(waited).toHaveLength(2);
});

test('does not try again what is refused; the files after it are not sent', async () => {
  answers = [{ status: 422 }];
  const files = [file('a.ndjson', ''), file('b.ndjson', '')];
  expect(await push({}, files)).toEqual({ file: 'a.ndjson', code: 'answer-4xx', status: 422 });
  expect(got).toHaveLength(1);
});

test('follows no redirect: the data would go where nobody agreed', async () => {
  answers = [{ status: 307, headers: { location: '/elsewhere' } }];
  expect(await push({ bearer: 'secret' })).toEqual({ file: 'Patient.ndjson', code: 'redirected', status: 307 });
  expect(got).toHaveLength(1);
});

test('nobody there', async () => {
  expect(await push({ endpoint: 'http://127.0.0.1:9/in', attempts: 2 })).toEqual({
    file: 'Patient.ndjson',
    code: 'unreachable',
    status: null,
  });
});
