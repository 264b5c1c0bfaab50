import { mkdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { loadTargets } from '../delivery/load.ts';
import type { Target } from '../delivery/target.ts';
import { createShapeCheck } from '../fhir/shape/check.ts';
import { loadForms } from '../forms/load.ts';
import { checkFingerprints } from '../identity/fingerprint.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { openKeys } from '../identity/keys.ts';
import type { Gateway, ResearchDesk } from '../pipeline/gateway.ts';
import { createScreener } from '../screening/assess.ts';
import { functionBodies } from '../screening/functions/bodies.ts';
import type { SessionHolder } from '../screening/session.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { StoreRefusal } from '../store/sqlite/refusal.ts';
import type { Store } from '../store/store.ts';
import { type LoadedStudy, loadStudy } from '../study/load.ts';
import { OWN, SharedTerminology } from '../study/shared-terminology.ts';
import { loadSites, type Site } from '../study/site.ts';
import { CannotStart } from './exit.ts';
import { faultLines } from './fault-lines.ts';
import { studyFolder, TARGETS } from './place.ts';

export interface OpenOptions {
  study: string;
  sites: string;
  /** Folder of delivery targets; the project's own without one. */
  targets?: string | undefined;
  store: string;
  keys?: string | undefined;
}

/** The study and the sites of a command, checked; nothing is written yet. */
export interface Definitions {
  /** The study's folder: it may override maps and profiles. */
  folder: string;
  loaded: LoadedStudy;
  sites: ReadonlyMap<string, Site>;
  targets: readonly Target[];
  holder: SessionHolder;
}

/** Reads study and sites; whatever is wrong with them ends the command. */
export async function openDefinitions(options: Pick<OpenOptions, 'study' | 'sites' | 'targets'>): Promise<Definitions> {
  const [definitions] = await openAllDefinitions({ ...options, study: [options.study] });
  return definitions!;
}

/**
 * The same for several studies, which share sites and targets, terminology of the same content, and the functions of
 * their expressions, of which one at a time is carried out.
 */
export async function openAllDefinitions(
  options: Pick<OpenOptions, 'sites' | 'targets'> & { study: readonly string[] },
): Promise<Definitions[]> {
  const studies: Pick<Definitions, 'folder' | 'loaded' | 'holder'>[] = [];
  const holder: SessionHolder = { current: null };
  const bodies = functionBodies(holder);
  const terminology = options.study.length > 1 ? new SharedTerminology() : OWN;
  for (const given of options.study) {
    const folder = await studyFolder(given);
    const loaded = await loadStudy(folder, bodies, terminology);
    const which = options.study.length > 1 ? ` ${given}` : '';
    if (!loaded.ok) throw new CannotStart(`The study${which} has mistakes:\n${faultLines(loaded.faults)}`);
    studies.push({ folder, loaded: loaded.value, holder });
  }
  const sites = await openSites(options.sites);
  const targets = await openTargets(options.targets ?? TARGETS, sites);
  return studies.map((study) => ({ ...study, sites, targets }));
}

/** Reads the sites alone; whatever is wrong with them ends the command. */
export async function openSites(folder: string): Promise<ReadonlyMap<string, Site>> {
  const sites = await loadSites(resolve(folder)).catch(() => null);
  if (!sites) throw new CannotStart(`The folder of sites cannot be read: ${folder}`);
  if (!sites.ok) throw new CannotStart(`The sites have mistakes:\n${faultLines(sites.faults)}`);
  return sites.value;
}

/** Reads the delivery targets; whatever is wrong with them ends the command. No folder, no targets. */
export async function openTargets(folder: string, sites: ReadonlyMap<string, Site>): Promise<readonly Target[]> {
  const targets = await loadTargets(resolve(folder), new Set(sites.keys()));
  if (!targets.ok) throw new CannotStart(`The targets have mistakes:\n${faultLines(targets.faults)}`);
  return targets.value;
}

/** The site that was named; null when none was. */
export function namedSite({ sites }: Pick<Definitions, 'sites'>, id: string | undefined): Site | null {
  if (id === undefined) return null;
  const found = sites.get(id);
  if (!found) throw new CannotStart(`There is no site "${id}": known are ${[...sites.keys()].join(', ')}.`);
  return found;
}

/** Opens the store alone, made at first use; a file that is no store of ours ends the command. */
export async function openStore(file: string): Promise<Store> {
  await makeFolder(dirname(resolve(file)));
  return openSqliteStore(resolve(file)).catch((error: unknown) => {
    if (error instanceof StoreRefusal) throw new CannotStart(error.message);
    throw error;
  });
}

/** Who works at the command line, for the audit trail. */
export function commandActor(): string {
  return `cli:${userInfo().username}`;
}

/**
 * Opens store and keys, made at first use. A file that is no store of ours is refused before any key is made.
 * @param options `remember`: what was derived for research is remembered, since the same people are screened again
 */
export async function openGateway(
  { folder, loaded, sites, targets, holder }: Definitions,
  options: Pick<OpenOptions, 'store' | 'keys'> & { remember?: boolean },
): Promise<Gateway> {
  const store = await openStore(options.store);
  try {
    const keys = await openKeys(resolve(options.keys ?? `${options.store}.keys`), loaded.study.id);
    if (isKeyRefusal(keys)) throw new CannotStart(keys.message);
    const refusal = await store.withTransaction((tx) => checkFingerprints(tx, keys, [...sites.keys()]));
    if (refusal) throw new CannotStart(refusal.message);
    const { study, valueSets, textRules } = loaded;
    const forms = await loadForms(folder, study);
    if (!forms.ok) throw new CannotStart(`The forms have mistakes:\n${faultLines(forms.faults)}`);
    return {
      store,
      loaded,
      sites,
      targets,
      screener: createScreener({ study, valueSets, textRules }, holder),
      shape: createShapeCheck(),
      keys,
      forms: forms.value,
      research: researchDesk(folder, options.remember ?? false),
      clock: () => Date.now(),
      actor: commandActor(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens store and keys, runs, and closes the store whatever comes. */
export async function withGateway<T>(
  definitions: Definitions,
  options: Pick<OpenOptions, 'store' | 'keys'>,
  run: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  const gateway = await openGateway(definitions, options);
  try {
    return await run(gateway);
  } finally {
    await gateway.store.close();
  }
}

/** Ends a command that only looks at or works on what was taken in: a mistyped place must not become a new, empty store. */
export async function expectStore(given: string): Promise<void> {
  const store = resolve(given);
  if (!(await stat(store).catch(() => null)))
    throw new CannotStart(`There is no store ${store}: screen a feed first, or give --store.`);
}

/** Makes a folder; a file in its place, or a place that cannot be written, ends the command. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(() => {
    throw new CannotStart(`The folder ${path} cannot be made: give a place that can be written, and is no file.`);
  });
}

/** Maps and profiles, and the program for them, loaded once, when the first consenting person needs them. */
function researchDesk(folder: string, remember: boolean): () => Promise<ResearchDesk> {
  let desk: Promise<ResearchDesk> | null = null;
  return () => {
    desk ??= import('./research-desk.ts').then(({ loadResearchDesk }) => loadResearchDesk(folder, remember));
    return desk;
  };
}
