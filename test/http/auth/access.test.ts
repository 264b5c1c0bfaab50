import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { AUTH_REFUSALS } from '../../../src/auth/refusal.ts';
import { revokeClient } from '../../../src/pipeline/clients.ts';
import { assertionOf, newSigner, type Signer } from '../../auth/signer.ts';
import { command } from '../../commands/command.ts';
import { type Answer, get, openService, type Service, tokenOf } from './service.ts';

let folder: string;
let files = 0;
let ec: Signer;
let service: Service;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
  ec = await newSigner('ES384', 'ec-1');
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  files += 1;
  service = await openService(join(folder, `${files}.sqlite`));
  const keys = { jwks: { keys: [ec.jwk] } };
  await service.add({ id: 'ya-ehr', keys });
  await service.add({ id: 'nf-ehr', site: 'nf', keys });
  await service.add({ id: 'registry', kind: 'registry', site: null, registry: 'Liver', keys });
  await service.add({ id: 'operator', kind: 'operator', site: null, keys });
});
afterEach(async () => {
  expect(service.faults).toEqual([]);
  await service.close();
});

/** What a refusal must look like, in body and challenge. */
function expectRefused({ status, headers, body }: Answer, expected: number, code: string): void {
  const { error, message } = AUTH_REFUSALS.find((one) => one.code === code)!;
  expect([status, body.resourceType, body.issue[0].details.coding[0].code]).toEqual([
    expected,
    'OperationOutcome',
    code,
  ]);
  expect(body.issue).toHaveLength(1);
  expect(body.issue[0].details.text).toBe(message);
  expect(headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  expect(headers.get('cache-control')).toBe('no-store');
  const detail = code === 'token-missing' ? '' : `, error="${error}", error_description="${message}"`;
  expect(headers.get('www-authenticate')).toBe(`Bearer realm="study-gateway"${detail}`);
}

test('a client is known by its token, with its scopes', async () => {
  const token = await tokenOf(service, ec, 'ya-ehr', 'system/*.rs system/Task.c');
  const { status, body } = await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`);
  expect([status, body]).toEqual([
    200,
    { id: 'ya-ehr', kind: 'site', site: 'ya', registry: null, scopes: { '*': 'rs', Task: 'c' } },
  ]);
  expect((await get(service, '/ehr/ya/fhir/who', `bearer  ${token}`)).status).toBe(200);
});

const BASES = ['/ehr/ya/fhir', '/ehr/nf/fhir', '/ehr/YA/fhir', '/ehr/nowhere/fhir', '/fhir', '/operations', '/no-site'];
const OWN: Record<string, string> = {
  'ya-ehr': '/ehr/ya/fhir',
  'nf-ehr': '/ehr/nf/fhir',
  registry: '/fhir',
  operator: '/operations',
};

test.each(Object.keys(OWN).flatMap((client) => BASES.map((base) => [client, base] as const)))(
  '%s at %s',
  async (client, base) => {
    const answer = await get(service, `${base}/who`, `Bearer ${await tokenOf(service, ec, client)}`);
    if (OWN[client] === base) expect([answer.status, answer.body.id]).toEqual([200, client]);
    else {
      const sites = base.startsWith('/ehr/') || base === '/no-site';
      expectRefused(answer, 403, sites && client.endsWith('-ehr') ? 'other-site' : 'other-base');
    }
  },
);

test.each([
  ['nothing', undefined],
  ['another scheme', 'Basic eWE6ZWhy'],
  ['no token', 'Bearer'],
  ['an empty token', 'Bearer '],
  ['two tokens', 'Bearer a b'],
])('%s is answered with 401 and a challenge without a code', async (_, authorization) => {
  expectRefused(await get(service, '/ehr/ya/fhir/who', authorization), 401, 'token-missing');
});

test('a token in the query does not count', async () => {
  const token = await tokenOf(service, ec, 'ya-ehr');
  expectRefused(await get(service, `/ehr/ya/fhir/who?access_token=${token}`), 401, 'token-missing');
});

describe('an access token is refused', () => {
  const refused = async (token: string, code: string) =>
    expectRefused(await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`), 401, code);

  test.each(['x', 'a.b.c', '..', 'e30.e30.', 'x'.repeat(5_000)])('that is none (%#)', async (text) => {
    await refused(text, 'token-invalid');
  });

  test('changed in its claims, its header or its signature', async () => {
    const parts = (await tokenOf(service, ec, 'ya-ehr')).split('.');
    const claims = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString());
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await refused([parts[0], encoded({ ...claims, sub: 'nf-ehr' }), parts[2]].join('.'), 'token-invalid');
    await refused([parts[0], encoded({ ...claims, exp: claims.exp + 1 }), parts[2]].join('.'), 'token-invalid');
    await refused([encoded({ alg: 'none', typ: 'at+jwt' }), parts[1], ''].join('.'), 'token-invalid');
    await refused([encoded({ alg: 'ES256', typ: 'JWT' }), parts[1], parts[2]].join('.'), 'token-invalid');
    const signature = `${parts[2]![0] === 'A' ? 'B' : 'A'}${parts[2]!.slice(1)}`;
    await refused([parts[0], parts[1], signature].join('.'), 'token-invalid');
  });

  /** Claims of a good token, signed otherwise. */
  const claimed = (changed: Record<string, unknown> = {}) => {
    const iat = service.now / 1_000;
    const aud = `${service.url}/ehr/ya/fhir`;
    return { iss: service.url, sub: 'ya-ehr', aud, scope: 'system/*.cruds', iat, exp: iat + 300, ...changed };
  };
  const header = { alg: 'ES256', typ: 'at+jwt' };

  test('HS256 with the public key as secret', async () => {
    const spki = createPublicKey(service.signingKey).export({ type: 'spki', format: 'pem' });
    const forged = new SignJWT(claimed()).setProtectedHeader({ ...header, alg: 'HS256' });
    await refused(await forged.sign(Buffer.from(spki)), 'token-invalid');
  });

  test('of another typ', async () => {
    const other = new SignJWT(claimed()).setProtectedHeader({ ...header, typ: 'JWT' });
    await refused(await other.sign(service.signingKey), 'token-invalid');
  });

  test('signed with another key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await refused(await new SignJWT(claimed()).setProtectedHeader(header).sign(privateKey), 'token-invalid');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['of another gateway', { iss: 'https://elsewhere.example' }, 'token-invalid'],
    ['without exp', { exp: undefined }, 'token-invalid'],
    ['without sub', { sub: undefined }, 'token-invalid'],
    ['without scope', { scope: undefined }, 'token-invalid'],
    ['for the base of another site', { aud: 'https://elsewhere.example/ehr/nf/fhir' }, 'token-audience'],
    ['for two bases', { aud: ['a', 'b'] }, 'token-audience'],
    ['for the root', { aud: '' }, 'token-audience'],
    ['of a client that never was', { sub: 'nobody' }, 'token-client'],
    ['of no client', { sub: '' }, 'token-client'],
  ])('%s', async (_, changed, code) => {
    const kept = Object.fromEntries(Object.entries(claimed(changed)).filter(([, value]) => value !== undefined));
    await refused(await new SignJWT(kept).setProtectedHeader(header).sign(service.signingKey), code);
  });

  test('an assertion is no access token', async () => {
    const now = service.now / 1_000;
    await refused(await assertionOf(ec, { client: 'ya-ehr', audience: service.tokenUrl, now }), 'token-invalid');
  });

  test('after its 300 seconds', async () => {
    const token = await tokenOf(service, ec, 'ya-ehr');
    service.now += 299_000;
    expect((await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`)).status).toBe(200);
    service.now += 1_000;
    await refused(token, 'token-expired');
  });

  test('also once the good one was used: with other claims, or another signature', async () => {
    const token = await tokenOf(service, ec, 'ya-ehr');
    expect((await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`)).status).toBe(200);
    const [head, body, signature] = token.split('.') as [string, string, string];
    const told = JSON.parse(Buffer.from(body, 'base64url').toString());
    const more = Buffer.from(JSON.stringify({ ...told, exp: told.exp + 1 })).toString('base64url');
    const other = Buffer.from(signature, 'base64url');
    other[0]! ^= 1;
    await refused(`${head}.${more}.${signature}`, 'token-invalid');
    await refused(`${head}.${body}.${other.toString('base64url')}`, 'token-invalid');
    await refused(`${head}.${body}.`, 'token-invalid');
  });

  test('at once after its client was revoked; others keep theirs, also after a restart', async () => {
    const [token, nf] = [await tokenOf(service, ec, 'ya-ehr'), await tokenOf(service, ec, 'nf-ehr')];
    const { store } = service;
    await revokeClient({ store, clock: () => service.now, actor: 'test' }, 'ya-ehr');
    await refused(token, 'token-client');
    await service.restart();
    await refused(token, 'token-client');
    expect((await get(service, '/ehr/nf/fhir/who', `Bearer ${nf}`)).status).toBe(200);
  });
});

