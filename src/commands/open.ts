import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { createShapeCheck } from '../fhir/shape/check.ts';
import { checkFingerprints } from '../identity/fingerprint.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { openKeys } from '../identity/keys.ts';
import type { Gateway } from '../pipeline/gateway.ts';
import { createScreener } from '../screening/assess.ts';
import { functionBodies } from '../screening/functions/bodies.ts';
import type { SessionHolder } from '../screening/session.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { StoreRefusal } from '../store/sqlite/refusal.ts';
import type { StudyFault } from '../study/fault.ts';
import { loadStudy } from '../study/load.ts';
import { loadSites } from '../study/site.ts';
import { CannotStart } from './exit.ts';
import { studyFolder } from './place.ts';

export interface OpenOptions {
  study: string;
  sites: string;
  store: string;
  keys?: string | undefined;
}

/** Opens everything the write path is made of; whatever is wrong ends the command before anything is written. */
export async function openGateway(options: OpenOptions): Promise<Gateway> {
  const holder: SessionHolder = { current: null };
  const loaded = await loadStudy(await studyFolder(options.study), functionBodies(holder));
  if (!loaded.ok) throw new CannotStart(`The study has mistakes:\n${faultLines(loaded.faults)}`);
  const sites = await loadSites(resolve(options.sites)).catch(() => null);
  if (!sites) throw new CannotStart(`The folder of sites cannot be read: ${options.sites}`);
  if (!sites.ok) throw new CannotStart(`The sites have mistakes:\n${faultLines(sites.faults)}`);
  const keys = await openKeys(resolve(options.keys ?? `${options.store}.keys`), loaded.value.study.id);
  if (isKeyRefusal(keys)) throw new CannotStart(keys.message);
  await mkdir(dirname(resolve(options.store)), { recursive: true });
  const store = await openSqliteStore(resolve(options.store)).catch((error: unknown) => {
    if (error instanceof StoreRefusal) throw new CannotStart(error.message);
    throw error;
  });
  const refusal = await store.withTransaction((tx) => checkFingerprints(tx, keys, [...sites.value.keys()]));
  if (refusal) {
    await store.close();
    throw new CannotStart(refusal.message);
  }
  const { study, valueSets, textRules } = loaded.value;
  return {
    store,
    loaded: loaded.value,
    sites: sites.value,
    screener: createScreener({ study, valueSets, textRules }, holder),
    shape: createShapeCheck(),
    keys,
    clock: () => Date.now(),
    actor: `cli:${userInfo().username}`,
  };
}

/** One line a fault: `file:line path: message`. */
export function faultLines(faults: readonly StudyFault[]): string {
  return faults
    .map(
      ({ file, line, path, message }) =>
        `${file}${line === null ? '' : `:${line}`}${path ? ` ${path}` : ''}: ${message}`,
    )
    .join('\n');
}
