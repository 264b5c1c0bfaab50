import { gzipSync } from 'node:zlib';
import { createKeyCache, type KeyCache } from '../../src/auth/key-cache.ts';
import { fetchKeys } from '../../src/auth/key-fetch.ts';
import { isAuthRefusal } from '../../src/auth/refusal.ts';
import { type KeyHost, openKeyHost, publishing } from './key-host.ts';
import { newSigner, type Signer } from './signer.ts';

let [a, b]: [Signer, Signer] = [null as never, null as never];
let host: KeyHost;
let cache: KeyCache;
let now: number;

beforeAll(async () => {
  [a, b] = await Promise.all([newSigner('ES384', 'a'), newSigner('ES384', 'b')]);
});
beforeEach(async () => {
  host = await openKeyHost();
  now = 1_750_000_000_000;
  const settings = {
    baseUrl: 'https://gateway.example',
    jwksHosts: [host.host],
    loopbackHttp: true,
    tokenSeconds: 300,
  };
  cache = createKeyCache(settings, () => now);
});
afterEach(() => host.close());

/** Asks `seconds` later; the kids that are known, or the code of the refusal, and how often the host was asked. */
async function ask(kid: string, seconds = 0): Promise<unknown> {
  now += seconds * 1_000;
  const set = await cache.keysAt(host.url, kid);
  return [isAuthRefusal(set) ? set.code : set.keys.map((key) => key.kid), host.asked];
}

test('is kept for five minutes where the host says nothing', async () => {
  host.answer = publishing([a.jwk]);
  expect(await ask('a')).toEqual([['a'], 1]);
  expect(await ask('a', 299)).toEqual([['a'], 1]);
  expect(await ask('a', 1)).toEqual([['a'], 2]);
});

test.each([
  ['max-age=60', 60],
  ['public, MAX-AGE="60"', 60],
  ['max-age=5', 30],
  ['no-store', 30],
  ['max-age=600, no-cache', 30],
  ['max-age=99999999', 3_600],
  ['s-maxage=60', 300],
])('is kept as long as "%s" says, within bounds', async (header, seconds) => {
  host.answer = publishing([a.jwk], header);
  expect(await ask('a')).toEqual([['a'], 1]);
  expect(await ask('a', seconds - 1)).toEqual([['a'], 1]);
  expect(await ask('a', 1)).toEqual([['a'], 2]);
});

test('an unknown kid asks again, but not more often than every 30 seconds', async () => {
  host.answer = publishing([a.jwk], 'max-age=3600');
  expect(await ask('b')).toEqual([['a'], 1]);
  expect(await ask('b', 29)).toEqual([['a'], 1]);
  expect(await ask('b', 1)).toEqual([['a'], 2]);
  for (let n = 0; n < 20; n += 1) expect(await ask(`x${n}`, 1)).toEqual([['a'], 2]);
  host.answer = publishing([a.jwk, b.jwk], 'max-age=3600');
  expect(await ask('b', 10)).toEqual([['a', 'b'], 3]);
});

test('many at once are one request', async () => {
  host.answer = publishing([a.jwk]);
  await Promise.all(Array.from({ length: 10 }, () => ask('a')));
  expect(host.asked).toBe(1);
});

test('a failure counts for 30 seconds', async () => {
  expect(await ask('a')).toEqual(['jwks-unavailable', 1]);
  host.answer = publishing([a.jwk]);
  expect(await ask('a', 29)).toEqual(['jwks-unavailable', 1]);
  expect(await ask('a', 1)).toEqual([['a'], 2]);
});

test('a failure while looking for a new key takes nothing from keys that still count; old keys do not outlive their time', async () => {
  host.answer = publishing([a.jwk], 'max-age=100');
  expect(await ask('a')).toEqual([['a'], 1]);
  host.answer = (_req, res) => res.writeHead(500).end();
  expect(await ask('b', 40)).toEqual([['a'], 2]);
  expect(await ask('a', 59)).toEqual([['a'], 2]);
  expect(await ask('a', 1)).toEqual(['jwks-unavailable', 3]);
});

describe('is refused', () => {
  test.each<[string, KeyHost['answer'], string]>([
    ['a redirect', (_req, res) => res.writeHead(302, { Location: '/other' }).end(), 'jwks-redirect'],
    ['an error', (_req, res) => res.writeHead(503).end('{"keys":[]}'), 'jwks-unavailable'],
    ['no content', (_req, res) => res.writeHead(204).end(), 'jwks-unavailable'],
    ['a broken connection', (_req, res) => res.socket!.destroy(), 'jwks-unavailable'],
    [
      'an answer that breaks off',
      (_req, res) => {
        res.writeHead(200, { 'Content-Length': '1000' });
        res.write('{"keys":', () => res.socket!.destroy());
      },
      'jwks-unavailable',
    ],
    ['no JSON', (_req, res) => res.end('<html>'), 'jwks-malformed'],
    ['an empty body', (_req, res) => res.end(), 'jwks-malformed'],
    ['JSON of something else', (_req, res) => res.end('{"key":[]}'), 'jwks-malformed'],
    ['a symmetric key', publishing([{ kty: 'oct', k: 'c2VjcmV0', kid: 'a' }]), 'jwks-symmetric'],
    ['over 64 KiB', (_req, res) => res.end(`{"keys":[],"x":"${'x'.repeat(64 * 1024)}"}`), 'jwks-too-large'],
    [
      'small only when packed',
      (_req, res) =>
        res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(`{"x":"${'x'.repeat(10_000_000)}"}`)),
      'jwks-too-large',
    ],
  ])('%s', async (_, answer, code) => {
    host.answer = answer;
    expect(await ask('a')).toEqual([code, 1]);
  });

  test.each<[string, KeyHost['answer']]>([
    ['does not begin', () => {}],
    ['does not end', (_req, res) => res.write('{"keys":[')],
  ])('an answer that %s in time', async (_, answer) => {
    host.answer = answer;
    expect(await fetchKeys(host.url, 50)).toMatchObject({ code: 'jwks-unavailable' });
  });

  test('a host that is not on the list is not asked', async () => {
    const url = host.url.replace('127.0.0.1', 'localhost');
    expect(await cache.keysAt(url, 'a')).toMatchObject({ code: 'jwks-host' });
    expect(host.asked).toBe(0);
  });
});
