import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
export const STUDY = join(REPOSITORY, 'studies/nct07265544');
export const SITES = join(REPOSITORY, 'sites');

const made: string[] = [];

/** An empty folder that is taken away by `removeFolders`. */
export function emptyFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'study-'));
  made.push(root);
  return root;
}

/** A copy of a folder that a test may damage. */
export function copyOf(folder: string): string {
  const root = emptyFolder();
  cpSync(folder, root, { recursive: true });
  return root;
}

/**
 * Replaces a text that stands in a file exactly once.
 * @returns the line (from 1) on which the replacement begins
 */
export function replaceIn(root: string, file: string, from: string, to: string): number {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const at = before.indexOf(from);
  if (at < 0 || before.indexOf(from, at + 1) >= 0) throw new Error(`not exactly once in ${file}: ${from}`);
  writeFileSync(path, before.slice(0, at) + to + before.slice(at + from.length));
  return before.slice(0, at).split('\n').length;
}

export function removeFolders(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}
