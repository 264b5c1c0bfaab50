import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CannotStart } from './exit.ts';
import { type Definitions, openAllDefinitions } from './open.ts';

/** The studies of a screening, and where what they leave behind is to lie. */
export interface StudiesOptions {
  /** One or more: folders, or ids under `studies/`. */
  study: readonly string[];
  sites: string;
  targets?: string | undefined;
  out: string;
  store?: string | undefined;
  keys?: string | undefined;
}

/** One study of a screening, with its places. */
export interface PlacedStudy {
  definitions: Definitions;
  /** The folder of its report. */
  out: string;
  /** The file of its store. */
  store: string;
  /** The folder of the sites' root secrets; beside the store without one. */
  keys: string | undefined;
}

const STORE = 'study-gateway.sqlite';

/**
 * Opens what the studies of a screening are defined by. One study lies as it always did. Of several each has a folder of
 * its own, named by its id, below `out` and, where that is given, below `store`. `keys` holds the root secrets of the
 * sites, from which each study derives keys of its own, so one folder serves all.
 * @throws CannotStart when definitions have mistakes, two studies have one id, or `store` is a file for several
 */
export async function openStudies(options: StudiesOptions): Promise<PlacedStudy[]> {
  const all = await openAllDefinitions(options);
  const { keys } = options;
  if (all.length === 1) {
    const store = resolve(options.store ?? join(options.out, STORE));
    return [{ definitions: all[0]!, out: options.out, store, keys }];
  }
  expectDifferent(all.map(({ loaded, folder }) => ({ id: loaded.study.id, folder })));
  await expectFolder(options.store);
  return all.map((definitions) => {
    const { id } = definitions.loaded.study;
    const store = resolve(options.store ?? options.out, id, STORE);
    return { definitions, out: join(options.out, id), store, keys };
  });
}

/** Two of one id would share a folder, as would two that differ in case alone on some disks. */
function expectDifferent(studies: readonly { id: string; folder: string }[]): void {
  const known = new Map<string, string>();
  for (const { id, folder } of studies) {
    const before = known.get(id.toLowerCase());
    if (before !== undefined)
      throw new CannotStart(
        `${before} and ${folder} both have the study id ${id}: each needs an id of its own, since its folder is named by it. Nothing was screened.`,
      );
    if (/^\.*$/.test(id)) throw new CannotStart(`The study in ${folder} has an id that cannot name a folder: "${id}".`);
    known.set(id.toLowerCase(), folder);
  }
}

async function expectFolder(store: string | undefined): Promise<void> {
  if (store === undefined) return;
  const isFile = (await stat(store).catch(() => null))?.isFile() ?? /\.(sqlite|db)\d?$/i.test(store);
  if (!isFile) return;
  throw new CannotStart(
    `--store ${store} is one file, and each study has a store of its own: give a folder, in which each gets <study id>/${STORE}, or leave it out and they lie below --out. Nothing was screened.`,
  );
}
