import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { platform } from 'node:process';
import { type KeyRefusal, keyRefusal } from './key-refusal.ts';

/** Length of the root secret of a site. */
export const SECRET_BYTES = 32;

/** The code of an error of the file system (`EACCES`, say), else null. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Whether any of the permission bits is set. Windows keeps permissions elsewhere; its bits say nothing. */
export function permits(mode: number, bits: number): boolean {
  return platform !== 'win32' && (mode & bits) !== 0;
}

/** Reads a file that only its owner may read: null when there is none. Permissions are those of the very file that is read. */
export async function readPrivateFile(path: string): Promise<Buffer | KeyRefusal | null> {
  try {
    const file = await open(path, 'r');
    try {
      const about = await file.stat();
      if (!about.isFile()) return keyRefusal('key-unreadable', path);
      if (permits(about.mode, 0o077)) return keyRefusal('key-open', path);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (code === null) throw error;
    return keyRefusal('key-unreadable', path);
  }
}

/** Reads a root secret: null when there is no such file. */
export async function readSecret(path: string): Promise<Buffer | KeyRefusal | null> {
  const secret = await readPrivateFile(path);
  if (!Buffer.isBuffer(secret)) return secret;
  return secret.length === SECRET_BYTES ? secret : keyRefusal('key-length', path);
}

/** A new name in a folder survives a loss of power only once the folder is synced; Windows cannot open folders. */
async function syncFolder(dir: string): Promise<void> {
  if (platform === 'win32') return;
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Writes a new root secret, whole or not at all, and leaves one that is there as it is: the file is written under a
 * name of its own and then linked, so of two processes one wins and neither ever sees half a key.
 */
export async function makeSecret(path: string, random: (size: number) => Buffer): Promise<KeyRefusal | null> {
  const draft = `${path}.${random(8).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(random(SECRET_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    await syncFolder(dirname(path));
    return null;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return null;
    if (code === null) throw error;
    return keyRefusal('key-folder-unusable', path);
  } finally {
    await rm(draft, { force: true });
  }
}
