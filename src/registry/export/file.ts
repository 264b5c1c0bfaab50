import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of lines that is being written. */
export interface LineFile {
  /** Lines written so far. */
  readonly lines: number;
  write(lines: readonly string[]): Promise<void>;
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
  return {
    get lines() {
      return lines;
    },
    async write(more) {
      if (more.length === 0) return;
      if (handle === null) {
        await mkdir(exportFolder(folder, id), { recursive: true, mode: 0o700 });
        handle = await open(exportFile(folder, id, number), 'w', 0o600);
      }
      await handle.appendFile(`${more.join('\n')}\n`);
      lines += more.length;
    },
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
