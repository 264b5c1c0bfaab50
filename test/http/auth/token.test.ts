import { createHmac, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, exportSPKI, importJWK } from 'jose';
import { AUTH_REFUSALS } from '../../../src/auth/refusal.ts';
import { revokeClient } from '../../../src/pipeline/clients.ts';
import { type AssertionGiven, assertionOf, newSigner, type Signer } from '../../auth/signer.ts';
import { answerOf, askToken, JWT_BEARER, openService, post, type Service } from './service.ts';

let folder: string;
let files = 0;
let [rsa, ec, other]: Signer[] = [];
let service: Service;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  [rsa, ec, other] = await Promise.all([
    newSigner('RS384', 'rsa-1'),
    newSigner('ES384', 'ec-1'),
    newSigner('ES384', 'ec-1'),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  files += 1;
  service = await openService(join(folder, `${files}.sqlite`));
  await service.add({ id: 'ya-ehr', keys: { jwks: { keys: [rsa!.jwk, ec!.jwk] } } });
  await service.add({ id: 'nf-ehr', site: 'nf', keys: { jwks: { keys: [other!.jwk] } } });
});
afterEach(async () => {
  expect(service.faults).toEqual([]);
  await service.close();
});

const good = { client: 'ya-ehr' };
const refusal = (code: string) => AUTH_REFUSALS.find((one) => one.code === code)!;
const told = (code: string) => ({ error: refusal(code).error, error_description: refusal(code).message, code });

describe('a token is given', () => {
  test.each(['RS384', 'ES384'])('to a client that signs with %s', async (alg) => {
    const signer = [rsa, ec].find((one) => one!.alg === alg)!;
    const { status, headers, body } = await askToken(service, signer, good, { scope: 'system/*.rs' });
    expect([status, headers.get('cache-control'), headers.get('pragma')]).toEqual([200, 'no-store', 'no-cache']);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    const { access_token: token, ...rest } = body;
    expect(rest).toEqual({ token_type: 'bearer', expires_in: 300, scope: 'system/*.rs' });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt' });
    const iat = service.now / 1_000;
    expect(decodeJwt(token)).toEqual({
      iss: service.url,
      sub: 'ya-ehr',
      client_id: 'ya-ehr',
      site: 'ya',
      aud: `${service.url}/ehr/ya/fhir`,
      scope: 'system/*.rs',
      iat,
      exp: iat + 300,
      jti: 'token-1',
    });
  });

  test.each([
    [{ kind: 'registry', site: null, registry: '肝病登记 A' }, '/fhir', { registry: '肝病登记 A' }],
    [{ kind: 'operator', site: null }, '/operations', {}],
  ] as const)('to %j, for its own base', async (owner, path, claims) => {
    await service.add({ id: 'another', ...owner, keys: { jwks: { keys: [ec!.jwk] } } });
    const { body } = await askToken(service, ec!, { client: 'another' });
    const { aud, site, registry } = decodeJwt(body.access_token);
    expect({ aud, site, registry }).toEqual({ aud: `${service.url}${path}`, ...claims });
  });

  test('with client_id beside the assertion, and with parameters nobody knows', async () => {
    expect((await askToken(service, ec!, good, { client_id: 'ya-ehr', resource: 'x' })).status).toBe(200);
    expect((await askToken(service, ec!, good, { client_id: '' })).status).toBe(200);
  });

  test('for the scopes that are both asked and granted, in the words of the client', async () => {
    const keys = { jwks: { keys: [ec!.jwk] } };
    await service.add({ id: 'narrow', keys, scopes: 'system/Patient.rs system/Observation.cruds' });
    const scopeFor = async (scope: string) =>
      (await askToken(service, ec!, { client: 'narrow' }, { scope })).body.scope;
    expect(await scopeFor('system/*.cruds')).toBe('system/Observation.cruds system/Patient.rs');
    expect(await scopeFor('system/*.read openid')).toBe('system/Observation.read system/Patient.read');
    expect(await scopeFor('system/Patient.cruds system/Task.c')).toBe('system/Patient.rs');
  });

  test('with jti used by another client, and again by this one when its assertion cannot be used any more', async () => {
    const claims = { jti: 'same' };
    expect((await askToken(service, ec!, { ...good, claims })).status).toBe(200);
    expect((await askToken(service, other!, { client: 'nf-ehr', claims })).status).toBe(200);
    service.now += 360_000;
    expect((await askToken(service, ec!, { ...good, claims })).status).toBe(200);
  });
});