test('commands add and revoke clients while the service runs', async () => {
  const file = join(folder, `${files}.sqlite`);
  const jwks = join(folder, 'jwks.json');
  await writeFile(jwks, JSON.stringify({ keys: [ec.jwk] }));
  const client = (...args: string[]) => command('client', ...args, '--store', file);
  const given = ['--name', 'Second', '--site', 'ya', '--scope', 'system/*.rs', '--jwks', jwks];
  expect((await client('add', '--id', 'ya-second', ...given)).code).toBe(0);
  const token = await tokenOf(service, ec, 'ya-second');
  expect((await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`)).status).toBe(200);
  expect((await client('revoke', 'ya-second')).code).toBe(0);
  expectRefused(await get(service, '/ehr/ya/fhir/who', `Bearer ${token}`), 401, 'token-client');
});

test('scopes say what may be done', async () => {
  const token = `Bearer ${await tokenOf(service, ec, 'ya-ehr', 'system/Patient.rs system/Observation.c')}`;
  expect((await get(service, '/ehr/ya/fhir/Patient', token)).status).toBe(200);
  expectRefused(await get(service, '/ehr/ya/fhir/Observation', token), 403, 'scope-insufficient');
  expectRefused(await get(service, '/ehr/ya/fhir/Patient', token, 'POST'), 403, 'scope-insufficient');
  expectRefused(await get(service, '/ehr/ya/fhir/*', token), 403, 'scope-insufficient');
});

test('a handler that asks who came, on a route without authentication, is a fault', async () => {
  expect((await get(service, '/open')).status).toBe(500);
  expect(service.faults.splice(0).map(String)).toEqual(['Error: The route is not behind authenticated().']);
});
