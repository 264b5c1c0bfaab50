import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Auth } from '../auth/service.ts';
import type { Area } from '../http/app.ts';
import { fhirArea } from '../http/fhir/area.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { openRegistryKeyring } from '../identity/registry-keys.ts';
import { startExports } from '../jobs/exports.ts';
import { createLensDesk } from '../pipeline/lens-desk.ts';
import { createExportDesk } from '../registry/export/desk.ts';
import type { Agreement } from '../release/agreement.ts';
import { CannotStart } from './exit.ts';
import type { Wiring } from './wiring.ts';

/** Finished exports are kept for a day. */
const KEPT_MILLISECONDS = 86_400_000;

/** What registries may reach: `/fhir` and its exports, through the lens of their agreement; default deny. */
export interface RegistrySide {
  area(auth: Auth, publicUrl: string, since: string): Area;
  stop(): Promise<void>;
}

/** Opens the keys of registries and reads what people have granted; nobody without an agreement sees anything. */
export async function registrySide(
  { gateway, settings, rates }: Pick<Wiring, 'gateway' | 'settings' | 'rates'>,
  agreements: ReadonlyMap<string, Agreement>,
  keyFolder: string,
  failed: (error: unknown) => void,
): Promise<RegistrySide> {
  const { store, clock, loaded, sites } = gateway;
  const { study } = loaded;
  const keyring = await store.withTransaction((tx) => openRegistryKeyring(keyFolder, study.id, tx));
  if (isKeyRefusal(keyring)) throw new CannotStart(keyring.message);
  const folder = resolve(`${settings.store}.exports`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { refresh, lensFor, lensAt } = createLensDesk({ store, agreements, keyring, study, clock });
  await refresh();
  let stop = async () => {};

  return {
    stop: () => stop(),
    area(auth, publicUrl, since) {
      const desk = {
        store,
        clock,
        study: { id: study.id, title: study.title, arms: study.arms, timezone: study.timezone },
        sites: [...sites.keys()],
        base: `${publicUrl}/fhir`,
      };
      const exports = startExports({ desk, refresh, lensFor, lensAt, folder, keep: KEPT_MILLISECONDS, failed });
      stop = () => exports.stop();
      const exportDesk = createExportDesk({
        desk,
        folder,
        lensAt,
        newId: randomUUID,
        wake: () => exports.wake(),
        cancel: (id) => exports.cancel(id),
      });
      return fhirArea({ auth, rates, desk, lensFor, refresh, exports: exportDesk, limits: settings, since });
    },
  };
}
