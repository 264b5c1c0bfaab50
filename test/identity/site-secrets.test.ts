import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSiteSecrets } from '../../src/identity/site-secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string, mode = 0o600) => {
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
};
const read = () => readSiteSecrets(folder, 'ya');
const LONG = 'a secret of sixteen characters or more';
const rsa = { kty: 'RSA', n: 'x', e: 'AQAB', d: 'secret' };

test('nothing is agreed', async () => {
  expect(await read()).toStrictEqual({ notification: [], clientKey: null });
});

test('secrets one a line, and the key of our client', async () => {
  put('ya.hmac', `${LONG}\r\nanother ${LONG}\n`);
  put('ya.jwk', JSON.stringify(rsa));
  put('nf.hmac', 'short');
  expect(await read()).toStrictEqual({
    notification: [Buffer.from(LONG), Buffer.from(`another ${LONG}`)],
    clientKey: rsa,
  });
});

test.each<[string, string, string, number, string]>([
  ['a file others may read', 'ya.hmac', LONG, 0o640, 'key-open'],
  ['a short secret', 'ya.hmac', `${LONG}\nfifteen letters`, 0o600, 'secret-short'],
  ['an empty file', 'ya.hmac', '\n', 0o600, 'secret-short'],
  ['a key others may read', 'ya.jwk', JSON.stringify(rsa), 0o604, 'key-open'],
  ['no JSON', 'ya.jwk', 'PRIVATE KEY', 0o600, 'client-key-form'],
  ['a public key', 'ya.jwk', JSON.stringify({ ...rsa, d: undefined }), 0o600, 'client-key-form'],
  [
    'a key for another algorithm',
    'ya.jwk',
    JSON.stringify({ kty: 'EC', crv: 'P-256', d: 'x' }),
    0o600,
    'client-key-form',
  ],
  ['null', 'ya.jwk', 'null', 0o600, 'client-key-form'],
])('%s is refused, by file and without its content', async (_, name, content, mode, code) => {
  put(name, content, mode);
  const refusal = await read();
  expect(refusal).toMatchObject({ kind: 'key-refusal', code });
  expect(JSON.stringify(refusal)).toContain(name);
  for (const line of content.split('\n').filter((each) => each.length > 4)) {
    expect(JSON.stringify(refusal)).not.toContain(line);
  }
});
