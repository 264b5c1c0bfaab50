import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { createTargetClient } from '../../src/delivery/client.ts';
import { conditionalUrl, urnOf } from '../../src/delivery/identity.ts';
import { isDeliveryRefusal, refusalOf } from '../../src/delivery/refusal.ts';
import type { Entry } from '../../src/delivery/step.ts';
import { clientForTarget, missingSecret } from '../../src/jobs/target-clients.ts';
import { type FhirServer, openFhirServer } from './server.ts';
import { targetAt } from './world.ts';

let server: FhirServer;
beforeEach(async () => {
  server = await openFhirServer();
});
afterEach(() => server.close());

const patient = (id: string): Entry => ({
  type: 'Patient',
  id,
  method: 'PUT',
  url: conditionalUrl('Patient', id),
  fullUrl: urnOf('Patient', id),
  resource: {
    resourceType: 'Patient',
    identifier: [{ system: 'https://study-gateway.example/sid/resource', value: id }],
  },
  hash: 'h',
  loose: false,
  beside: [],
});
const machine = { fetch, clock: () => 1_000_000_000_000, sleep: async () => {}, randomId: () => 'jti-1' };
const NONE = { token: null, secret: null, clientKey: null };
const codeOf = (answer: object) =>
  isDeliveryRefusal(answer) ? `${answer.code} ${answer.lasts} ${answer.scope}` : 'ok';

test('our names: conditional on the identifier, or on a tag where R4 has no such search', () => {
  expect(conditionalUrl('Patient', 'abc')).toBe(
    'Patient?identifier=https%3A%2F%2Fstudy-gateway.example%2Fsid%2Fresource%7Cabc',
  );
  expect(conditionalUrl('Provenance', 'abc')).toMatch(/^Provenance\?_tag=/);
  expect(conditionalUrl('AdverseEvent', 'abc')).toMatch(/^AdverseEvent\?_tag=/);
  expect(urnOf('Patient', 'abc')).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(urnOf('Patient', 'abc')).not.toBe(urnOf('Consent', 'abc'));
});

test('sends, finds and removes; the request says nothing of Medplum and carries no cookie', async () => {
  const client = createTargetClient(targetAt(server), { ...machine, tokens: null });
  const answers = await client.send([patient('a'), patient('b')]);
  expect(answers).toMatchObject([{ status: 201 }, { status: 201 }]);
  const found = await client.find('Patient', ['a', 'b', 'c']);
  expect(found).toHaveLength(2);
  const id = (found as { id: string }[])[0]!.id;
  expect(await client.remove('Patient', id)).toBeNull();
  expect(await client.remove('Patient', id)).toBeNull();
  expect(await client.find('Patient', ['a', 'b'])).toHaveLength(1);
  expect(Object.keys(server.headers[0]!).filter((name) => /medplum|cookie|authorization/.test(name))).toEqual([]);
});

test.each([
  [503, 'answer-5xx transient target'],
  [408, 'answer-5xx transient target'],
  [429, 'answer-429 transient target'],
  [409, 'conflict transient request'],
  [412, 'conflict transient request'],
  [422, 'refused permanent request'],
  [400, 'refused permanent request'],
  [403, 'answer-403 permanent request'],
  [401, 'answer-401 permanent target'],
  [404, 'no-endpoint permanent target'],
  [405, 'no-endpoint permanent target'],
  [302, 'redirected permanent target'],
])('HTTP %i is %s', async (status, expected) => {
  server.faults.push({ kind: 'status', status, headers: { location: 'https://elsewhere.example/' } });
  const client = createTargetClient(targetAt(server), { ...machine, tokens: null });
  expect(codeOf(await client.send([patient('a')]))).toBe(expected);
  expect(codeOf(refusalOf(404, false))).toBe('refused permanent request');
});

test('nobody listens: not sent; an answer with other entries than were sent: left open', async () => {
  const gone = await openFhirServer();
  await gone.close();
  const client = createTargetClient(targetAt(gone), { ...machine, tokens: null });
  expect(codeOf(await client.send([patient('a')]))).toBe('unreachable transient target');
  const other = createTargetClient(targetAt(server), { ...machine, tokens: null });
  server.faults.push({ kind: 'status', status: 200, body: '{"resourceType":"Bundle","type":"transaction-response"}' });
  expect(codeOf(await other.send([patient('a')]))).toBe('answer-not-fhir ambiguous target');
});

