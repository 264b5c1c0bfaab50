import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify } from 'jose';
import { createTokenSource } from '../../src/pull/token.ts';

const NOW = Date.parse('2025-06-02T00:00:00Z');

let server: ReturnType<typeof createServer>;
let tokenUrl: string;
let forms: Record<string, string>[];
let answer: { status: number; body: object };
let now: number;

beforeEach(async () => {
  forms = [];
  now = NOW;
  answer = { status: 200, body: { access_token: 't1', token_type: 'bearer', expires_in: 300 } };
  const app = express();
  app.post('/token', express.urlencoded(), (req, res) => {
    forms.push(req.body);
    res.status(answer.status).set('Retry-After', '3').json(answer.body);
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

let ids = 0;
const source = (jwk: JWK | null) =>
  createTokenSource({ tokenUrl, clientId: 'gateway', scope: 'system/*.rs' }, jwk, {
    fetch: (url, init) => fetch(url, init),
    clock: () => now,
    randomId: () => `id-${ids++}`,
    timeoutMilliseconds: 2000,
    maxAnswerBytes: 10_000,
  });

async function keys(alg: 'RS384' | 'ES384') {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { key: { ...(await exportJWK(pair.privateKey)), kid: 'k1' }, open: await exportJWK(pair.publicKey) };
}

test.each(['RS384', 'ES384'] as const)('%s: an assertion as SMART has it', async (alg) => {
  const { key, open } = await keys(alg);
  ids = 7;
  expect(await source(key).token()).toBe('t1');
  const { client_assertion: assertion, ...form } = forms[0]!;
  expect(form).toEqual({
    grant_type: 'client_credentials',
    scope: 'system/*.rs',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  const verified = await jwtVerify(assertion!, (await importJWK(open, alg)) as CryptoKey, {
    currentDate: new Date(NOW),
  });
  expect(verified.protectedHeader).toEqual({ alg, typ: 'JWT', kid: 'k1' });
  const iat = NOW / 1000;
  expect(verified.payload).toEqual({ iss: 'gateway', sub: 'gateway', aud: tokenUrl, jti: 'id-7', iat, exp: iat + 240 });
});

test('is kept until shortly before its end, asked for once by many, and dropped when told', async () => {
  const { key } = await keys('ES384');
  const tokens = source(key);
  expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['t1', 't1']);
  now = NOW + 279_999;
  await tokens.token();
  expect(forms).toHaveLength(1);
  now = NOW + 280_000;
  answer.body = { access_token: 't2', expires_in: 300 };
  expect(await tokens.token()).toBe('t2');
  tokens.drop();
  await tokens.token();
  expect(forms).toHaveLength(3);
  expect(new Set(forms.map((form) => form.client_assertion)).size).toBe(3);
});

test.each<[number, object, string, number | null]>([
  [400, { error: 'invalid_client' }, 'token-refused', null],
  [401, {}, 'token-refused', null],
  [404, {}, 'token-refused', null],
  [200, { token: 't' }, 'token-refused', null],
  [200, { access_token: 7 }, 'token-refused', null],
  [503, {}, 'answer-5xx', 3000],
  [429, {}, 'answer-429', 3000],
])('%d %j is %s', async (status, body, code, retryAfter) => {
  const { key } = await keys('ES384');
  answer = { status, body };
  expect(await source(key).token()).toMatchObject({ code, retryAfter });
});

test('without a key nothing is sent', async () => {
  expect(await source(null).token()).toMatchObject({ code: 'token-key-missing', lasts: 'permanent', scope: 'site' });
  expect(forms).toEqual([]);
});
