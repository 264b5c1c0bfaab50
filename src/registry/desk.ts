import type { Store } from '../store/store.ts';

/** What the research API and its exports are made of. */
export interface RegistryDesk {
  store: Pick<Store, 'read' | 'settled' | 'withTransaction'>;
  /** Milliseconds since 1970. */
  clock: () => number;
  study: { id: string; title: string; arms: readonly string[]; timezone: string };
  /** Ids of the sites. */
  sites: readonly string[];
  /** URL of the research API, without a slash at the end. */
  base: string;
}

/** As `lastUpdated` is written: text order is time order. */
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
