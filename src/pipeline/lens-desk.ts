import type { RegistryKeyring } from '../identity/registry-keys.ts';
import type { Agreement } from '../release/agreement.ts';
import type { LensFor } from '../release/lens.ts';
import { createLensFor } from '../release/lens-for.ts';
import type { Store } from '../store/store.ts';
import { readGranted } from './granted.ts';

export interface LensDeskParts {
  store: Pick<Store, 'read'>;
  agreements: ReadonlyMap<string, Agreement>;
  keyring: RegistryKeyring;
  study: { id: string; timezone: string };
  clock: () => number;
}

/** Lenses for the service, where consents and agreements change while it runs. */
export interface LensDesk {
  /** Reads the clock and who has granted what: to be awaited before each request, and once before an export. */
  refresh(): Promise<void>;
  /** Lenses for the moment of the last refresh; none before the first. */
  lensFor: LensFor;
}

export function createLensDesk({ store, clock, ...parts }: LensDeskParts): LensDesk {
  let current: LensFor = () => null;
  return {
    async refresh() {
      const granted = await store.read(readGranted);
      current = createLensFor({ ...parts, granted, now: clock() });
    },
    lensFor: (registry) => current(registry),
  };
}
