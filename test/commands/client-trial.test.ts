import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addClient } from '../../src/pipeline/clients.ts';
import * as b from '../feed/builders.ts';
import { openTestService, type TestService } from '../service/service.ts';
import { command, folder } from './command.ts';

let at: string;
let service: TestService;
beforeAll(async () => {
  at = await folder();
  service = await openTestService();
  service.now = Date.now();
});
afterAll(() => service.close());

test('a key pair is made, the private one for its owner only, and never overwritten', async () => {
  const out = join(at, 'ya');
  expect((await command('client', 'key', '--out', out)).code).toBe(0);
  expect((await stat(`${out}.jwk`)).mode & 0o777).toBe(0o600);
  const [key, set] = await Promise.all(
    [`${out}.jwk`, `${out}-jwks.json`].map(async (file) => JSON.parse(await readFile(file, 'utf8'))),
  );
  expect(key).toMatchObject({ kty: 'EC', crv: 'P-384', alg: 'ES384', d: expect.any(String) });
  expect(set.keys).toEqual([{ ...key, d: undefined, kid: key.kid }].map(({ d: _, ...open }) => open));
  expect((await command('client', 'key', '--out', out)).code).toBe(2);
});

test('with it a token is got, and with the token a resource is sent', async () => {
  const out = join(at, 'bf');
  await command('client', 'key', '--out', out);
  const jwks = JSON.parse(await readFile(`${out}-jwks.json`, 'utf8'));
  const client = {
    id: 'bf-ehr',
    name: 'BF',
    kind: 'site' as const,
    site: 'bf',
    registry: null,
    scopes: 'system/*.cruds',
    keys: { jwks },
  };
  await addClient(service.gateway, client);
  const { code, stdout } = await command('client', 'token', 'bf-ehr', '--key', `${out}.jwk`, '--url', service.url);
  expect(code).toBe(0);
  const patient = b.patient(b.feedContext('bf', 1));
  const sent = await service.ask('PUT', `/ehr/bf/fhir/Patient/${patient.id}`, patient, { token: stdout.trim() });
  expect(sent.status).toBe(201);
});

test('an unknown client, a file that is not there, a service that is not: exit code 2 and why', async () => {
  const out = join(at, 'gz');
  await command('client', 'key', '--out', out);
  const unknown = await command('client', 'token', 'nobody', '--key', `${out}.jwk`, '--url', service.url);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('token-refused')]);
  const missing = await command('client', 'token', 'nobody', '--key', join(at, 'none.jwk'), '--url', service.url);
  expect(missing.code).toBe(2);
  const nowhere = await command('client', 'token', 'nobody', '--key', `${out}.jwk`, '--url', 'http://127.0.0.1:9');
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('unreachable')]);
});
