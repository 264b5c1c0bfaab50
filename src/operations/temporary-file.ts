import { randomBytes } from 'node:crypto';
import { openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a temporary file that only its owner may read and that has no name any more: it is gone with the process,
 * however that ends.
 * @returns its descriptor, for reading and writing
 * @throws what the file system throws
 */
export function openTemporary(): number {
  const path = join(tmpdir(), `study-gateway-${randomBytes(12).toString('hex')}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
