import { createReadStream } from 'node:fs';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { RefusalCode } from '../fhir/refusal.ts';
import type { FeedFile } from './files.ts';

/** A stream of bytes that could not be followed to its end. */
export interface Broken {
  reason: Extract<RefusalCode, 'file-unreadable' | 'gzip-broken'>;
  message: string;
}

/** Where bytes come from: `stdin` stands behind the file `-`, `onBytes` hears of every raw chunk taken in. */
export interface ByteSource {
  /** Whether gzip is unpacked; else its bytes are taken as they are. */
  unpacks: boolean;
  stdin: AsyncIterable<Buffer>;
  onBytes: (bytes: number) => void;
}

/** Compressed bytes handed to zlib at a time: bounds what one step can blow up to (deflate: about 1000 times). */
const SLICE = 32 * 1024;

/**
 * The content of a file in chunks, unpacked when it is gzip (RFC 1952, by its first two bytes; several members in a
 * row are one content). Whatever can be read before a failure comes first; then, as the last item, the failure.
 */
export async function* contentOf(file: FeedFile, source: ByteSource): AsyncGenerator<Buffer | Broken> {
  let gunzip: Unpacker | null = null;
  let head: Buffer | null = Buffer.alloc(0);
  try {
    for await (const chunk of opened(file, source)) {
      source.onBytes(chunk.length);
      // Two bytes decide; a pipe may deliver them one by one.
      const bytes: Buffer = head === null ? chunk : Buffer.concat([head, chunk]);
      if (head !== null && bytes.length < 2) {
        head = bytes;
        continue;
      }
      if (head !== null && source.unpacks && bytes[0] === 0x1f && bytes[1] === 0x8b) gunzip = new Unpacker();
      head = null;
      if (gunzip) yield* gunzip.push(bytes);
      else yield bytes;
      if (gunzip?.failed) break;
    }
    if (head !== null && head.length > 0) yield head;
    if (gunzip) yield* gunzip.end();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    yield unreadable(error.code);
    return;
  } finally {
    gunzip?.close();
  }
  if (gunzip?.failed) {
    yield { reason: 'gzip-broken', message: 'The gzip file is damaged or cut off here. Send the file again.' };
  }
}

function opened(file: FeedFile, source: ByteSource): AsyncIterable<Buffer> {
  return file.path === '-' ? source.stdin : createReadStream(file.path, { highWaterMark: 1024 * 1024 });
}

/** What is said where reading failed. */
export function unreadable(code: string): Broken {
  const message = `Reading stopped here (${code}). Check the file and its disk, then send it again.`;
  return { reason: 'file-unreadable', message };
}

/** Reading fails with a code such as EACCES, EIO, ECONNRESET; anything else is a mistake of ours. */
export function isSystemError(error: unknown): error is { code: string } {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^E[A-Z0-9]+$/.test(code) || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** zlib's gunzip, step by step: what went in before a fault has come out before the fault is told. */
class Unpacker {
  failed = false;
  #out: Buffer[] = [];
  #stream: Gunzip = createGunzip();
  #onFault: () => void = () => {};

  constructor() {
    this.#stream.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.#stream.on('error', () => {
      this.failed = true;
      this.#onFault();
    });
  }

  async *push(bytes: Buffer): AsyncGenerator<Buffer> {
    for (let from = 0; from < bytes.length && !this.failed; from += SLICE) {
      await this.#step((done) => this.#stream.write(bytes.subarray(from, from + SLICE), done));
      yield* this.#out.splice(0);
    }
  }

  /** zlib says now whether this is a proper end; it holds nothing back until then. */
  async *end(): AsyncGenerator<Buffer> {
    // Padding after the last member: zlib has ended by itself already, and tells it no second time.
    if (!this.failed && !this.#stream.readableEnded) await this.#step((done) => this.#stream.once('end', done).end());
    yield* this.#out.splice(0);
  }

  close(): void {
    this.#stream.destroy();
  }

  async #step(start: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onFault = resolve;
      start(resolve);
    });
    // Chunks and faults are told a turn later than the step is done.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
