import type { RegistryKeyring } from '../identity/registry-keys.ts';
import { type Agreement, isInForce } from './agreement.ts';
import { createLens, type Granted, type ReleaseLens } from './lens.ts';

export interface LensForParts {
  agreements: ReadonlyMap<string, Agreement>;
  keyring: RegistryKeyring;
  study: { id: string; timezone: string };
  /** What each subject has granted, as of the clock. */
  granted: ReadonlyMap<string, Granted>;
  /** The clock, milliseconds. */
  now: number;
}

/** Lenses for what stands at one moment; a registry without an agreement in force has none. */
export function createLensFor(parts: LensForParts): (registry: string) => ReleaseLens | null {
  const { agreements, keyring, study, granted, now } = parts;
  const lenses = new Map<string, ReleaseLens>();
  for (const agreement of agreements.values()) {
    if (!isInForce(agreement, now, study.timezone)) continue;
    const { registry } = agreement;
    lenses.set(registry, createLens({ agreement, keys: keyring.of(registry), study: study.id, granted, now }));
  }
  return (registry) => lenses.get(registry) ?? null;
}
