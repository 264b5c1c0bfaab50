import type { VersionRank } from './store.ts';

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Orders two versions of one resource: negative when `a` is the older, positive when it is the newer, 0 when they
 * are the same version. Undated stands below dated, then no number below a number, then the number, then the hash
 * as text. A total order, so the newest version does not depend on the order of arrival.
 */
export function compareRank(a: VersionRank, b: VersionRank): number {
  if (a.at !== b.at) {
    if (a.at === null) return -1;
    if (b.at === null) return 1;
    return compareText(a.at, b.at);
  }
  if (a.number !== b.number) {
    if (a.number === null) return -1;
    if (b.number === null) return 1;
    return a.number < b.number ? -1 : 1;
  }
  return compareText(a.hash, b.hash);
}

/**
 * The rank of a version that says nothing of its order and was sent to be the current one (R4, http.html#update), or of
 * a deletion: right after what stands, unless it has a moment of its own. The same content again is the same version.
 */
export function rankAfter(rank: VersionRank, stands: VersionRank): VersionRank {
  if (rank.at !== null && rank.at !== stands.at) return rank;
  return rank.hash === stands.hash ? stands : { ...rank, at: stands.at, number: (stands.number ?? 0) + 1 };
}
