import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill } from './fill.ts';

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

/** A temporary file, made when something is first written to it. Whatever it does throws what the file system throws. */
export class TemporaryFile {
  #fd: number | null = null;
  #size = 0;

  /** @returns where the bytes stand */
  append(bytes: ArrayBufferView): number {
    const at = this.#size;
    this.write(bytes, at);
    this.#size += bytes.byteLength;
    return at;
  }

  write({ buffer, byteOffset, byteLength }: ArrayBufferView, at: number): void {
    this.#fd ??= openTemporary();
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let put = 0; put < byteLength; ) put += writeSync(this.#fd, bytes, put, byteLength - put, at + put);
  }

  /** Fills all of `into` with what stands from `at` on. */
  read(into: Uint8Array, at: number): void {
    fill(this.#fd!, into, 0, into.length, at);
  }

  /** What is appended from now on takes the place of what was. */
  clear(): void {
    this.#size = 0;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
