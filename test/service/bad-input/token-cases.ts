import { createHmac, createPublicKey } from 'node:crypto';
import { assertionOf, newSigner } from '../../auth/signer.ts';
import { type Holder, tokenForm } from '../clients.ts';
import type { WholeService } from '../whole.ts';
import { BASE, type Expected, JSON_TYPE, type OddRequest, refusedWith } from './case.ts';
import { NAUGHTY } from './naughty.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const REFUSED = refusedWith(400);

/** Requests for a token that must get none. */
export async function assertionCases(service: WholeService, holder: Holder, revoked: Holder): Promise<OddRequest[]> {
  const now = Math.floor(service.now / 1_000);
  const given = { client: holder.id, audience: `${service.url}/auth/token`, now };
  const make = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    assertionOf(holder.signer, { ...given, claims, header });
  const good = await make();
  const stranger = await newSigner('ES384', 'k1');
  const [head, body, signature] = good.split('.') as [string, string, string];
  const wrong: Record<string, string | Promise<string>> = {
    'another audience': make({ aud: 'https://elsewhere.example/auth/token' }),
    'the audience with a slash': make({ aud: `${given.audience}/` }),
    'the base as audience': make({ aud: service.url }),
    'several audiences': make({ aud: [given.audience, 'https://elsewhere.example'] }),
    'no audience': make({ aud: undefined }),
    expired: make({ exp: now - 61 }),
    'expired long ago': make({ exp: 1 }),
    'too long': make({ exp: now + 3_600 }),
    'without an end': make({ exp: undefined }),
    'an end that is a text': assertionText(head, { ...claimsIn(body), exp: `${now + 60}` }, signature),
    'an end in milliseconds': make({ exp: now * 1_000 }),
    'not yet': make({ nbf: now + 120 }),
    'issued tomorrow': make({ iat: now + 86_400 }),
    'another issuer': make({ iss: 'somebody' }),
    'another subject': make({ sub: 'somebody' }),
    'no issuer': make({ iss: undefined, sub: undefined }),
    'issuer __proto__': make({ iss: '__proto__', sub: '__proto__' }),
    'a client that is not': make({ iss: 'nobody-here', sub: 'nobody-here' }),
    'a client that was revoked': assertionOf(revoked.signer, { ...given, client: revoked.id }),
    'no jti': make({ jti: undefined }),
    'an empty jti': make({ jti: '' }),
    'a long jti': make({ jti: 'x'.repeat(201) }),
    'a jti that is a number': make({ jti: 7 }),
    'another key of the same name': assertionOf(stranger, given),
    'another key id': make({}, { kid: 'k2' }),
    'no key id': make({}, { kid: undefined }),
    'a key id that is a path': make({}, { kid: '../../../../dev/null' }),
    'a key id that is SQL': make({}, { kid: "x' UNION SELECT 'k" }),
    'a jku': make({}, { jku: 'https://evil.example/jwks.json' }),
    'no typ': make({}, { typ: undefined }),
    'typ of an access token': make({}, { typ: 'at+jwt' }),
    'alg none': `${part({ alg: 'none', typ: 'JWT', kid: 'k1' })}.${body}.`,
    'alg none, signed': `${part({ alg: 'none', typ: 'JWT', kid: 'k1' })}.${body}.${signature}`,
    'alg None': `${part({ alg: 'None', typ: 'JWT', kid: 'k1' })}.${body}.`,
    'HS256 with the public key': withPublicKey('HS256', 'sha256', body, holder),
    'HS384 with the public key': withPublicKey('HS384', 'sha384', body, holder),
    'RS384 with an ES384 key': `${part({ alg: 'RS384', typ: 'JWT', kid: 'k1' })}.${body}.${signature}`,
    'ES256 with an ES384 key': `${part({ alg: 'ES256', typ: 'JWT', kid: 'k1' })}.${body}.${signature}`,
    'alg __proto__': `${part({ alg: '__proto__', typ: 'JWT', kid: 'k1' })}.${body}.${signature}`,
    'no alg': `${part({ typ: 'JWT', kid: 'k1' })}.${body}.${signature}`,
    'a critical extension': make({}, { crit: ['x'], x: 1 }).catch(
      () => `${part({ alg: 'ES384', typ: 'JWT', kid: 'k1', crit: ['x'], x: 1 })}.${body}.${signature}`,
    ),
    'a key in the header': make({}, { jwk: stranger.jwk, kid: 'k9' }),
    tampered: assertionText(head, { ...claimsIn(body), scope: 'system/*.*' }, signature),
    'signature of another': `${head}.${body}.${(await assertionOf(stranger, given)).split('.')[2]}`,
    'signature of zeros': `${head}.${body}.${'A'.repeat(128)}`,
    'signature cut': good.slice(0, -10),
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'four parts': `${good}.x`,
    'five parts': `${good}.x.y`,
    dots: '....',
    'no JSON in it': `${Buffer.from('x').toString('base64url')}.${body}.${signature}`,
    'claims that are no object': `${head}.${part([1] as never)}.${signature}`,
    'claims that are null': `${head}.${part(null as never)}.${signature}`,
    'base64 with signs': good.replaceAll('-', '+').replaceAll('_', '/').concat('=='),
    'an access token': holder.token,
  };
  const cases = await Promise.all(
    Object.entries(wrong).map(async ([name, text]) => ask(name, tokenForm(await text).toString())),
  );
  const replayed = await make({ jti: 'used-once' });
  await fetch(given.audience, { method: 'POST', body: tokenForm(replayed) });
  return [...cases, ask('a jti that was used', tokenForm(replayed).toString()), ...(await formCases(make)), ...texts()];
}

