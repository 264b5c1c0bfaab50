import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './exit.ts';

/** The project's own folder: where `studies/`, `sites/` and `demo/` are. */
export const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** Where a deployment's delivery targets are, unless it says otherwise. */
export const TARGETS = join(HOME, 'targets');

/** A study given as a folder, or as the id of one under `studies/`. */
export async function studyFolder(given: string): Promise<string> {
  for (const candidate of [resolve(given), resolve(HOME, 'studies', given)]) {
    if ((await stat(candidate).catch(() => null))?.isDirectory()) return candidate;
  }
  throw new CannotStart(
    `There is no study "${given}": give a folder, or the name of one under ${resolve(HOME, 'studies')}.`,
  );
}