test('Retry-After, in seconds and as a date', async () => {
  const client = createTargetClient(targetAt(server), { ...machine, tokens: null });
  const at = (value: string) => ({ kind: 'status' as const, status: 503, headers: { 'retry-after': value } });
  server.faults.push(at('30'), at(new Date(machine.clock() + 60_000).toUTCString()), at('soon'));
  const waits = [1, 2, 3].map(async () => ((await client.send([patient('a')])) as { retryAfter: number }).retryAfter);
  expect((await Promise.all(waits)).sort()).toEqual([30_000, 60_000, null]);
});

describe('who we are', () => {
  test('a bearer token from the key folder', async () => {
    server.token = 'handed-over';
    const target = targetAt(server, { auth: { kind: 'bearer' } });
    expect(missingSecret(target, NONE)).toBe('target-registry.token');
    const client = clientForTarget(target, { ...NONE, token: 'handed-over' }, machine);
    expect(codeOf(await client.send([patient('a')]))).toBe('ok');
    const wrong = clientForTarget(target, { ...NONE, token: 'another' }, machine);
    expect(codeOf(await wrong.send([patient('a')]))).toBe('answer-401 permanent target');
  });

  /** A token endpoint; each token is another one. */
  async function tokenServer() {
    const asked: { authorization: string | undefined; body: Record<string, string> }[] = [];
    const app = express();
    app.use(express.urlencoded());
    app.post('/token', (req, res) => {
      asked.push({ authorization: req.headers.authorization, body: req.body });
      server.token ??= 'token-1';
      res.json({ access_token: `token-${asked.length}`, expires_in: 300, token_type: 'bearer' });
    });
    const http = createServer(app);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const tokenUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/token`;
    return { asked, tokenUrl, close: () => new Promise((resolve) => http.close(resolve)) };
  }

  test('a client secret: one token for many requests, a new one when it is not taken any more', async () => {
    const tokens = await tokenServer();
    const auth = { kind: 'client-secret' as const, tokenUrl: tokens.tokenUrl, clientId: 'us:1', scope: 's' };
    const target = targetAt(server, { auth });
    expect(missingSecret(target, NONE)).toBe('target-registry.secret');
    const client = clientForTarget(target, { ...NONE, secret: 'p%ss' }, machine);
    expect([codeOf(await client.send([patient('a')])), codeOf(await client.send([patient('b')]))]).toEqual([
      'ok',
      'ok',
    ]);
    expect(tokens.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('us%3A1:p%25ss').toString('base64')}`,
        body: { grant_type: 'client_credentials', scope: 's' },
      },
    ]);
    server.token = 'token-2';
    expect(codeOf(await client.send([patient('c')]))).toBe('ok');
    expect(tokens.asked).toHaveLength(2);
    await tokens.close();
  });

  test('SMART Backend Services: a signed assertion', async () => {
    const tokens = await tokenServer();
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const auth = { kind: 'smart' as const, tokenUrl: tokens.tokenUrl, clientId: 'us', scope: 'system/*.cud' };
    const target = targetAt(server, { auth });
    expect(missingSecret(target, NONE)).toBe('target-registry.jwk');
    const client = clientForTarget(target, { ...NONE, clientKey: { ...(await exportJWK(privateKey)) } }, machine);
    expect(codeOf(await client.send([patient('a')]))).toBe('ok');
    const { client_assertion: assertion, scope } = tokens.asked[0]!.body;
    const { payload } = await jwtVerify(assertion!, publicKey, { currentDate: new Date(machine.clock()) });
    expect([payload.iss, payload.sub, payload.aud, payload.jti, scope]).toEqual([
      'us',
      'us',
      tokens.tokenUrl,
      'jti-1',
      'system/*.cud',
    ]);
    await tokens.close();
  });

  test('a token endpoint that cannot be reached puts off', async () => {
    const auth = { kind: 'client-secret' as const, tokenUrl: 'http://127.0.0.1:1/token', clientId: 'us', scope: 's' };
    const client = clientForTarget(targetAt(server, { auth }), { ...NONE, secret: 'abc' }, machine);
    expect(codeOf(await client.send([patient('a')]))).toBe('token-unavailable transient target');
    expect(server.asked).toEqual([]);
  });
});
