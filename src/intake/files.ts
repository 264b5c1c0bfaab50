import { constants } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';

/** One file of a feed. */
export interface FeedFile {
  /** As shown to people: the path as it was given, plus the path inside the folder; `-` is standard input. */
  name: string;
  /** Where to open it; bytes when the file name is not UTF-8. `-` is standard input. */
  path: string | Buffer;
  /** Size on disk; null when it is not known beforehand (standard input, a pipe). */
  bytes: number | null;
}

/** Every file of the feed in reading order, or the paths that do not exist or may not be read. */
export type FeedListing = { files: FeedFile[] } | { missing: string[] };

/**
 * Lists what a feed consists of. Folders are read recursively, each in the byte order of its file names; hidden
 * entries of folders are skipped, links are followed (a link back to a folder above is not).
 * @param paths files, folders, or `-` for standard input (once)
 */
export async function listFeed(paths: string[]): Promise<FeedListing> {
  const files: FeedFile[] = [];
  const missing: string[] = [];
  for (const path of paths) {
    if (path !== '-') await add(path, Buffer.from(path), [], files, missing);
    else if (!files.some((file) => file.path === '-')) files.push({ name: '-', path: '-', bytes: null });
  }
  return missing.length > 0 ? { missing } : { files };
}

async function add(name: string, path: Buffer, above: string[], files: FeedFile[], missing: string[]): Promise<void> {
  try {
    const found = await stat(path);
    await access(path, constants.R_OK);
    if (!found.isDirectory()) {
      files.push({ name, path: textOrBytes(path), bytes: found.isFile() ? found.size : null });
      return;
    }
    const real = (await realpath(path, 'buffer')).toString('latin1');
    if (above.includes(real)) return;
    const entries = await readdir(path, { encoding: 'buffer' });
    for (const entry of entries.sort(Buffer.compare)) {
      if (entry[0] === DOT) continue;
      const inside = Buffer.concat([withSlash(path), entry]);
      await add(
        `${withSlash(Buffer.from(name)).toString()}${entry.toString()}`,
        inside,
        [...above, real],
        files,
        missing,
      );
    }
  } catch {
    // Only what was named must be there; inside a folder a dangling link is one file that cannot be read.
    if (above.length > 0) files.push({ name, path: textOrBytes(path), bytes: null });
    else missing.push(name);
  }
}

const DOT = 0x2e;
const SLASH = 0x2f;

function withSlash(path: Buffer): Buffer {
  return path.at(-1) === SLASH ? path : Buffer.concat([path, Buffer.from('/')]);
}

function textOrBytes(path: Buffer): string | Buffer {
  const text = path.toString('utf8');
  return Buffer.from(text).equals(path) ? text : path;
}
