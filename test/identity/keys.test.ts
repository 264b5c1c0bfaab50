import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFingerprints } from '../../src/identity/fingerprint.ts';
import { isKeyRefusal, type KeyRefusal } from '../../src/identity/key-refusal.ts';
import { deriveSiteKeys, type Keys, openKeys, type SiteKeys } from '../../src/identity/keys.ts';

const STUDY = 'nct07265544';
let base: string;
let folders = 0;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterAll(() => rmSync(base, { recursive: true }));

function newFolder(): string {
  folders += 1;
  return join(base, `${folders}`, 'keys');
}

function ok<T extends object>(value: T | KeyRefusal | null): T {
  if (value === null || isKeyRefusal(value)) throw new Error(value === null ? 'null' : value.code);
  return value;
}

function code(value: object | null): string | null {
  return isKeyRefusal(value) ? value.code : null;
}

async function opened(dir: string, study = STUDY): Promise<Keys> {
  return ok(await openKeys(dir, study));
}

/** A folder with one key file of these bytes and permissions. */
function folderWith(bytes: Buffer, mode = 0o600): string {
  const dir = newFolder();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, 'ya.key'), bytes);
  chmodSync(join(dir, 'ya.key'), mode);
  return dir;
}

describe('deriveSiteKeys', () => {
  test('exact values', () => {
    const keys = deriveSiteKeys(Buffer.alloc(32, 1), 'ya', STUDY);
    expect(keys.pseudonym.toString('hex')).toBe('a62ce591d6d452f4e0bff0f451fda569979fc211075607056b09c0832bbbea07');
    expect(keys.identifierHash.toString('hex')).toBe(
      '19b1a3ab0caa515fbf842e98094de0d4e3fa784797ae9a82786e0188029c4d82',
    );
    expect(keys.vault.toString('hex')).toBe('e6582a84c9c888a8ff144d995a9b9537bbe5bf7b6c1f77e7ad6b7ef6138473fa');
    expect(keys.fingerprint).toBe('fa3b7dd2aad39443');
  });

  test('another secret, site or study gives other keys in every part', () => {
    const sets: SiteKeys[] = [
      deriveSiteKeys(Buffer.alloc(32, 1), 'ya', STUDY),
      deriveSiteKeys(Buffer.alloc(32, 2), 'ya', STUDY),
      deriveSiteKeys(Buffer.alloc(32, 1), 'nf', STUDY),
      deriveSiteKeys(Buffer.alloc(32, 1), 'ya', 'another'),
    ];
    const parts = sets.flatMap((keys) =>
      [keys.pseudonym, keys.identifierHash, keys.vault].map((k) => k.toString('hex')),
    );
    expect(new Set(parts).size).toBe(12);
    expect(new Set(sets.map((keys) => keys.fingerprint)).size).toBe(4);
  });
});

