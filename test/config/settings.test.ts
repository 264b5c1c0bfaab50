import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyText, whole } from '../../src/config/kinds.ts';
import { readTable, type SettingTable } from '../../src/config/setting.ts';
import { settingsDocument, settingsTable } from '../../src/config/tell.ts';
import { readSettings, SETTINGS } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The values of settings that must be good. */
function valuesOf(flags: Record<string, unknown>, env: Record<string, string> = {}) {
  const read = readSettings(flags, env);
  if (!read.ok) throw new Error(read.faults.join(' '));
  return read.values;
}

const faultsOf = (flags: Record<string, unknown>, env: Record<string, string> = {}) => {
  const read = readSettings(flags, env);
  return read.ok ? [] : read.faults;
};

test('with nothing given, the defaults', () => {
  expect(valuesOf({})).toEqual({
    host: '127.0.0.1',
    port: 8080,
    publicUrl: null,
    store: join('study-gateway-out', 'study-gateway.sqlite'),
    keys: null,
    study: 'nct07265544',
    sites: join(ROOT, 'sites'),
    agreements: join(ROOT, 'agreements'),
    targets: join(ROOT, 'targets'),
    maxBodyBytes: 16 * 1024 * 1024,
    maxEntries: 5_000,
    maxDepth: 64,
    readingThreads: 1,
    ratePerClient: 30_000,
    ratePerAddress: 120,
    headersSeconds: 10,
    uploadSeconds: 60,
    streamSeconds: 3_600,
    shutdownSeconds: 20,
    tokenSeconds: 300,
    jwksHosts: [],
    trustProxy: [],
    logLevel: 'info',
    debug: '0',
  });
});

test('every default is a value that may be given', () => {
  for (const { kind, default: value } of Object.values(SETTINGS as SettingTable))
    if (value !== null) expect(kind.read(kind.show(value))).toEqual({ ok: true, value });
});

test('the command line goes before the environment, the environment before the default', () => {
  const env = { STUDY_GATEWAY_PORT: '1', STUDY_GATEWAY_HOST: 'localhost', PORT: '2' };
  expect(valuesOf({ port: '3' }, env)).toMatchObject({ port: 3, host: 'localhost', maxDepth: 64 });
});

test.each<[string, string, unknown]>([
  ['publicUrl', 'https://gateway.example/ehr/', 'https://gateway.example/ehr'],
  ['publicUrl', 'HTTPS://Gateway.Example:443', 'https://gateway.example'],
  ['host', '::1', '::1'],
  ['jwksHosts', 'his.example, his.example:8443', ['his.example', 'his.example:8443']],
  ['jwksHosts', '', []],
  ['trustProxy', 'loopback,10.0.0.0/8,fd00::/8,192.0.2.7', ['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.7']],
  ['shutdownSeconds', '0', 0],
])('%s: %s', (name, text, value) => {
  expect(valuesOf({ [name]: text })).toMatchObject({ [name]: value });
});

