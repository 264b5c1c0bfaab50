import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isKeyRefusal, type KeyRefusal } from '../../src/identity/key-refusal.ts';
import { openRegistryKeyring, type RegistryKeyring, registryKeysFrom } from '../../src/identity/registry-keys.ts';

let dir: string;
let settings: Map<string, string>;
const store = {
  setting: async (name: string) => settings.get(name) ?? null,
  putSetting: async (name: string, value: string) => void settings.set(name, value),
};
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'registries-')), 'keys');
  settings = new Map();
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

const open = (study = 's') => openRegistryKeyring(dir, study, store);
const said = (found: RegistryKeyring | KeyRefusal) => (isKeyRefusal(found) ? found.code : found.fingerprint);
const file = () => join(dir, 'registries.secret');

test('the secret is made at first use, for its owner alone, and stays', async () => {
  const first = await open();
  expect(said(first)).toMatch(/^[0-9a-f]{16}$/);
  expect([statSync(file()).mode & 0o777, statSync(file()).size]).toEqual([0o600, 32]);
  expect(said(await open())).toBe(said(first));
  expect([...settings]).toEqual([['registry-key-fingerprint', said(first)]]);
});

test('the same secret gives the same ids; another study other ones', async () => {
  const ids = async (study: string) => {
    settings.clear();
    const keyring = (await open(study)) as RegistryKeyring;
    return keyring.of('a').ids('Patient').encrypt('a'.repeat(26));
  };
  expect(await ids('s')).toBe(await ids('s'));
  expect(await ids('t')).not.toBe(await ids('s'));
});

test('as plain data they give the same ids and keys, of the types asked for and of no others', async () => {
  const keys = ((await open()) as RegistryKeyring).of('a');
  const again = registryKeysFrom(structuredClone(keys.plain(['Patient'])));
  const id = 'b'.repeat(26);
  expect(again.ids('Patient').encryptAll([id])).toEqual([keys.ids('Patient').encrypt(id)]);
  expect(again.ids('Patient').decrypt(keys.ids('Patient').encrypt(id))).toBe(id);
  expect([again.shift.equals(keys.shift), again.identifier.equals(keys.identifier)]).toEqual([true, true]);
  expect(() => again.ids('Condition')).toThrow('no key');
});

test('a store that has used a secret gets no new one, and takes no other', async () => {
  await open();
  rmSync(file());
  expect(said(await open())).toBe('key-missing');
  writeFileSync(file(), Buffer.alloc(32, 1), { mode: 0o600 });
  expect(said(await open())).toBe('key-mismatch');
  writeFileSync(file(), Buffer.alloc(31, 1));
  expect(said(await open())).toBe('key-length');
});