/** Forms around a good assertion. */
async function formCases(make: () => Promise<string>): Promise<OddRequest[]> {
  const forms: Record<string, Record<string, string | undefined>> = {
    'no grant type': { grant_type: undefined },
    'another grant type': { grant_type: 'authorization_code' },
    'grant type password': { grant_type: 'password', username: 'x', password: 'y' },
    'no assertion type': { client_assertion_type: undefined },
    'assertion type of SAML': { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
    'another client': { client_id: 'somebody' },
    'no scope': { scope: undefined },
    'scopes of users': { scope: 'user/*.read patient/*.* openid launch' },
    'scopes that are not': { scope: 'system/Patientt.read system/*.x system/*.dc __proto__ system/__proto__.read' },
    'naughty scopes': { scope: NAUGHTY.SQL },
  };
  const all = await Promise.all(
    Object.entries(forms).map(async ([name, more]) => ask(`form: ${name}`, tokenForm(await make(), more).toString())),
  );
  const twice = tokenForm(await make()).toString();
  return [
    ...all,
    ask('form: a parameter twice', `${twice}&grant_type=client_credentials`),
    ask('form: an assertion twice', `${twice}&client_assertion=x`),
  ];
}

/** Bodies that are no form of a token request at all. */
function texts(): OddRequest[] {
  const some = [
    '',
    '&',
    '=',
    '&&&===',
    '%',
    '%zz=%zz',
    'a',
    '__proto__=1&constructor=2',
    '{"grant_type":"client_credentials"}',
    '<xml/>',
    '\0',
    'a=1&'.repeat(3_000),
    ...Object.values(NAUGHTY).filter((text) => text.length < 10_000),
  ];
  return some.flatMap((text, at) => [
    ask(`text ${at}`, text),
    ask(`assertion of text ${at}`, tokenForm(text).toString()),
    ask(`assertion type of text ${at}`, tokenForm('x', { client_assertion_type: text }).toString()),
  ]);
}

function ask(name: string, body: string): OddRequest {
  const expected: Expected = Buffer.byteLength(body) > 16 * 1024 ? refusedWith(413) : REFUSED;
  return {
    name: `assertion: ${name}`,
    method: 'POST',
    path: '/auth/token',
    headers: FORM,
    body,
    token: null,
    expected,
  };
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsIn = (body: string) => JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
const assertionText = (head: string, claims: object, signature: string) => `${head}.${part(claims)}.${signature}`;

/** The old confusion: what everybody may know, used as a shared secret. */
function withPublicKey(alg: string, hash: string, body: string, { signer }: Holder): string {
  const pem = createPublicKey({ key: signer.jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const text = `${part({ alg, typ: 'JWT', kid: 'k1' })}.${body}`;
  return `${text}.${createHmac(hash, pem).update(text).digest('base64url')}`;
}

export interface BadTokens {
  expired: string;
  revoked: string;
  otherSite: string;
  registry: string;
  operator: string;
}

/** Everything behind the check of tokens, asked with tokens of every wrong kind. */
export function bearerCases(good: string, tokens: BadTokens): OddRequest[] {
  const [head, body, signature] = good.split('.') as [string, string, string];
  const claims = claimsIn(body) as { aud: string };
  const wrong: Record<string, string | null> = {
    none: null,
    'no scheme': good,
    Basic: `Basic ${Buffer.from('a:b').toString('base64')}`,
    'Basic with the token': `Basic ${good}`,
    MAC: `MAC id="x"`,
    'Bearer of nothing': 'Bearer',
    'Bearer of space': 'Bearer  ',
    'Bearer of two': `Bearer ${good} ${good}`,
    'Bearer, quoted': `Bearer "${good}"`,
    'Bearer of a word': 'Bearer null',
    'Bearer, cut': `Bearer ${good.slice(0, -5)}`,
    'Bearer, one part': `Bearer ${body}`,
    'Bearer, tampered': `Bearer ${head}.${part({ ...claims, scope: 'system/*.cruds', sub: 'operator' })}.${signature}`,
    'Bearer, other audience': `Bearer ${head}.${part({ ...claims, aud: claims.aud.replace('/ya/', '/nf/') })}.${signature}`,
    'Bearer, alg none': `Bearer ${part({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
    'Bearer, HS256': `Bearer ${part({ alg: 'HS256', typ: 'at+jwt' })}.${body}.${signature}`,
    'Bearer, typ JWT': `Bearer ${part({ alg: 'ES256', typ: 'JWT' })}.${body}.${signature}`,
    'Bearer, very long': `Bearer ${'a'.repeat(8_000)}`,
    'Bearer, control characters': 'Bearer \u00a0\u00ff',
    expired: `Bearer ${tokens.expired}`,
    revoked: `Bearer ${tokens.revoked}`,
    'other site': `Bearer ${tokens.otherSite}`,
    registry: `Bearer ${tokens.registry}`,
    operator: `Bearer ${tokens.operator}`,
  };
  const reach = new Set(['other site', 'registry', 'operator']);
  const resource = '{"resourceType":"Patient","id":"p-token"}';
  const doors: [string, string, string?][] = [
    ['PUT', `${BASE}/Patient/p-token`, resource],
    ['POST', `${BASE}/Patient`, resource],
    ['PUT', `${BASE}/Patient?identifier=a|b`, resource],
    ['DELETE', `${BASE}/Patient/p-token`],
    ['POST', BASE, '{"resourceType":"Bundle","type":"batch"}'],
    ['GET', `${BASE}/Patient/p-token`],
    ['GET', `${BASE}/nowhere/at/all`],
    ['POST', '/ehr/ya/notify', '{}'],
    ['PUT', '/ehr/ya/notify/Patient/p-token', resource],
    ['DELETE', '/ehr/ya/notify/Patient/p-token'],
    ['GET', '/ehr/ya/events'],
  ];
  return Object.entries(wrong).flatMap(([name, authorization]) =>
    doors.map(([method, path, text]): OddRequest => {
      const headers = { ...(text ? JSON_TYPE : {}), ...(authorization === null ? {} : { authorization }) };
      const expected = refusedWith(reach.has(name) ? 403 : 401);
      return { name: `bearer: ${name} (${method} ${path})`, method, path, headers, body: text, token: null, expected };
    }),
  );
}
