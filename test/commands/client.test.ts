import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK } from 'jose';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { newSigner, type Signer } from '../auth/signer.ts';
import { command, type Done, folder } from './command.ts';

let out: string;
let ec: Signer;
beforeAll(async () => {
  ec = await newSigner('ES384', 'ec-1');
});
beforeEach(async () => {
  out = await folder();
  await writeFile(join(out, 'jwks.json'), JSON.stringify({ keys: [ec.jwk] }));
});

const store = () => join(out, 'made', 'store.sqlite');
const client = (...args: string[]): Promise<Done> => command('client', ...args, '--store', store());
/** Arguments of `client add`; one given twice counts as given last. */
const ya = () => ['--name', 'YouAn EHR', '--site', 'ya', '--scope', 'system/*.cruds', '--jwks', join(out, 'jwks.json')];

async function audit() {
  const opened = await openSqliteStore(store());
  const rows = await opened.withTransaction((tx) => tx.audit());
  await opened.close();
  return rows.map(({ action, object, detail }) => [action, object, detail]);
}

test('add, list, revoke, list', async () => {
  const added = await client('add', '--id', 'ya-ehr', ...ya());
  expect(added).toEqual({
    code: 0,
    stderr: '',
    stdout: `client id:  ya-ehr
belongs to: site ya
scopes:     system/*.cruds
token URL:  <base URL of the service>/auth/token
base:       <base URL of the service>/ehr/ya/fhir
`,
  });
  const registry = ['--name', 'Registry', '--registry', 'Liver', '--scope', 'system/ResearchSubject.read'];
  const url = 'https://registry.example/jwks';
  const second = await client('add', '--id', 'registry', ...registry, '--jwks-url', url);
  expect([second.code, second.stdout.split('\n').slice(1)]).toEqual([
    0,
    [
      'belongs to: registry Liver',
      'scopes:     system/ResearchSubject.rs',
      'token URL:  <base URL of the service>/auth/token',
      'base:       <base URL of the service>/fhir',
      'The host of its JWKS URL must be on the list of allowed hosts.',
      '',
    ],
  ]);
  const untimed = ({ stdout }: Done) => stdout.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T');
  const registryRow =
    'registry\tregistry Liver\tsystem/ResearchSubject.rs\tkeys by URL\tadded T\tstands\tRegistry\n2 clients\n';
  expect(untimed(await client('list'))).toBe(
    `ya-ehr\tsite ya\tsystem/*.cruds\t1 keys\tadded T\tstands\tYouAn EHR\n${registryRow}`,
  );
  expect(await client('revoke', 'ya-ehr')).toEqual({ code: 0, stderr: '', stdout: 'revoked: ya-ehr\n' });
  expect(await client('revoke', 'ya-ehr')).toEqual({ code: 0, stderr: '', stdout: 'was revoked before: ya-ehr\n' });
  expect(untimed(await client('list'))).toBe(
    `ya-ehr\tsite ya\tsystem/*.cruds\t1 keys\tadded T\trevoked T\tYouAn EHR\n${registryRow}`,
  );
  expect(await audit()).toEqual([
    ['client-added', 'ya-ehr', 'site ya: system/*.cruds'],
    ['client-added', 'registry', 'registry Liver: system/ResearchSubject.rs'],
    ['client-revoked', 'ya-ehr', null],
  ]);
});

test('without --id a random one is given', async () => {
  const { stdout } = await client('add', ...ya());
  expect(stdout).toMatch(/^client id: {2}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n/);
});

test('an id is given once, also after it was revoked', async () => {
  await client('add', '--id', 'ya-ehr', ...ya());
  await client('revoke', 'ya-ehr');
  const again = await client('add', '--id', 'ya-ehr', ...ya());
  expect([again.code, again.stderr]).toEqual([
    2,
    'There is a client with this --id, or was one: ids are never used again.\n',
  ]);
});

describe('add refuses', () => {
  const without = (name: string) => ya().filter((_, at, all) => all[at] !== name && all[at - 1] !== name);
  test.each<[string, () => string[], string]>([
    ['a short id', () => [...ya(), '--id', 'a'], '--id takes'],
    ['an id with a slash', () => [...ya(), '--id', 'ya/ehr'], '--id takes'],
    ['a name over two lines', () => [...ya(), '--name', 'a\nb'], '--name takes'],
    ['no owner', () => without('--site'), 'one of --site, --registry, --operator'],
    ['two owners', () => [...ya(), '--registry', 'x'], 'one of --site, --registry, --operator'],
    ['an operator with a site', () => [...ya(), '--operator'], 'one of --site, --registry, --operator'],
    ['an unknown site', () => [...ya(), '--site', 'xx'], 'There is no site'],
    ['a registry without a name', () => [...without('--site'), '--registry', ''], '--registry takes'],
    ['an unknown scope', () => [...ya(), '--scope', 'system/*.rs user/*.rs'], 'not user/*.rs'],
    ['no scope', () => [...ya(), '--scope', ''], '--scope takes'],
    ['no keys', () => without('--jwks'), 'one of --jwks and --jwks-url'],
    ['keys twice', () => [...ya(), '--jwks-url', 'https://ehr.example/'], 'one of --jwks and --jwks-url'],
    ['http', () => [...without('--jwks'), '--jwks-url', 'http://ehr.example/'], 'must be https'],
    ['no file', () => [...ya(), '--jwks', join(out, 'none')], 'cannot be read'],
    ['a folder', () => [...ya(), '--jwks', out], 'cannot be read'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await client('add', ...args());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect((await client('list')).stderr).toContain('There is no store');
  });

  test('files that hold no public keys, and never repeats what is in them', async () => {
    const whole = { ...(await exportJWK(ec.privateKey)), kid: 'ec-1' };
    const cases: [string, string][] = [
      ['secret-7', 'no JSON Web Key Set'],
      [JSON.stringify(ec.jwk), 'no JSON Web Key Set'],
      [JSON.stringify({ keys: [whole] }), 'holds a private key'],
      [JSON.stringify({ keys: [{ kty: 'oct', k: 'secret-7' }] }), 'holds a symmetric key'],
      [JSON.stringify({ keys: [] }), 'holds no key'],
      [' '.repeat(70_000), 'larger than 64 KiB'],
    ];
    for (const [text, message] of cases) {
      await writeFile(join(out, 'bad.json'), text);
      const { code, stdout, stderr } = await client('add', ...ya(), '--jwks', join(out, 'bad.json'));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(message);
      for (const secret of ['secret-7', whole.d!]) expect(stderr).not.toContain(secret);
    }
  });
});

test('list and revoke make no store', async () => {
  for (const args of [['list'], ['revoke', 'ya-ehr']]) {
    const { code, stderr } = await client(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no store')]);
  }
});

test('revoke of a client that never was', async () => {
  await client('add', '--id', 'ya-ehr', ...ya());
  const { code, stderr } = await client('revoke', 'nf-ehr');
  expect([code, stderr]).toEqual([2, 'There is no such client: client list shows them all.\n']);
});
