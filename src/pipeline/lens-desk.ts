import type { RegistryKeyring } from '../identity/registry-keys.ts';
import { type Agreement, purposesOf } from '../release/agreement.ts';
import { createLens, type EarlierLens, type Granted, type LensFor } from '../release/lens.ts';
import { createLensFor } from '../release/lens-for.ts';
import type { Store } from '../store/store.ts';
import { readGranted, readGrantedAt } from './granted.ts';

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
  /**
   * What a registry might see at an instant (ISO 8601, UTC), by what people had granted then and what is agreed now.
   * Null where no agreement is in force now.
   */
  lensAt(registry: string, at: string): Promise<EarlierLens | null>;
}

export function createLensDesk({ store, clock, ...parts }: LensDeskParts): LensDesk {
  let current: {
    lensFor: ReturnType<typeof createLensFor>;
    granted: ReadonlyMap<string, Granted>;
    now: number;
  } | null = null;
  return {
    async refresh() {
      const granted = await store.read(readGranted);
      const now = clock();
      current = { lensFor: createLensFor({ ...parts, granted, now }), granted, now };
    },
    lensFor: (registry) => current?.lensFor(registry) ?? null,
    async lensAt(registry, at) {
      const lens = current?.lensFor(registry);
      if (!current || !lens) return null;
      const before = { granted: await store.read((tx) => readGrantedAt(tx, at)), now: Date.parse(at) };
      const { agreement } = lens;
      const named = purposesOf(agreement);
      const [regranted, lost]: [string[], string[]] = [[], []];
      for (const subject of current.granted.keys()) {
        const [then, present] = [heldBy(before, subject, named), heldBy(current, subject, named)];
        const isLess = then.some((purpose) => !present.includes(purpose));
        if (isLess || then.length !== present.length) regranted.push(subject);
        if (isLess) lost.push(subject);
      }
      const keys = parts.keyring.of(registry);
      return { lens: createLens({ agreement, keys, study: parts.study.id, ...before }), regranted, lost };
    },
  };
}

/** Those of some purposes that a subject holds at a moment. */
function heldBy(
  { granted, now }: { granted: ReadonlyMap<string, Granted>; now: number },
  subject: string,
  named: ReadonlySet<string>,
): string[] {
  const until = granted.get(subject);
  return [...named].filter((purpose) => (until?.get(purpose) ?? -Infinity) > now);
}
