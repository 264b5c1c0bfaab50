import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyHost, openKeyHost, publishing } from '../../auth/key-host.ts';
import { newSigner, type Signer } from '../../auth/signer.ts';
import { askToken, openService, type Service } from './service.ts';

let folder: string;
let files = 0;
let [first, second]: Signer[] = [];
let host: KeyHost;
let service: Service;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jwks-'));
  [first, second] = await Promise.all([newSigner('RS384', '2025-05'), newSigner('ES384', '2025-06')]);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  files += 1;
  host = await openKeyHost();
  host.answer = publishing([first!.jwk], 'max-age=3600');
  service = await openService(join(folder, `${files}.sqlite`), { jwksHosts: [host.host] });
  await service.add({ id: 'ya-ehr', keys: { jwksUrl: host.url } });
});
afterEach(async () => {
  expect(service.faults).toEqual([]);
  await service.close();
  await host.close();
});

async function ask(signer: Signer, header?: Record<string, unknown>): Promise<unknown> {
  const { status, body } = await askToken(service, signer, { client: 'ya-ehr', ...(header ? { header } : {}) });
  return status === 200 ? 200 : body.code;
}

test('keys are read where the client publishes them, and kept', async () => {
  expect(await ask(first!)).toBe(200);
  expect(await ask(first!)).toBe(200);
  expect(host.asked).toBe(1);
});

test('a new key counts as soon as it is published, an old one until the set is old', async () => {
  expect(await ask(first!)).toBe(200);
  service.now += 31_000;
  expect(await ask(second!)).toBe('key-unknown');
  host.answer = publishing([second!.jwk], 'max-age=3600');
  expect(await ask(second!)).toBe('key-unknown');
  expect(host.asked).toBe(2);
  service.now += 31_000;
  expect(await ask(second!)).toBe(200);
  expect(host.asked).toBe(3);
  expect(await ask(first!)).toBe('key-unknown');
});

test('jku may name the registered URL and no other; no other is asked', async () => {
  expect(await ask(first!, { jku: host.url })).toBe(200);
  expect(await ask(first!, { jku: `${host.url}?other` })).toBe('assertion-jku');
  expect(await ask(first!, { jku: 7 })).toBe('assertion-jku');
  expect(host.asked).toBe(1);
});

test.each<[string, KeyHost['answer'], string]>([
  ['a redirect', (_req, res) => res.writeHead(307, { Location: 'http://127.0.0.1/' }).end(), 'jwks-redirect'],
  ['a private key', publishing([{ kty: 'EC', crv: 'P-384', x: 'x', y: 'y', d: 'd', kid: 'a' }]), 'jwks-private'],
  ['nothing', (_req, res) => res.socket!.destroy(), 'jwks-unavailable'],
])('%s in place of keys', async (_, answer, code) => {
  host.answer = answer;
  expect(await ask(first!)).toBe(code);
});

test('a host that is not on the list is not asked', async () => {
  const elsewhere = await openKeyHost();
  elsewhere.answer = publishing([first!.jwk]);
  await service.add({ id: 'elsewhere', keys: { jwksUrl: elsewhere.url } });
  const { body } = await askToken(service, first!, { client: 'elsewhere' });
  expect([body.code, elsewhere.asked]).toEqual(['jwks-host', 0]);
  await elsewhere.close();
});
