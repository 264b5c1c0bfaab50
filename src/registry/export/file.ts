import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of lines that is being written. */
export interface LineFile {
  /** Lines written so far. */
  readonly lines: number;
  write(lines: readonly string[]): Promise<void>;
  /** Adds lines that are made already, each with its end. */
  append(text: string | Uint8Array, lines: number): Promise<void>;
  /** Durable once this resolves. */
  close(): Promise<void>;
}

export function exportFolder(folder: string, id: string): string {
  return join(folder, id);
}

/** Where a file of an export is. */
export function exportFile(folder: string, id: string, number: number): string {
  return join(exportFolder(folder, id), `${number}.ndjson`);
}

/**
 * A file of an export, for its owner only, made when the first line is written. What an earlier attempt left under its
 * name is overwritten.
 */
export function lineFile(folder: string, id: string, number: number): LineFile {
  let handle: FileHandle | null = null;
  let lines = 0;
  async function append(text: string | Uint8Array, more: number): Promise<void> {
    if (more === 0) return;
    if (handle === null) {
      await mkdir(exportFolder(folder, id), { recursive: true, mode: 0o700 });
      handle = await open(exportFile(folder, id, number), 'w', 0o600);
    }
    await handle.appendFile(text);
    lines += more;
  }
  return {
    get lines() {
      return lines;
    },
    append,
    write: (more) => append(`${more.join('\n')}\n`, more.length),
    async close() {
      if (handle === null) return;
      await handle.sync();
      await handle.close();
    },
  };
}

/** Deletes the files of an export. */
export async function removeFiles(folder: string, id: string): Promise<void> {
  await rm(exportFolder(folder, id), { recursive: true, force: true });
}