describe('an assertion is refused', () => {
  const now = () => service.now / 1_000;
  const far = 'https://elsewhere.example/auth/token';
  test.each<[string, () => Partial<AssertionGiven>, string]>([
    ['expired', () => ({ claims: { exp: now() - 61 } }), 'assertion-expired'],
    ['exp too far ahead', () => ({ claims: { exp: now() + 361 } }), 'assertion-long'],
    ['exp in milliseconds', () => ({ claims: { exp: service.now } }), 'assertion-long'],
    ['no exp', () => ({ claims: { exp: undefined } }), 'assertion-expiry'],
    ['for another server', () => ({ audience: far }), 'assertion-audience'],
    ['for the root of this server', () => ({ audience: service.url }), 'assertion-audience'],
    ['for two servers', () => ({ claims: { aud: [service.tokenUrl, far] } }), 'assertion-audience'],
    ['no aud', () => ({ claims: { aud: undefined } }), 'assertion-audience'],
    ['no iss', () => ({ claims: { iss: undefined } }), 'assertion-issuer'],
    ['no sub', () => ({ claims: { sub: undefined } }), 'assertion-issuer'],
    ['neither', () => ({ claims: { iss: undefined, sub: undefined } }), 'assertion-issuer'],
    ['iss and sub differ', () => ({ claims: { sub: 'nf-ehr' } }), 'assertion-issuer'],
    ['unknown client', () => ({ client: 'nobody' }), 'client-unknown'],
    ['client id of another shape', () => ({ client: "x' OR 1=1 --" }), 'client-unknown'],
    ['client id in capitals', () => ({ client: 'YA-EHR' }), 'client-unknown'],
    ['no jti', () => ({ claims: { jti: undefined } }), 'assertion-jti'],
    ['long jti', () => ({ claims: { jti: 'j'.repeat(201) } }), 'assertion-jti'],
    ['not yet', () => ({ claims: { nbf: now() + 61 } }), 'assertion-early'],
    ['issued in the future', () => ({ claims: { iat: now() + 61 } }), 'assertion-issued'],
    ['wrong kid', () => ({ header: { kid: 'ec-2' } }), 'key-unknown'],
    ['kid of a key of the other kind', () => ({ header: { kid: 'rsa-1' } }), 'key-unknown'],
    ['no kid', () => ({ header: { kid: undefined } }), 'assertion-kid'],
    ['no typ', () => ({ header: { typ: undefined } }), 'assertion-typ'],
    ['other typ', () => ({ header: { typ: 'at+jwt' } }), 'assertion-typ'],
    ['jku though keys are given by value', () => ({ header: { jku: 'https://evil.example/jwks' } }), 'assertion-jku'],
  ])('%s', async (_, given, code) => {
    const { status, headers, body } = await askToken(service, ec!, { ...good, ...given() });
    expect([status, body]).toEqual([400, told(code)]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('signed with the key of another client of the same kid', async () => {
    expect((await askToken(service, other!, good)).body).toEqual(told('assertion-signature'));
  });

  test('signed by another site in the name of this one, and the other way', async () => {
    expect((await askToken(service, ec!, { client: 'nf-ehr' })).body).toEqual(told('assertion-signature'));
  });

  test('changed after it was signed', async () => {
    const [head, , mark] = (await assertionOf(ec!, { ...good, audience: service.tokenUrl, now: now() })).split('.');
    const claims = { iss: 'ya-ehr', sub: 'ya-ehr', aud: service.tokenUrl, exp: now() + 300, jti: 'changed' };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect((await send(`${head}.${body}.${mark}`)).body).toEqual(told('assertion-signature'));
  });

  /** Signed by hand: jose makes no such assertions. */
  async function byHand(header: object, mark: (text: string) => string): Promise<string> {
    const claims = { iss: 'ya-ehr', sub: 'ya-ehr', aud: service.tokenUrl, exp: now() + 300, jti: 'by-hand' };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${mark(text)}`;
  }
  const send = (assertion: string) =>
    post(service, {
      grant_type: 'client_credentials',
      client_assertion_type: JWT_BEARER,
      client_assertion: assertion,
      scope: 'system/*.rs',
    });

  test.each([
    'none',
    'None',
    'NONE',
    '',
    'HS256',
    'HS384',
    'RS256',
    'ES256',
    'PS384',
    'EdDSA',
    'toString',
    '__proto__',
  ])('alg "%s"', async (alg) => {
    const unsigned = await byHand({ alg, typ: 'JWT', kid: 'ec-1' }, () => (alg.startsWith('HS') ? 'AAAA' : ''));
    expect((await send(unsigned)).body).toEqual(told('assertion-alg'));
  });

  test('HS256 and HS384 with the public key as secret, in each of its forms', async () => {
    const secrets = [
      await exportSPKI((await importJWK(rsa!.jwk, 'RS384')) as CryptoKey),
      createPublicKey({ key: rsa!.jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'der' }),
      JSON.stringify(rsa!.jwk),
    ];
    for (const secret of secrets) {
      for (const [alg, hash] of [['HS256', 'sha256'] as const, ['HS384', 'sha384'] as const]) {
        const header = { alg, typ: 'JWT', kid: 'rsa-1' };
        const forged = await byHand(header, (text) => createHmac(hash, secret).update(text).digest('base64url'));
        expect((await send(forged)).body).toEqual(told('assertion-alg'));
      }
    }
  });

  test('with a key of its own in the header', async () => {
    const { body } = await askToken(service, other!, { ...good, header: { jwk: other!.jwk } });
    expect(body).toEqual(told('assertion-signature'));
  });

  test('with critical extensions', async () => {
    const forged = await byHand({ alg: 'ES384', typ: 'JWT', kid: 'ec-1', crit: ['x'], x: 1 }, () => 'AAAA');
    expect((await send(forged)).body).toEqual(told('assertion-malformed'));
  });

  test.each(['x', 'a.b', 'a.b.c', '..', '....', 'bnVsbA.bnVsbA.', '\u0000', '[object Object]', 'x'.repeat(10_000)])(
    'no JWT at all (%#)',
    async (text) => {
      expect((await send(text)).body).toEqual(told('assertion-malformed'));
    },
  );

  test('used twice, also at once and after a restart', async () => {
    const assertion = await assertionOf(ec!, { ...good, audience: service.tokenUrl, now: now() });
    const both = await Promise.all([send(assertion), send(assertion)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await send(assertion)).body).toEqual(told('assertion-replayed'));
    await service.restart();
    expect((await send(assertion)).body).toEqual(told('assertion-replayed'));
    service.now += 359_000;
    expect((await send(assertion)).body).toEqual(told('assertion-replayed'));
    service.now += 1_000;
    expect((await send(assertion)).body).toEqual(told('assertion-expired'));
  });

  test('used twice, the first time in vain for its scopes', async () => {
    const assertion = await assertionOf(ec!, { ...good, audience: service.tokenUrl, now: now() });
    expect((await askToken(service, ec!, good, { client_assertion: assertion, scope: 'openid' })).body).toEqual(
      told('scope-none'),
    );
    expect((await send(assertion)).body).toEqual(told('assertion-replayed'));
  });

  test('of a revoked client; only who holds its key hears that it was revoked', async () => {
    const { store } = service;
    expect(await revokeClient({ store, clock: () => service.now, actor: 'test' }, 'ya-ehr')).toBe(true);
    expect((await askToken(service, ec!, good)).body).toEqual(told('client-revoked'));
    expect((await askToken(service, other!, good)).body).toEqual(told('assertion-signature'));
  });
});

describe('a form is refused', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ['no grant_type', { grant_type: undefined }, 'grant-type-missing'],
    ['empty grant_type', { grant_type: '' }, 'grant-type-missing'],
    ['authorization_code', { grant_type: 'authorization_code' }, 'grant-type'],
    ['no client_assertion_type', { client_assertion_type: undefined }, 'assertion-type'],
    ['another client_assertion_type', { client_assertion_type: 'saml2-bearer' }, 'assertion-type'],
    ['no client_assertion', { client_assertion: undefined, client_secret: 'x' }, 'assertion-missing'],
    ['empty client_assertion', { client_assertion: '' }, 'assertion-missing'],
    ['client_id of another', { client_id: 'nf-ehr' }, 'client-mismatch'],
    ['no scope', { scope: undefined }, 'scope-none'],
    ['no scope we know', { scope: 'openid user/*.read system/Unicorn.read' }, 'scope-none'],
  ])('%s', async (_, form, code) => {
    const { status, body } = await askToken(service, ec!, good, form);
    expect([status, body]).toEqual([400, told(code)]);
  });

  test('scopes that were not granted', async () => {
    await service.add({ id: 'narrow', keys: { jwks: { keys: [ec!.jwk] } }, scopes: 'system/Patient.rs' });
    const { body } = await askToken(service, ec!, { client: 'narrow' }, { scope: 'system/Patient.c system/Task.rs' });
    expect(body).toEqual(told('scope-none'));
  });

  async function raw(body: string | Uint8Array | null, headers: Record<string, string>, method = 'POST') {
    return answerOf(await fetch(service.tokenUrl, { method, body: body as never, headers }));
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  test('a parameter twice', async () => {
    const { status, body } = await raw('grant_type=client_credentials&grant_type=client_credentials', form);
    expect([status, body]).toEqual([400, told('parameter-repeated')]);
  });

  test.each<[string, string | Uint8Array, Record<string, string>]>([
    ['JSON', '{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }],
    ['no media type', new Uint8Array([97]), {}],
    ['multipart', 'x', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['gzip', gzipSync('grant_type=client_credentials'), { ...form, 'content-encoding': 'gzip' }],
    ['another charset', 'a=b', { 'content-type': 'application/x-www-form-urlencoded; charset=unheard-of' }],
    ['no body', '', {}],
  ])('%s is answered with 415', async (_, content, headers) => {
    const { status, body } = await raw(content, headers);
    expect([status, body]).toEqual([415, told('request-media-type')]);
  });

  test('a huge body is answered with 413, announced or not', async () => {
    const { status, body, headers } = await raw(`scope=${'x'.repeat(16 * 1024)}`, form);
    expect([status, body]).toEqual([413, told('request-too-large')]);
    expect(headers.get('cache-control')).toBe('no-store');
    const chunked = await new Promise<number>((resolve, reject) => {
      const sent = request(service.tokenUrl, { method: 'POST', headers: form }, (res) => resolve(res.statusCode!));
      sent.on('error', reject);
      for (let n = 0; n < 10; n += 1) sent.write('x'.repeat(10_000));
      sent.end();
    });
    expect(chunked).toBe(413);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s is answered with 405', async (method) => {
    const { status, headers } = await raw(null, {}, method);
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test('the configuration is the same at the root and under each base, for everybody', async () => {
  const paths = ['', '/ehr/ya/fhir', '/ehr/nowhere/fhir', '/fhir', '/operations'];
  const answers = await Promise.all(
    paths.map(async (path) => answerOf(await fetch(`${service.url}${path}/.well-known/smart-configuration`))),
  );
  for (const { status, headers, body } of answers) {
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toEqual({
      token_endpoint: `${service.url}/auth/token`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      grant_types_supported: ['client_credentials'],
      scopes_supported: ['system/*.cruds', 'system/*.rs', 'system/*.cud'],
      capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
    });
  }
});
