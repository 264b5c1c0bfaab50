import { dirname, join, resolve } from 'node:path';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { openRegistryKeyring } from '../identity/registry-keys.ts';
import { openReleaseKey } from '../identity/signing-key.ts';
import type { ReleaseDesk } from '../pipeline/release.ts';
import { tablesWriter } from '../pipeline/release-tables.ts';
import type { Agreement } from '../release/agreement.ts';
import { ndjsonWriter, type ReleaseWriter } from '../release/files.ts';
import { loadAgreements } from '../release/load.ts';
import type { Store } from '../store/store.ts';
import type { Study } from '../study/model.ts';
import { TABLE_FORMATS } from '../tables/input.ts';
import { loadTables } from '../tables/load.ts';
import { clockOf } from './clock.ts';
import { CannotStart } from './exit.ts';
import {
  commandActor,
  type Definitions,
  expectStore,
  faultLines,
  type OpenOptions,
  openDefinitions,
  openStore,
} from './open.ts';
import { HOME } from './place.ts';

/** What makes files of a release; mistakes in views or translations of tables end the command. */
async function releaseWriters(folder: string, study: Study): Promise<readonly ReleaseWriter[]> {
  const tables = await loadTables(HOME, folder, study);
  if (!tables.ok) throw new CannotStart(`The tables have mistakes:\n${faultLines(tables.faults)}`);
  return [ndjsonWriter, tablesWriter(tables.value)];
}

export interface ReleaseOptions extends OpenOptions {
  agreements: string;
  asOf?: string | undefined;
}

/** A desk with the agreements, and the clock of consents and legal bases. */
export interface OpenedDesk {
  desk: ReleaseDesk;
  agreements: ReadonlyMap<string, Agreement>;
  keyFolder: string;
  now: number;
}

/** Reads the agreements of a folder; whatever is wrong with them ends the command. */
export async function openAgreements(
  folder: string,
  { loaded, sites }: Pick<Definitions, 'loaded' | 'sites'>,
): Promise<ReadonlyMap<string, Agreement>> {
  const { purposes, criteria } = loaded.study;
  const known = { sites: [...sites.keys()], purposes, criteria, tables: TABLE_FORMATS };
  const agreements = await loadAgreements(resolve(folder), known);
  if (!agreements.ok) throw new CannotStart(`The agreements have mistakes:\n${faultLines(agreements.faults)}`);
  return agreements.value;
}

/** Opens what releases are made with, runs, and closes the store whatever comes. */
export async function withReleaseDesk<T>(options: ReleaseOptions, run: (opened: OpenedDesk) => Promise<T>): Promise<T> {
  const definitions = await openDefinitions(options);
  const { study } = definitions.loaded;
  const writers = await releaseWriters(definitions.folder, study);
  const agreements = await openAgreements(options.agreements, definitions);
  const now = clockOf(options.asOf, study.timezone, Date.now());
  await expectStore(options.store);
  const store = await openStore(options.store);
  try {
    const keyFolder = resolve(options.keys ?? `${options.store}.keys`);
    return await run({ desk: await deskOf(store, study, keyFolder, writers), agreements, keyFolder, now });
  } finally {
    await store.close();
  }
}

async function deskOf(
  store: Store,
  study: Study,
  keyFolder: string,
  writers: readonly ReleaseWriter[],
): Promise<ReleaseDesk> {
  const keyring = await store.withTransaction((tx) => openRegistryKeyring(keyFolder, study.id, tx));
  if (isKeyRefusal(keyring)) throw new CannotStart(keyring.message);
  const signingKey = await openReleaseKey(keyFolder);
  if (isKeyRefusal(signingKey)) throw new CannotStart(signingKey.message);
  const clock = () => Date.now();
  return { store, study, keyring, signingKey, writers, clock, actor: commandActor() };
}

/** The agreement that was named. */
export function agreementOf({ agreements }: Pick<OpenedDesk, 'agreements'>, id: string): Agreement {
  const found = agreements.get(id);
  if (found) return found;
  const known = [...agreements.keys()].join(', ') || 'none';
  throw new CannotStart(`There is no agreement "${id}": known are ${known}. --agreements names their folder.`);
}

/** Folders of one release: the one that is made, and the draft that is renamed when it is whole. */
export function foldersOf(out: string, release: string): { folder: string; draft: string } {
  const folder = join(resolve(out), release);
  return { folder, draft: join(dirname(folder), `.${release}.draft`) };
}
