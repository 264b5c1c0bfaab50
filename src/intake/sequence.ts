/** How far the notifications of one subscription have come. */
export interface Progress {
  status: string | null;
  /** Number of the last event accounted for; null when none was numbered. */
  lastEvent: number | null;
  /** Instant (ISO 8601, UTC) up to which nothing is missing, or what is missing is being searched for. */
  goodAt: string;
  gaps: number;
}

/** What one notification says of the counting. */
export interface Counted {
  handshake: boolean;
  status: string | null;
  /** eventsSinceSubscriptionStart */
  total: number | null;
  /** Numbers of the events it brings. */
  numbers: readonly number[];
  /** Something changed, and it does not say what. */
  blind: boolean;
  /** When the server made it (ms), at most the moment it arrived. */
  at: number;
}

/**
 * Counts one notification in (Subscriptions R5 Backport 1.1, "Errors": a client notices missed events by
 * eventsSinceSubscriptionStart). A subscription that is not known begins with its first notification: what was before
 * is taken in by an export. A handshake that counts otherwise than we do means that deliveries were interrupted.
 * @returns the new progress, and from which moment on everything has to be searched (null when nothing has)
 */
export function countIn(known: Progress | null, one: Counted): { progress: Progress; missingSince: string | null } {
  const at = new Date(one.at).toISOString();
  const total = one.total === null && one.numbers.length === 0 ? null : Math.max(one.total ?? 0, ...one.numbers);
  if (!known) {
    const progress = { status: one.status, lastEvent: total, goodAt: at, gaps: 0 };
    return { progress, missingSince: one.blind ? at : null };
  }
  const { lastEvent } = known;
  const ahead = total === null || lastEvent === null ? 0 : total - lastEvent;
  const interrupted = one.handshake && ahead !== 0;
  const brought = new Set(one.numbers.filter((number) => lastEvent === null || number > lastEvent));
  const gap = interrupted || ahead > brought.size;
  // Late or sent twice: it tells nothing new of the counting.
  const late = ahead < 0 && !interrupted;
  const uncounted = total === null && lastEvent !== null && !one.blind;
  return {
    progress: {
      status: one.status ?? known.status,
      lastEvent: late ? lastEvent : (total ?? lastEvent),
      goodAt: late || uncounted || at < known.goodAt ? known.goodAt : at,
      gaps: known.gaps + (gap ? 1 : 0),
    },
    missingSince: gap || one.blind ? (at < known.goodAt ? at : known.goodAt) : null,
  };
}