test.each([
  ['host', 'a b', '--host: give a host name or an IP address.'],
  ['port', '65536', '--port: give a whole number from 0 to 65535.'],
  ['port', '', '--port: give a whole number from 0 to 65535.'],
  ['port', '80.5', '--port: give a whole number from 0 to 65535.'],
  ['port', '-1', '--port: give a whole number from 0 to 65535.'],
  ['publicUrl', 'gateway.example', '--public-url: give an http or https URL without user, query and fragment.'],
  ['publicUrl', 'ftp://x.example', '--public-url: give an http or https URL without user, query and fragment.'],
  ['publicUrl', 'https://a:b@x.example', '--public-url: give an http or https URL without user, query and fragment.'],
  ['publicUrl', 'https://x.example/?', '--public-url: give an http or https URL without user, query and fragment.'],
  ['store', '', '--store: give a text that is not empty.'],
  ['keys', 'a\u0000b', '--keys: give a text that is not empty.'],
  ['study', '', '--study: give a text that is not empty.'],
  ['sites', '', '--sites: give a text that is not empty.'],
  ['maxBodyBytes', '1023', '--max-body-bytes: give a whole number from 1024 to 268435456.'],
  ['maxEntries', '0', '--max-entries: give a whole number from 1 to 100000.'],
  ['maxDepth', '513', '--max-depth: give a whole number from 8 to 512.'],
  ['ratePerClient', '0', '--rate-per-client: give a whole number from 1 to 10000000.'],
  ['ratePerAddress', '0', '--rate-per-address: give a whole number from 1 to 10000000.'],
  ['headersSeconds', '0', '--headers-seconds: give a whole number from 1 to 300.'],
  ['uploadSeconds', '0', '--upload-seconds: give a whole number from 1 to 3600.'],
  ['streamSeconds', '86401', '--stream-seconds: give a whole number from 1 to 86400.'],
  ['shutdownSeconds', '601', '--shutdown-seconds: give a whole number from 0 to 600.'],
  ['tokenSeconds', '301', '--token-seconds: give a whole number from 1 to 300.'],
  [
    'jwksHosts',
    'https://his.example',
    '--jwks-hosts: give host names, each with a port where it needs one, with commas between them.',
  ],
  [
    'jwksHosts',
    'his.example:0',
    '--jwks-hosts: give host names, each with a port where it needs one, with commas between them.',
  ],
  [
    'trustProxy',
    '0.0.0.0/0',
    '--trust-proxy: give addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, with commas between them.',
  ],
  ['logLevel', 'trace', '--log-level: give one of error, warn, info, debug.'],
  ['uploadSeconds', '9', '--headers-seconds must not be above --upload-seconds, nor that above --stream-seconds.'],
  ['streamSeconds', '59', '--headers-seconds must not be above --upload-seconds, nor that above --stream-seconds.'],
])('%s: "%s" is refused, by its place and not its value', (name, text, fault) => {
  expect(faultsOf({ [name]: text })).toEqual([fault]);
});

test('all faults at once, each by where it was given; a variable that no setting has is one', () => {
  const env = { STUDY_GATEWAY_MAX_DEPTH: 'deep', STUDY_GATEWAY_MAX_DEPHT: '9', STUDY_GATEWAY_DEBUG: 'yes' };
  expect(faultsOf({ port: 'x' }, env)).toEqual([
    '--port: give a whole number from 0 to 65535.',
    'STUDY_GATEWAY_MAX_DEPTH: give a whole number from 8 to 512.',
    'STUDY_GATEWAY_DEBUG: give one of 0, 1.',
    'STUDY_GATEWAY_MAX_DEPHT: there is no such setting; "study-gateway config" lists them.',
  ]);
});

test('printed: default, what holds now, and from where; never a secret, nor a wrong value', () => {
  const table = {
    size: { kind: whole(0, 9), default: 1, unit: 'bytes', words: 'How much.' },
    word: { kind: anyText, default: '', secret: true, words: 'What is said.' },
    depth: { kind: whole(0, 9), default: 4, words: 'How deep.' },
  };
  const read = readTable(table, { size: '2' }, { STUDY_GATEWAY_WORD: 'sesame', STUDY_GATEWAY_DEPTH: 'abyss' });
  const text = settingsTable(read.present);
  expect(text).toMatch(/size .* STUDY_GATEWAY_SIZE .* 1 bytes .* 2 \(command line\) .* How much\./);
  expect(text).toMatch(/word .* \(hidden\) \(environment\) /);
  expect(text).toMatch(/depth .* 4 .* \(wrong\) /);
  expect(text).not.toMatch(/sesame|abyss/);
});

test('docs/settings.md is the table', () => {
  expect(readFileSync(join(ROOT, 'docs', 'settings.md'), 'utf8')).toBe(settingsDocument(SETTINGS));
});

test('nobody else reads the environment', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const readers = files.filter(
    (name) =>
      name.endsWith('.ts') &&
      /\bprocess\.env\b|\benv\b.*node:process/.test(readFileSync(join(ROOT, 'src', name), 'utf8')),
  );
  expect(readers).toEqual(['config.ts']);
});
