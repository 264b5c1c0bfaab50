import { readSync } from 'node:fs';

/** Reads until all is there. A file that has become shorter throws like one that cannot be read. */
export function fill(fd: number, into: Uint8Array, offset: number, length: number, position: number): number {
  let held = 0;
  while (held < length) {
    const count = readSync(fd, into, offset + held, length - held, position + held);
    if (count === 0) throw Object.assign(new Error('The file has become shorter.'), { code: 'ESHORT' });
    held += count;
  }
  return length > 0 ? length : 0;
}
