import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { openTemporary } from '../operations/temporary-file.ts';
import { type Broken, type ByteSource, contentOf } from './bytes.ts';
import type { FeedFile } from './files.ts';
import { isUtf16 } from './read.ts';

/** A file that can be read at any place, and again. */
export interface OpenFile {
  fd: number;
  size: number;
  /** Whether it can be opened once more. */
  again: boolean;
  /** Whether its bytes were counted when they were spooled. */
  spooled: boolean;
  /** Why it ends where it does, when that is not its end. */
  broken: Broken | null;
  close(): void;
}

/**
 * Opens a file of a feed so that it can be read twice. What cannot be (standard input, a pipe) or should not be (gzip)
 * is written to a temporary file first.
 * @throws what the file system throws
 */
export async function openTwice(file: FeedFile, source: ByteSource): Promise<OpenFile> {
  const again = file.path !== '-' && file.bytes !== null;
  if (again) {
    const fd = openSync(file.path, 'r');
    if (!isGzip(fd)) {
      return { fd, size: fstatSync(fd).size, again, spooled: false, broken: null, close: () => closeSync(fd) };
    }
    closeSync(fd);
  }
  const fd = openTemporary();
  const spooled: OpenFile = { fd, size: 0, again, spooled: true, broken: null, close: () => closeSync(fd) };
  for await (const chunk of contentOf(file, source)) {
    if (!Buffer.isBuffer(chunk)) spooled.broken = chunk;
    else for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
    if (Buffer.isBuffer(chunk)) spooled.size += chunk.length;
  }
  return spooled;
}

/** The content from its beginning. */
export async function* spoolChunks({ fd, size }: OpenFile): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.alloc(64 * 1024);
    const count = readSync(fd, chunk, 0, chunk.length, at);
    if (count === 0) return;
    yield chunk.subarray(0, count);
    at += count;
  }
}

/** Whether it begins as UTF-16 does, which is refused. */
export function isUtf16File({ fd, size }: OpenFile): boolean {
  const head = Buffer.alloc(2);
  if (size >= 2) readSync(fd, head, 0, 2, 0);
  return isUtf16(head);
}

/** RFC 1952, as `contentOf` tells it. */
function isGzip(fd: number): boolean {
  const head = Buffer.alloc(2);
  readSync(fd, head, 0, 2, 0);
  return head[0] === 0x1f && head[1] === 0x8b;
}