describe('openKeys', () => {
  test('makes the folder at once and a key at first use, for the owner only', async () => {
    const dir = newFolder();
    const keys = await opened(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(await keys.existing('ya')).toBeNull();
    expect(readdirSync(dir)).toEqual([]);
    const made = ok(await keys.of('ya'));
    expect(readdirSync(dir)).toEqual(['ya.key']);
    expect(statSync(join(dir, 'ya.key')).mode & 0o777).toBe(0o600);
    const secret = readFileSync(join(dir, 'ya.key'));
    expect(secret).toHaveLength(32);
    expect(made).toEqual(deriveSiteKeys(secret, 'ya', STUDY));
    expect(keys.study).toBe(STUDY);
  });

  test('gives the same keys again; each site has its own', async () => {
    const dir = newFolder();
    const keys = await opened(dir);
    const ya = ok(await keys.of('ya'));
    const nf = ok(await keys.of('nf'));
    expect(ok(await (await opened(dir)).of('ya'))).toEqual(ya);
    expect(ok(await (await opened(dir)).existing('nf'))).toEqual(nf);
    expect(readFileSync(join(dir, 'ya.key')).equals(readFileSync(join(dir, 'nf.key')))).toBe(false);
  });

  test('whoever comes first at the same moment, all have the same key', async () => {
    const dir = newFolder();
    const several = await Promise.all(Array.from({ length: 20 }, () => opened(dir)));
    const made = await Promise.all(several.map(async (keys) => ok(await keys.of('ya')).fingerprint));
    expect(new Set(made).size).toBe(1);
    expect(readdirSync(dir)).toEqual(['ya.key']);
  });

  test.each([0o640, 0o604, 0o660, 0o620, 0o601])('refuses a key open to others: %o', async (mode) => {
    const refusal = await openKeys(folderWith(Buffer.alloc(32, 1), mode), STUDY);
    expect(refusal).toMatchObject({ kind: 'key-refusal', code: 'key-open' });
    expect((refusal as KeyRefusal).message).toMatch(/ya\.key: .*chmod 600/);
  });

  test.each([0, 31, 33])('refuses a key of %i bytes', async (length) => {
    expect(code(await openKeys(folderWith(Buffer.alloc(length, 1)), STUDY))).toBe('key-length');
  });

  test('accepts a key that even its owner may not write', async () => {
    expect(code(await openKeys(folderWith(Buffer.alloc(32, 1), 0o400), STUDY))).toBeNull();
  });

  test('refuses a key that went bad after opening, and does not make a new one', async () => {
    const dir = newFolder();
    const keys = await opened(dir);
    writeFileSync(join(dir, 'ya.key'), 'short', { mode: 0o600 });
    expect(code(await keys.of('ya'))).toBe('key-length');
    expect(readFileSync(join(dir, 'ya.key'), 'utf8')).toBe('short');
  });

  test('refuses what is no readable file', async () => {
    const dir = newFolder();
    mkdirSync(join(dir, 'ya.key'), { recursive: true });
    chmodSync(dir, 0o700);
    expect(code(await openKeys(dir, STUDY))).toBe('key-unreadable');
    rmSync(join(dir, 'ya.key'), { recursive: true });
    symlinkSync('ya.key', join(dir, 'ya.key'));
    expect(code(await openKeys(dir, STUDY))).toBe('key-unreadable');
  });

  test('a link to nowhere is not replaced by a new key', async () => {
    const dir = newFolder();
    const keys = await opened(dir);
    symlinkSync(join(base, 'unmounted'), join(dir, 'ya.key'));
    expect(code(await keys.of('ya'))).toBe('key-unreadable');
  });

  test('refuses a folder others may write to, and a path that is no folder', async () => {
    const dir = newFolder();
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o770);
    expect(code(await openKeys(dir, STUDY))).toBe('key-folder-open');
    writeFileSync(join(base, 'plain'), '');
    expect(code(await openKeys(join(base, 'plain'), STUDY))).toBe('key-folder-unusable');
    expect(code(await openKeys(join(base, 'plain', 'keys'), STUDY))).toBe('key-folder-unusable');
  });

  test.each(['', '.', '..', '../ya', 'a/b', 'a\\b', '.hidden', 'a b', 'ya\0', 'x'.repeat(65)])(
    'refuses "%s" as a site',
    async (site) => {
      const dir = newFolder();
      const keys = await opened(dir);
      expect(code(await keys.of(site))).toBe('key-site-name');
      expect(code(await keys.existing(site))).toBe('key-site-name');
      expect(readdirSync(dir)).toEqual([]);
    },
  );
});

describe('checkFingerprints', () => {
  function settings() {
    const kept = new Map<string, string>();
    return {
      kept,
      setting: async (name: string) => kept.get(name) ?? null,
      putSetting: async (name: string, value: string) => void kept.set(name, value),
    };
  }

  test('remembers each site at first use, and is content with the same keys', async () => {
    const dir = newFolder();
    const tx = settings();
    const keys = await opened(dir);
    expect(await checkFingerprints(tx, keys, ['ya', 'nf'])).toBeNull();
    expect([...tx.kept]).toEqual([
      ['key-fingerprint:ya', ok(await keys.of('ya')).fingerprint],
      ['key-fingerprint:nf', ok(await keys.of('nf')).fingerprint],
    ]);
    expect(await checkFingerprints(tx, await opened(dir), ['nf', 'ya'])).toBeNull();
  });

  test('refuses other keys, the keys of another study, and remembers nothing of them', async () => {
    const dir = newFolder();
    const tx = settings();
    await checkFingerprints(tx, await opened(dir), ['ya']);
    const before = [...tx.kept];
    const other = await opened(newFolder());
    await other.of('ya');
    expect(code(await checkFingerprints(tx, other, ['ya']))).toBe('key-mismatch');
    expect(code(await checkFingerprints(tx, await opened(dir, 'another'), ['ya']))).toBe('key-mismatch');
    expect([...tx.kept]).toEqual(before);
  });

  test('a lost key is named, and no new one is made in its place', async () => {
    const dir = newFolder();
    const tx = settings();
    await checkFingerprints(tx, await opened(dir), ['ya']);
    rmSync(join(dir, 'ya.key'));
    const refusal = await checkFingerprints(tx, await opened(dir), ['ya']);
    expect(refusal).toEqual({
      kind: 'key-refusal',
      code: 'key-missing',
      message: 'ya: The key that the store was written with is gone. Put the original file back into the key folder.',
    });
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a bad key is passed on', async () => {
    const keys = await opened(newFolder());
    expect(code(await checkFingerprints(settings(), keys, ['../ya']))).toBe('key-site-name');
  });
});
