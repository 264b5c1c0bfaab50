import { type Random, seededRandom } from './random.ts';
import { type FeedSite, SITES, type SiteId } from './sites.ts';

/** One synthetic person at one hospital, with the counters that give their resources ids and times. */
export interface FeedContext {
  site: FeedSite;
  /** Number of the person at the site; stands in every id. */
  number: number;
  /** Id of the person's Patient, e.g. `ya-p-000001`. */
  patientId: string;
  random: Random;
  /** Next id of a kind of resource (`c` Condition, `o` Observation …), e.g. `ya-c-000001-2`. */
  id(kind: string): string;
  /** Next `meta.lastUpdated`: 2025-05-29 in Shanghai, one second after the one before. */
  stamp(): string;
}

/** `feedContext('ya', 1)` is the first person of YouAn; the same arguments always give the same person. */
export function feedContext(site: SiteId, number: number, seed = 'feed'): FeedContext {
  const padded = String(number).padStart(6, '0');
  const counters = new Map<string, number>();
  let seconds = 0;
  return {
    site: SITES[site],
    number,
    patientId: `${site}-p-${padded}`,
    random: seededRandom(`${seed}/${site}/${padded}`),
    id(kind) {
      const next = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, next);
      return `${site}-${kind}-${padded}-${next}`;
    },
    stamp() {
      seconds += 1;
      const minute = String(Math.floor(seconds / 60) % 60).padStart(2, '0');
      return `2025-05-29T08:${minute}:${String(seconds % 60).padStart(2, '0')}.000+08:00`;
    },
  };
}

/** The same person under another Patient id (a duplicate registration), sharing all counters. */
export function duplicateRegistration(ctx: FeedContext, suffix: string): FeedContext {
  return { ...ctx, patientId: `${ctx.patientId}-${suffix}` };
}
