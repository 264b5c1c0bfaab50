import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isKeyRefusal, type KeyRefusal } from '../../src/identity/key-refusal.ts';
import { openKeys } from '../../src/identity/keys.ts';
import { openSigningKey } from '../../src/identity/signing-key.ts';

let base: string;
let dir: string;
let folders = 0;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'signing-'));
});
beforeEach(() => {
  folders += 1;
  dir = join(base, `${folders}`, 'keys');
});
afterAll(() => rmSync(base, { recursive: true }));

const file = () => join(dir, 'access-token.pem');
const mode = (path: string) => statSync(path).mode & 0o777;
const jwk = (key: KeyObject | KeyRefusal) => (isKeyRefusal(key) ? key.code : key.export({ format: 'jwk' }));

function put(content: string | Buffer, bits = 0o600): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(file(), content);
  chmodSync(file(), bits);
}

function pemOf(curve: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

test('is made at first use, for its owner alone, and stays', async () => {
  const made = jwk(await openSigningKey(dir));
  expect(made).toMatchObject({ kty: 'EC', crv: 'P-256', d: expect.any(String) });
  expect([mode(dir), mode(file()), readdirSync(dir)]).toEqual([0o700, 0o600, ['access-token.pem']]);
  expect(jwk(await openSigningKey(dir))).toEqual(made);
});

test('of many at once one wins', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => openSigningKey(dir)));
  expect(new Set(keys.map((key) => JSON.stringify(jwk(key)))).size).toBe(1);
  expect(readdirSync(dir)).toEqual(['access-token.pem']);
});

test('lies beside the keys of the sites', async () => {
  const keys = await openKeys(dir, 'nct07265544');
  if (isKeyRefusal(keys)) throw new Error(keys.code);
  await keys.of('ya');
  await openSigningKey(dir);
  expect(readdirSync(dir).sort()).toEqual(['access-token.pem', 'ya.key']);
  expect(isKeyRefusal(await openKeys(dir, 'nct07265544'))).toBe(false);
});

test('is refused when others may read it, or it is damaged, huge, or of another curve; nothing new is made', async () => {
  const cases: [string | Buffer, number, string][] = [
    [pemOf('P-256'), 0o640, 'key-open'],
    ['', 0o600, 'key-damaged'],
    [pemOf('P-256').slice(0, 60), 0o600, 'key-damaged'],
    [pemOf('P-384'), 0o600, 'key-damaged'],
    [Buffer.alloc(5_000), 0o600, 'key-length'],
  ];
  for (const [content, bits, code] of cases) {
    put(content, bits);
    expect(jwk(await openSigningKey(dir))).toBe(code);
    expect(statSync(file()).size).toBe(content.length);
  }
});

test('is refused in a folder that others may write to', async () => {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o770);
  expect(jwk(await openSigningKey(dir))).toBe('key-folder-open');
});
