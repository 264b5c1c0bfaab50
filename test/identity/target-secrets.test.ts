import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTargetSecrets } from '../../src/identity/target-secrets.ts';
import { folder } from '../pipeline/gateway.ts';

let dir: string;
beforeEach(async () => {
  dir = await folder();
});
const put = (name: string, text: string, mode = 0o600) => writeFile(join(dir, name), text, { mode });

test('nothing there is nothing; what is there is read, and no other target’s', async () => {
  expect(await readTargetSecrets(dir, 'hub')).toEqual({ token: null, secret: null, clientKey: null });
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' });
  await put('target-hub.token', 'abc.def\n');
  await put('target-hub.secret', 's3cret');
  await put('target-hub.jwk', JSON.stringify(jwk));
  await put('target-other.token', 'other');
  expect(await readTargetSecrets(dir, 'hub')).toEqual({ token: 'abc.def', secret: 's3cret', clientKey: jwk });
});

test.each<[string, string, number, string]>([
  ['target-hub.token', 'two\nlines', 0o600, 'secret-form'],
  ['target-hub.secret', '', 0o600, 'secret-form'],
  ['target-hub.token', 'abc', 0o644, 'key-open'],
  ['target-hub.jwk', '{"kty":"EC"}', 0o600, 'client-key-form'],
])('%s with %j (%i) is refused: %s', async (name, text, mode, code) => {
  await put(name, text, mode);
  const refused = await readTargetSecrets(dir, 'hub');
  expect(refused).toMatchObject({ kind: 'key-refusal', code });
  expect(JSON.stringify(refused)).not.toContain('abc');
});
